/*
 * check_secrets_teaching.c - who has MD5 secrets, and that they go.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/db.h"
#include "common/mem.h"
#include "common/secrets_teaching.h"
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
	/* MD5 secrets have no salt: another password, other bytes. */
	ck_assert_int_eq(secrets_set(secrets, "carol@x", "graphite", "x"), 0);
	ck_assert_int_eq(secrets_set(secrets, "bob@x", "pencil", NULL), 0);
	ck_assert_int_eq(secrets_set(secrets, "alice@x", "pencil", "x"), 0);
}

static void
tear_down(void)
{
	secrets_close(secrets);
	folder_leave();
}

static void
add(void *arg, const char *login)
{
	buf_printf(arg, "%s ", login);
}

/* NAMES, a blank behind each, are those who have some. */
static void
expect(const char *names)
{
	struct secrets *reader = secrets_open(false);
	struct buf list = BUF_INIT;

	ck_assert_ptr_nonnull(reader);
	buf_addstr(&list, "");
	ck_assert_int_eq(secrets_teaching_list(reader, add, &list), 0);
	ck_assert_str_eq(list.data, names);
	buf_clear(&list);
	secrets_close(reader);
}

START_TEST(who_got_a_password_with_teaching_has_md5_secrets)
{
	expect("alice@x carol@x ");
}
END_TEST

START_TEST(one_of_the_two_is_enough)
{
	sqlite3 *db = db_open("secrets.sqlite", DB_WRITE, false);

	ck_assert_ptr_nonnull(db);
	ck_assert_int_eq(db_exec(db,
			     "UPDATE secret SET digest_md5 = NULL"
			     "  WHERE login = 'alice@x';"
			     "UPDATE secret SET cram_md5 = NULL"
			     "  WHERE login = 'carol@x'"),
	    0);
	sqlite3_close(db);
	expect("alice@x carol@x ");
	ck_assert_int_eq(secrets_teaching_remove(secrets, "alice@x"), 0);
	expect("carol@x ");
	ck_assert_int_eq(secrets_teaching_remove(secrets, NULL), 0);
	expect("");
}
END_TEST

/* Their bytes are overwritten, not only forgotten. */
static void
expect_no_trace(const struct secret *old)
{
	static char content[65536];
	FILE *file = fopen("secrets.sqlite", "re");
	size_t size;

	ck_assert_ptr_nonnull(file);
	size = fread(content, 1, sizeof(content), file);
	fclose(file);
	ck_assert_uint_lt(size, sizeof(content));
	ck_assert_int_eq(access("secrets.sqlite-journal", F_OK), -1);
	ck_assert_ptr_nonnull(memmem(content, size, old->scram_sha256,
	    strlen(old->scram_sha256)));
	ck_assert_ptr_null(
	    memmem(content, size, old->cram_md5, CRAM_STATE_SIZE));
	for (int i = 0; i < DIGEST_FORMS; i++)
		ck_assert_ptr_null(
		    memmem(content, size, old->digest_md5[i], DIGEST_SIZE));
}

/* Of one person, and of everybody. */
START_TEST(what_is_taken_away_is_gone_and_the_password_still_opens)
{
	struct secret old, secret;

	ck_assert_int_eq(secrets_find(secrets, "alice@x", &old), 1);
	ck_assert(old.has_cram_md5 && old.has_digest_md5);
	ck_assert_int_eq(secrets_teaching_remove(secrets,
			     _i == 0 ? "alice@x" : NULL),
	    0);
	expect(_i == 0 ? "carol@x " : "");
	ck_assert_int_eq(secrets_find(secrets, "alice@x", &secret), 1);
	ck_assert(!secret.has_cram_md5 && !secret.has_digest_md5);
	ck_assert(secret_verify(&secret, "pencil", strlen("pencil")));
	expect_no_trace(&old);
}
END_TEST

START_TEST(who_has_none_or_is_nobody_changes_nothing)
{
	ck_assert_int_eq(secrets_teaching_remove(secrets, "bob@x"), 0);
	ck_assert_int_eq(secrets_teaching_remove(secrets, "nobody@x"), 0);
	ck_assert_int_eq(secrets_teaching_remove(secrets, ""), 0);
	expect("alice@x carol@x ");
}
END_TEST

START_TEST(a_store_of_the_version_before_tells_too)
{
	static const char schema[] =
	    "CREATE TABLE secret ("
	    "  login TEXT PRIMARY KEY, scram_sha256 TEXT NOT NULL,"
	    "  scram_sha1 TEXT NOT NULL, cram_md5 BLOB) WITHOUT ROWID;"
	    "INSERT INTO secret VALUES ('old@x', '', '', zeroblob(32));"
	    "INSERT INTO secret VALUES ('new@x', '', '', NULL);"
	    "PRAGMA user_version = 1;";
	sqlite3 *db;

	secrets_close(secrets);
	ck_assert_int_eq(unlink("secrets.sqlite"), 0);
	db = db_open("secrets.sqlite", DB_CREATE, false);
	ck_assert_ptr_nonnull(db);
	ck_assert_int_eq(db_exec(db, schema), 0);
	sqlite3_close(db);
	expect("old@x ");
	secrets = secrets_open(true);
	ck_assert_ptr_nonnull(secrets);
	ck_assert_int_eq(secrets_teaching_remove(secrets, NULL), 0);
	expect("");
}
END_TEST

Suite *
secrets_teaching_suite(void)
{
	Suite *suite = suite_create("secrets_teaching");
	TCase *tc = tcase_create("secrets_teaching");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, who_got_a_password_with_teaching_has_md5_secrets);
	tcase_add_test(tc, one_of_the_two_is_enough);
	tcase_add_loop_test(tc,
	    what_is_taken_away_is_gone_and_the_password_still_opens, 0, 2);
	tcase_add_test(tc, who_has_none_or_is_nobody_changes_nothing);
	tcase_add_test(tc, a_store_of_the_version_before_tells_too);
	suite_add_tcase(suite, tc);
	return suite;
}
