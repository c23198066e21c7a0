/*
 * check_apop.c - APOP in the auth helper, and its secrets in the store.
 *
 * The expected digests: alice's is the example of RFC 1939 7, the others are
 * md5sum's.
 */
#include <string.h>

#include "common/secrets_apop.h"
#include "tests/check_auth_world.h"
#include "tests/suites.h"

#define STAMP "<1896.697170952@dbc.mtview.ca.us>"
#define RIGHT "c4c9334bac560ecc979e58001b3e22fb"

static struct secrets *secrets;

static void
setup(void)
{
	auth_world_pause = HASTY;
	auth_world_open(false);
	secrets = secrets_open(true);
	ck_assert_ptr_nonnull(secrets);
	ck_assert_int_eq(secrets_apop_set(secrets, "alice@campus.example",
			     "tanstaaf"),
	    0);
	ck_assert_int_eq(secrets_apop_set(secrets, "carol@campus.example",
			     "tanstaaf"),
	    0);
	ck_assert_int_eq(secrets_apop_set(secrets, "nobody@campus.example",
			     "tanstaaf"),
	    0);
}

static void
teardown(void)
{
	secrets_close(secrets);
	auth_world_close();
}

static const struct {
	const char *user;
	const char *stamp;
	const char *digest;
	enum auth_result result;
} attempts[] = {
	/* clang-format off */
	{ "alice", STAMP, RIGHT, AUTH_SUCCESS },
	{ "Alice@Campus.EXAMPLE", STAMP, RIGHT, AUTH_SUCCESS },
	/* one digit, another time, nothing, the secret itself */
	{ "alice", STAMP, "c4c9334bac560ecc979e58001b3e22fa", AUTH_FAILED },
	{ "alice", "<1897.697170952@dbc.mtview.ca.us>", RIGHT, AUTH_FAILED },
	{ "alice", STAMP, "", AUTH_FAILED },
	{ "alice", STAMP, "tanstaaf", AUTH_FAILED },
	{ "", STAMP, RIGHT, AUTH_FAILED },
	/* MD5 of the stamp and alice's password */
	{ "alice", STAMP, "994bcacefedbd4fadcf98c1eff25e00e", AUTH_FAILED },
	/* who has no such secret, and MD5 of the stamp alone */
	{ "bob", STAMP, RIGHT, AUTH_FAILED },
	{ "bob", STAMP, "6d7379174f7df9fb329480e5c47c1f1a", AUTH_FAILED },
	/* who is disabled, or has no account, and has one all the same */
	{ "carol", STAMP, RIGHT, AUTH_FAILED },
	{ "nobody", STAMP, RIGHT, AUTH_FAILED },
	/* clang-format on */
};

static enum auth_result
try(const char *user, const char *stamp, const char *digest)
{
	struct auth_start start = auth_world_start("");
	struct auth *auth;
	enum auth_result result;

	start.tls = false;
	result = auth_apop(&start, user, stamp, digest, &auth);
	if (result == AUTH_SUCCESS)
		ck_assert_str_eq(auth_login(auth), "alice@campus.example");
	auth_end(auth);
	return result;
}

START_TEST(apop_opens_for_who_has_its_secret)
{
	ck_assert_int_eq(try(attempts[_i].user, attempts[_i].stamp,
			     attempts[_i].digest),
	    attempts[_i].result);
}
END_TEST

START_TEST(apop_that_is_not_turned_on_is_unknown)
{
	auth_helper_kill();
	auth_world_apop = false;
	auth_helper_start(false);
	ck_assert_int_eq(try("alice", STAMP, RIGHT), AUTH_UNKNOWN);
	auth_world_apop = true;
}
END_TEST

START_TEST(its_secret_opens_nothing_else)
{
	ck_assert_int_eq(auth_world_password("alice", "tanstaaf", "192.0.2.1"),
	    AUTH_FAILED);
	auth_world_check();
}
END_TEST

START_TEST(it_goes_with_the_account_and_when_it_becomes_the_password)
{
	char secret[APOP_SECRET_SIZE];

	ck_assert_int_eq(secrets_set(secrets, "alice@campus.example", "other",
			     NULL),
	    0);
	ck_assert_int_eq(secrets_apop_find(secrets, "alice@campus.example",
			     secret),
	    1);
	ck_assert_str_eq(secret, "tanstaaf");
	ck_assert_int_eq(secrets_set(secrets, "alice@campus.example",
			     "tanstaaf", NULL),
	    0);
	ck_assert_int_eq(secrets_apop_find(secrets, "alice@campus.example",
			     secret),
	    0);
	ck_assert_str_eq(secret, "");
	ck_assert_int_eq(secrets_delete(secrets, "carol@campus.example"), 0);
	ck_assert_int_eq(secrets_apop_find(secrets, "carol@campus.example",
			     secret),
	    0);
}
END_TEST

Suite *
apop_suite(void)
{
	Suite *suite = suite_create("apop");
	TCase *tc = tcase_create("apop");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, apop_opens_for_who_has_its_secret, 0,
	    COUNT(attempts));
	tcase_add_test(tc, apop_that_is_not_turned_on_is_unknown);
	tcase_add_test(tc, its_secret_opens_nothing_else);
	tcase_add_test(tc,
	    it_goes_with_the_account_and_when_it_becomes_the_password);
	suite_add_tcase(suite, tc);
	return suite;
}
