/*
 * check_secrets.c - what passwords become.
 *
 * The expected values are of the RFCs and of Cyrus SASL, which will read what
 * we store: its own hmac_md5_precalc() is asked.
 */
#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

	ck_assert_int_eq(secrets_set(secrets, "alice@x", password, false), 0);
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
	ck_assert_int_eq(secret_derive("M\xc3\xbcller", false, &secret), 0);
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

	ck_assert_int_eq(secret_derive("pencil", false, &a), 0);
	ck_assert_int_eq(secret_derive("pencil", false, &b), 0);
	ck_assert_str_ne(a.scram_sha256, b.scram_sha256);
	ck_assert_int_eq(strncmp(a.scram_sha256, "SCRAM-SHA-256$4096:", 19), 0);
	ck_assert_int_eq(strncmp(a.scram_sha1, "SCRAM-SHA-1$4096:", 17), 0);
	/* 16 bytes of salt are 24 in base64 (RFC 5802 5.1 asks for enough). */
	ck_assert_int_eq(a.scram_sha256[19 + 24], '$');
	ck_assert_int_eq(a.scram_sha1[17 + 24], '$');
}
END_TEST

/* Cyrus SASL's own functions, as a plugin is given them. */
static const sasl_utils_t *cyrus;

static int
take_utils(const sasl_utils_t *utils, int max_version, int *version,
    sasl_auxprop_plug_t **plugin, const char *name)
{
	(void)max_version;
	(void)version;
	(void)plugin;
	(void)name;
	cyrus = utils;
	return SASL_NOMECH;
}

START_TEST(the_cram_md5_state_is_what_cyrus_sasl_would_make)
{
	const char *password = passwords[_i];
	struct secret secret;
	HMAC_MD5_STATE state;

	sasl_set_path(SASL_PATH_TYPE_PLUGIN, (char[]){ "." });
	ck_assert_int_eq(sasl_server_init(NULL, "check"), SASL_OK);
	sasl_auxprop_add_plugin("take_utils", take_utils);
	ck_assert_ptr_nonnull(cyrus);
	cyrus->hmac_md5_precalc(&state, (const unsigned char *)password,
	    (int)strlen(password));

	ck_assert_int_eq(secret_derive(password, true, &secret), 0);
	ck_assert(secret.has_cram_md5);
	ck_assert_uint_eq(sizeof(state), CRAM_STATE_SIZE);
	ck_assert_mem_eq(secret.cram_md5, &state, CRAM_STATE_SIZE);
	sasl_server_done();
}
END_TEST

START_TEST(cyrus_answers_the_challenge_of_rfc_2195_with_our_state)
{
	static const char challenge[] =
	    "<1896.697170952@postoffice.reston.mci.net>";
	static const unsigned char expected[16] = { 0xb9, 0x13, 0xa6, 0x02,
		0xc7, 0xed, 0xa7, 0xa4, 0x95, 0xb4, 0xe6, 0xe7, 0x33, 0x4d,
		0x38, 0x90 };
	struct secret secret;
	unsigned char digest[16];
	HMAC_MD5_STATE state;
	HMAC_MD5_CTX hmac;

	sasl_set_path(SASL_PATH_TYPE_PLUGIN, (char[]){ "." });
	ck_assert_int_eq(sasl_server_init(NULL, "check"), SASL_OK);
	sasl_auxprop_add_plugin("take_utils", take_utils);
	ck_assert_int_eq(secret_derive("tanstaaftanstaaf", true, &secret), 0);
	memcpy(&state, secret.cram_md5, sizeof(state));
	cyrus->hmac_md5_import(&hmac, &state);
	cyrus->MD5Update(&hmac.ictx, (const unsigned char *)challenge,
	    (unsigned)strlen(challenge));
	cyrus->hmac_md5_final(digest, &hmac);
	ck_assert_mem_eq(digest, expected, sizeof(expected));
	sasl_server_done();
}
END_TEST

START_TEST(md5_is_kept_only_for_teaching)
{
	struct secret secret;

	secrets_set(secrets, "alice@x", "pencil", true);
	ck_assert_int_eq(secrets_find(secrets, "alice@x", &secret), 1);
	ck_assert(secret.has_cram_md5);
	/* A new password without teaching takes the old state away. */
	secrets_set(secrets, "alice@x", "pencil", false);
	ck_assert_int_eq(secrets_find(secrets, "alice@x", &secret), 1);
	ck_assert(!secret.has_cram_md5);
}
END_TEST

START_TEST(who_is_not_there_is_not_found)
{
	struct secret secret;

	ck_assert_int_eq(secrets_find(secrets, "alice@x", &secret), 0);
	secrets_set(secrets, "alice@x", "pencil", false);
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
	secrets_set(secrets, "alice@x", "pencil", false);
	ck_assert_int_eq(secrets_find(reader, "alice@x", &secret), 1);
	ck_assert_int_eq(secrets_set(reader, "alice@x", "x", false), -1);
	secrets_close(reader);
}
END_TEST

START_TEST(the_file_holds_no_clear_password_and_is_private)
{
	static char content[65536];
	FILE *file;
	size_t size;
	struct stat st;

	secrets_set(secrets, "alice@x", "hunter2hunter2", true);
	ck_assert_int_eq(stat("secrets.sqlite", &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	file = fopen("secrets.sqlite", "re");
	ck_assert_ptr_nonnull(file);
	size = fread(content, 1, sizeof(content), file);
	fclose(file);
	ck_assert_ptr_nonnull(memmem(content, size, "alice@x", 7));
	ck_assert_ptr_null(memmem(content, size, "hunter2", 7));
}
END_TEST

Suite *
secrets_suite(void)
{
	Suite *suite = suite_create("secrets");
	TCase *tc = tcase_create("secrets");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, the_password_of_rfc_7677_is_known);
	tcase_add_loop_test(tc, a_stored_password_is_the_only_one_that_opens, 0,
	    COUNT(passwords));
	tcase_add_test(tc, composed_and_decomposed_letters_are_the_same);
	tcase_add_test(tc, a_damaged_secret_opens_for_nobody);
	tcase_add_test(tc, each_secret_has_its_own_salt);
	tcase_add_loop_test(tc,
	    the_cram_md5_state_is_what_cyrus_sasl_would_make, 0,
	    COUNT(passwords));
	tcase_add_test(tc,
	    cyrus_answers_the_challenge_of_rfc_2195_with_our_state);
	tcase_add_test(tc, md5_is_kept_only_for_teaching);
	tcase_add_test(tc, who_is_not_there_is_not_found);
	tcase_add_test(tc, a_running_reader_sees_a_new_password);
	tcase_add_test(tc, the_file_holds_no_clear_password_and_is_private);
	suite_add_tcase(suite, tc);
	return suite;
}
