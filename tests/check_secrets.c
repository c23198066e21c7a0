/*
 * check_secrets.c - what passwords become, and where that is kept.
 *
 * The expected values are of the RFCs.  The secrets of the MD5 mechanisms are
 * in check_secrets_md5.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/db.h"
#include "common/mem.h"
#include "common/secrets.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static struct secrets *secrets;

static void
set_up(void)
{
	folder_enter();
	ck_assert_int_eq(secrets_create(), 0);
	secrets = secrets_open(true);
	ck_assert_ptr_nonnull(secrets);
}

static void
tear_down(void)
{
	secrets_close(secrets);
	folder_leave();
}

static bool
is_password(const struct secret *secret, const char *password)
{
	return secret_verify(secret, password, strlen(password));
}

START_TEST(the_password_of_rfc_7677_is_known)
{
	/* Salt of its example; the keys follow from it and "pencil". */
	static const struct secret secret = {
		.scram_sha256 = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
				"WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
				":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
	};

	ck_assert(is_password(&secret, "pencil"));
	ck_assert(!is_password(&secret, "Pencil"));
	ck_assert(!is_password(&secret, ""));
	ck_assert(!secret_verify(&secret, "pencil\0", 7));
}
END_TEST

/* Passwords people may have. */
static const char *const passwords[] = {
	"12345pass",
	"a",
	"with a blank ",
	"\xc3\xbc\xe2\x82\xac",
	"\xfc latin-1",
	"tab\there",
	("0123456789012345678901234567890123456789012345678901234567890123456789"
	 "0123456789012345678901234567890123456789012345678901234567890123456789"),
};

START_TEST(a_stored_password_is_the_only_one_that_opens)
{
	const char *password = passwords[_i];
	struct secret secret;
	char other[200];

	ck_assert_int_eq(secrets_set(secrets, "alice@x", password, NULL), 0);
	ck_assert_int_eq(secrets_find(secrets, "alice@x", &secret), 1);
	ck_assert(is_password(&secret, password));
	snprintf(other, sizeof(other), "%sx", password);
	ck_assert(!is_password(&secret, other));
	snprintf(other, sizeof(other), "%s", password);
	other[strlen(other) - 1] ^= 1;
	ck_assert(!is_password(&secret, other));
	ck_assert(!is_password(NULL, password));
}
END_TEST

START_TEST(composed_and_decomposed_letters_are_the_same)
{
	struct secret secret;

	/* RFC 8265 4.2.2: normalization form C. */
	ck_assert_int_eq(secret_derive("alice@x", "M\xc3\xbcller", NULL,
			     &secret),
	    0);
	ck_assert(is_password(&secret, "Mu\xcc\x88ller"));
}
END_TEST

START_TEST(a_damaged_secret_opens_for_nobody)
{
	static const char *const texts[] = { "", "SCRAM-SHA-256$",
		"SCRAM-SHA-256$4096:$:", "SCRAM-SHA-256$0:AAAA$AAAA:AAAA",
		"SCRAM-SHA-256$4096:!!!!$AAAA:AAAA",
		"SCRAM-SHA-256$4096:AAAA$AAAA:AAAA",
		"SCRAM-SHA-1$4096:AAAA$AAAA:AAAA" };
	struct secret secret = { .scram_sha256 = "" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		strcpy(secret.scram_sha256, texts[i]);
		ck_assert(!is_password(&secret, ""));
		ck_assert(!is_password(&secret, "pencil"));
	}
}
END_TEST

START_TEST(each_secret_has_its_own_salt)
{
	struct secret a;
	struct secret b;

	ck_assert_int_eq(secret_derive("alice@x", "pencil", NULL, &a), 0);
	ck_assert_int_eq(secret_derive("alice@x", "pencil", NULL, &b), 0);
	ck_assert_str_ne(a.scram_sha256, b.scram_sha256);
	ck_assert_int_eq(strncmp(a.scram_sha256, "SCRAM-SHA-256$4096:", 19), 0);
	ck_assert_int_eq(strncmp(a.scram_sha1, "SCRAM-SHA-1$4096:", 17), 0);
	/* 16 bytes of salt are 24 in base64 (RFC 5802 5.1 asks for enough). */
	ck_assert_int_eq(a.scram_sha256[19 + 24], '$');
	ck_assert_int_eq(a.scram_sha1[17 + 24], '$');
}
END_TEST

START_TEST(md5_is_kept_only_for_teaching)
{
	struct secret secret;

	secrets_set(secrets, "alice@x", "pencil", "x");
	ck_assert_int_eq(secrets_find(secrets, "alice@x", &secret), 1);
	ck_assert(secret.has_cram_md5);
	ck_assert(secret.has_digest_md5);
	/* A new password without teaching takes the old state away. */
	secrets_set(secrets, "alice@x", "pencil", NULL);
	ck_assert_int_eq(secrets_find(secrets, "alice@x", &secret), 1);
	ck_assert(!secret.has_cram_md5);
	ck_assert(!secret.has_digest_md5);
}
END_TEST

START_TEST(who_is_not_there_is_not_found)
{
	struct secret secret;

	ck_assert_int_eq(secrets_find(secrets, "alice@x", &secret), 0);
	secrets_set(secrets, "alice@x", "pencil", NULL);
	ck_assert_int_eq(secrets_find(secrets, "alice", &secret), 0);
	ck_assert_int_eq(secrets_delete(secrets, "alice@x"), 0);
	ck_assert_int_eq(secrets_find(secrets, "alice@x", &secret), 0);
}
END_TEST

START_TEST(a_running_reader_sees_a_new_password)
{
	struct secrets *reader = secrets_open(false);
	struct secret secret;

	ck_assert_int_eq(secrets_find(reader, "alice@x", &secret), 0);
	secrets_set(secrets, "alice@x", "pencil", NULL);
	ck_assert_int_eq(secrets_find(reader, "alice@x", &secret), 1);
	ck_assert_int_eq(secrets_set(reader, "alice@x", "x", NULL), -1);
	secrets_close(reader);
}
END_TEST

/* All of the store; its journal is gone after each change. */
static size_t
read_file(char *content, size_t size)
{
	FILE *file = fopen("secrets.sqlite", "re");
	size_t n;

	ck_assert_ptr_nonnull(file);
	n = fread(content, 1, size, file);
	fclose(file);
	ck_assert_int_eq(access("secrets.sqlite-journal", F_OK), -1);
	return n;
}

START_TEST(the_file_holds_no_clear_password_and_is_private)
{
	static char content[65536];
	size_t size;
	struct stat st;

	secrets_set(secrets, "alice@x", "hunter2hunter2", _i == 0 ? "x" : NULL);
	ck_assert_int_eq(stat("secrets.sqlite", &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	size = read_file(content, sizeof(content));
	ck_assert_ptr_nonnull(memmem(content, size, "alice@x", 7));
	ck_assert_ptr_null(memmem(content, size, "hunter2", 7));
}
END_TEST

START_TEST(nothing_of_an_old_password_stays_in_the_file)
{
	static char content[65536];
	struct secret old;
	size_t size;

	secrets_set(secrets, "alice@x", "first", "x");
	ck_assert_int_eq(secrets_find(secrets, "alice@x", &old), 1);
	size = read_file(content, sizeof(content));
	ck_assert_ptr_nonnull(memmem(content, size, old.cram_md5, 32));
	ck_assert_ptr_nonnull(
	    memmem(content, size, old.digest_md5, sizeof(old.digest_md5)));
	if (_i == 0)
		secrets_set(secrets, "alice@x", "second", NULL);
	else
		secrets_delete(secrets, "alice@x");
	size = read_file(content, sizeof(content));
	ck_assert_ptr_null(memmem(content, size, old.cram_md5, 32));
	for (int i = 0; i < DIGEST_FORMS; i++)
		ck_assert_ptr_null(
		    memmem(content, size, old.digest_md5[i], DIGEST_SIZE));
	ck_assert_ptr_null(
	    memmem(content, size, strrchr(old.scram_sha256, '$'), 40));
	ck_assert_ptr_null(
	    memmem(content, size, strrchr(old.scram_sha1, '$'), 25));
}
END_TEST

/* As the version before this one made it. */
static void
make_earlier_store(void)
{
	static const char schema[] =
	    "CREATE TABLE secret ("
	    "  login TEXT PRIMARY KEY, scram_sha256 TEXT NOT NULL,"
	    "  scram_sha1 TEXT NOT NULL, cram_md5 BLOB) WITHOUT ROWID;"
	    "CREATE TABLE salt (key BLOB NOT NULL);"
	    "INSERT INTO salt VALUES (randomblob(32));"
	    "INSERT INTO secret VALUES ('old@x', 'SCRAM-SHA-256$4096:"
	    "W22ZaJ0SNY7soEsUEjb6gQ==$"
	    "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
	    ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',"
	    "'', zeroblob(32));"
	    "PRAGMA user_version = 1;";
	sqlite3 *db;

	ck_assert_int_eq(unlink("secrets.sqlite"), 0);
	db = db_open("secrets.sqlite", DB_CREATE, false);
	ck_assert_ptr_nonnull(db);
	ck_assert_int_eq(db_exec(db, schema), 0);
	sqlite3_close(db);
}

START_TEST(a_store_of_the_version_before_is_read_and_brought_up_to_date)
{
	struct secret secret;
	struct secrets *reader;

	secrets_close(secrets);
	make_earlier_store();
	reader = secrets_open(false);
	ck_assert_ptr_nonnull(reader);
	ck_assert_int_eq(secrets_find(reader, "old@x", &secret), 1);
	ck_assert(is_password(&secret, "pencil"));
	ck_assert(secret.has_cram_md5);
	ck_assert(!secret.has_digest_md5);
	secrets = secrets_open(true);
	ck_assert_ptr_nonnull(secrets);
	ck_assert_int_eq(secrets_set(secrets, "new@x", "pencil", "x"), 0);
	for (int i = 0; i < 2; i++) {
		struct secrets *s = i == 0 ? reader : secrets;

		ck_assert_int_eq(secrets_find(s, "old@x", &secret), 1);
		ck_assert(is_password(&secret, "pencil"));
		ck_assert(!secret.has_digest_md5);
		ck_assert_int_eq(secrets_find(s, "new@x", &secret), 1);
		ck_assert(secret.has_digest_md5);
	}
	secrets_close(reader);
}
END_TEST

/* Two forms of the name, and no more, as they once were kept. */
START_TEST(digests_of_the_version_before_are_those_they_are)
{
	struct secret old, secret;
	sqlite3 *db;

	ck_assert_int_eq(secrets_set(secrets, "alice@x", "pencil", "x"), 0);
	ck_assert_int_eq(secrets_find(secrets, "alice@x", &old), 1);
	ck_assert_int_eq(old.digest_forms, DIGEST_FORMS);
	db = db_open("secrets.sqlite", DB_WRITE, false);
	ck_assert_ptr_nonnull(db);
	ck_assert_int_eq(db_exec(db,
			     "UPDATE secret SET digest_md5 = "
			     "substr(digest_md5, 1, 32)"),
	    0);
	sqlite3_close(db);
	ck_assert_int_eq(secrets_find(secrets, "alice@x", &secret), 1);
	ck_assert(secret.has_digest_md5);
	ck_assert_int_eq(secret.digest_forms, 2);
	ck_assert_mem_eq(secret.digest_md5, old.digest_md5, 32);
}
END_TEST

Suite *
secrets_suite(void)
{
	Suite *suite = suite_create("secrets");
	TCase *tc = tcase_create("secrets");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, digests_of_the_version_before_are_those_they_are);
	tcase_add_test(tc, the_password_of_rfc_7677_is_known);
	tcase_add_loop_test(tc, a_stored_password_is_the_only_one_that_opens, 0,
	    COUNT(passwords));
	tcase_add_test(tc, composed_and_decomposed_letters_are_the_same);
	tcase_add_test(tc, a_damaged_secret_opens_for_nobody);
	tcase_add_test(tc, each_secret_has_its_own_salt);
	tcase_add_test(tc, md5_is_kept_only_for_teaching);
	tcase_add_test(tc, who_is_not_there_is_not_found);
	tcase_add_test(tc, a_running_reader_sees_a_new_password);
	tcase_add_loop_test(tc, the_file_holds_no_clear_password_and_is_private,
	    0, 2);
	tcase_add_loop_test(tc, nothing_of_an_old_password_stays_in_the_file, 0,
	    2);
	tcase_add_test(tc,
	    a_store_of_the_version_before_is_read_and_brought_up_to_date);
	suite_add_tcase(suite, tc);
	return suite;
}
