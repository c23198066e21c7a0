/*
 * check_auth_attack.c - responses that no client sends, and what an attacker
 * could learn from the answers; also from the mechanisms of our own, which
 * stand in where the library's plugins are missing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/auth_probe.h"
#include "common/mem.h"
#include "tests/check_auth_world.h"
#include "tests/suites.h"

enum { TEST_SECONDS = 60 };

static void
setup(void)
{
	auth_world_open(false);
}

static void
setup_without_plugins(void)
{
	setenv("SASL_PATH", "/nonexistent", 1);
	auth_world_open(false);
}

static void
teardown(void)
{
	auth_world_close();
	unsetenv("SASL_PATH");
}

/* Bytes that no client sends, to each state of each mechanism. */
START_TEST(garbage_is_malformed_or_wrong_and_never_more)
{
	static const char *const mechanisms[] = { "SCRAM-SHA-256", "PLAIN",
		"LOGIN", "CRAM-MD5", "DIGEST-MD5" };
	static const struct {
		const char *data;
		size_t size;
	} garbage[] = {
		{ "", 0 },
		{ "\0", 1 },
		{ "\0\0\0\0\0\0", 6 },
		{ "=,=,=,=,=,=,=,=", 15 },
		{ "n,,n==41,r=x", 12 },
		{ "p=tls-unique,,n=alice,r=x", 25 },
		{ "\xff\xfe\x80 \x81", 5 },
		{ "%s%n%d%p,,n=%s,r=%n", 19 },
		{ "username=\"alice\",realm=\"campus.example\"", 39 },
		{ "username=\"alice\\", 16 },
	};
	struct buf challenge = BUF_INIT;
	struct auth *auth;

	for (size_t m = 0; m < COUNT(mechanisms); m++) {
		for (size_t i = 0; i < COUNT(garbage); i++) {
			enum auth_result result =
			    auth_world_begin(mechanisms[m], NULL, 0, &auth,
				&challenge);

			ck_assert_int_eq(result, AUTH_CONTINUE);
			result = auth_step(auth, garbage[i].data,
			    garbage[i].size, &challenge);
			ck_assert_int_ne(result, AUTH_SUCCESS);
			ck_assert_int_ne(result, AUTH_LATER);
			auth_end(auth);
		}
	}
	auth_world_check();
	buf_clear(&challenge);
}
END_TEST

START_TEST(a_very_long_response_is_refused)
{
	static const char *const mechanisms[] = { "SCRAM-SHA-256", "PLAIN",
		"LOGIN", "CRAM-MD5", "DIGEST-MD5" };
	char *data = xmalloc(2 * AUTH_DATA_MAX);
	struct buf challenge = BUF_INIT;
	struct auth *auth;

	memset(data, 'a', 2 * AUTH_DATA_MAX);
	for (size_t m = 0; m < COUNT(mechanisms); m++) {
		for (int factor = 1; factor <= 2; factor++) {
			auth_world_begin(mechanisms[m], NULL, 0, &auth,
			    &challenge);
			ck_assert_int_eq(auth_step(auth, data,
					     (size_t)factor * AUTH_DATA_MAX,
					     &challenge),
			    AUTH_MALFORMED);
			auth_end(auth);
		}
	}
	free(data);
	auth_world_check();
	buf_clear(&challenge);
}
END_TEST

/* The salt of what SCRAM answers to NAME; and nothing else may differ. */
static void
get_salt(const char *mechanism, const char *name, char salt[100])
{
	char message[200];
	char nonce[200];
	int iterations;
	struct buf challenge = BUF_INIT;
	struct auth *auth;
	int size = snprintf(message, sizeof(message), "n,,n=%s,r=abcdef", name);

	ck_assert_int_eq(auth_world_begin(mechanism, message, (size_t)size,
			     &auth, &challenge),
	    AUTH_CONTINUE);
	ck_assert_int_eq(sscanf(challenge.data, "r=%199[^,],s=%99[^,],i=%d",
			     nonce, salt, &iterations),
	    3);
	ck_assert_uint_eq(strlen(nonce), 6 + 32);
	ck_assert_uint_eq(strlen(salt), 24);
	ck_assert_int_eq(iterations, 4096);
	auth_end(auth);
	buf_clear(&challenge);
}

START_TEST(a_stranger_has_a_salt_that_stays_as_a_user_has)
{
	static const char *const names[] = { "alice", "carol", "nosuchuser",
		"x@y.example", "a=20b", "nosuchuser@campus.example" };
	static const char *const mechanisms[] = { "SCRAM-SHA-256",
		"SCRAM-SHA-1" };
	char before[2][COUNT(names)][100];
	char after[100];

	for (size_t m = 0; m < 2; m++)
		for (size_t i = 0; i < COUNT(names); i++)
			if (i != 4)
				get_salt(mechanisms[m], names[i], before[m][i]);
	auth_helper_kill();
	auth_helper_start(false);
	for (size_t m = 0; m < 2; m++)
		for (size_t i = 0; i < COUNT(names); i++) {
			if (i == 4)
				continue;
			get_salt(mechanisms[m], names[i], after);
			ck_assert_str_eq(after, before[m][i]);
		}
	/* With and without the domain it is one name. */
	ck_assert_str_eq(before[0][2], before[0][5]);
	ck_assert_str_ne(before[0][2], before[0][3]);
	ck_assert_str_ne(before[0][2], before[0][0]);
	/* A password that is set gets a salt for each hash. */
	ck_assert_str_ne(before[0][2], before[1][2]);
	ck_assert_str_ne(before[0][0], before[1][0]);
}
END_TEST

START_TEST(two_attempts_are_never_taken_for_one_another)
{
	struct buf challenge = BUF_INIT;
	struct auth *alice;
	struct auth *bob;

	auth_world_begin("LOGIN", "alice", 5, &alice, &challenge);
	auth_world_begin("LOGIN", "bob", 3, &bob, &challenge);
	ck_assert_int_eq(auth_step(bob, "alice-pass", 10, &challenge),
	    AUTH_FAILED);
	ck_assert_int_eq(auth_step(alice, "alice-pass", 10, &challenge),
	    AUTH_SUCCESS);
	ck_assert_str_eq(auth_login(alice), "alice@campus.example");
	/* What is over stays over. */
	ck_assert_int_eq(auth_step(bob, "bob-pass", 8, &challenge), AUTH_LATER);
	ck_assert_str_eq(auth_login(bob), "");
	ck_assert_int_eq(auth_step(alice, "alice-pass", 10, &challenge),
	    AUTH_LATER);
	auth_end(alice);
	auth_end(bob);
	buf_clear(&challenge);
}
END_TEST

START_TEST(login_and_cram_md5_work_without_the_library_s_plugins)
{
	char login[ADDRESS_TEXT_MAX];
	struct buf challenge = BUF_INIT;
	struct auth *auth;

	/* The client's plugins are this process's, and not hidden yet. */
	unsetenv("SASL_PATH");
	ck_assert_int_eq(auth_world_sasl("LOGIN", "alice", "alice-pass", login),
	    AUTH_SUCCESS);
	ck_assert_int_eq(auth_world_sasl("CRAM-MD5", "alice", "alice-pass",
			     login),
	    AUTH_SUCCESS);
	ck_assert_str_eq(login, "alice@campus.example");
	ck_assert_int_eq(auth_world_sasl("LOGIN", "alice", "no", login),
	    AUTH_FAILED);
	ck_assert_int_eq(auth_world_sasl("CRAM-MD5", "alice", "no", login),
	    AUTH_FAILED);
	ck_assert_int_eq(auth_world_sasl("CRAM-MD5", "stranger", "no", login),
	    AUTH_FAILED);
	ck_assert_int_eq(auth_world_sasl("CRAM-MD5", "carol", "carol-pass",
			     login),
	    AUTH_FAILED);
	ck_assert_int_eq(auth_world_begin("SCRAM-SHA-256",
			     "n,,n=alice,r=rOprNG", 20, &auth, &challenge),
	    AUTH_UNKNOWN);
	auth_end(auth);
	ck_assert_int_eq(auth_world_begin("DIGEST-MD5", NULL, 0, &auth,
			     &challenge),
	    AUTH_UNKNOWN);
	auth_end(auth);
	buf_clear(&challenge);
	auth_world_check();
}
END_TEST

START_TEST(what_has_no_plugin_is_not_offered)
{
	static char mechanisms[] =
	    "SCRAM-SHA-256 DIGEST-MD5 LOGIN PLAIN CRAM-MD5";
	struct config config = { .mechanisms = mechanisms, .teaching = true };
	struct buf offered = BUF_INIT;

	auth_mechanisms(&config, true, false, &offered);
	ck_assert_str_eq(offered.data, mechanisms);
	auth_probe();
	buf_reset(&offered);
	auth_mechanisms(&config, true, false, &offered);
	ck_assert_str_eq(offered.data, "LOGIN CRAM-MD5");
	buf_clear(&offered);
}
END_TEST

START_TEST(what_has_a_plugin_is_offered)
{
	static char mechanisms[] =
	    "DIGEST-MD5 SCRAM-SHA-256 SCRAM-SHA-1 LOGIN PLAIN CRAM-MD5";
	struct config config = { .mechanisms = mechanisms, .teaching = true };
	struct buf offered = BUF_INIT;

	auth_probe();
	auth_mechanisms(&config, true, false, &offered);
	ck_assert_str_eq(offered.data, mechanisms);
	buf_clear(&offered);
}
END_TEST

START_TEST(our_own_mechanisms_refuse_garbage_too)
{
	static const struct {
		const char *mechanism;
		const char *response;
		enum auth_result result;
	} cases[] = {
		{ "CRAM-MD5", "", AUTH_MALFORMED },
		{ "CRAM-MD5", "alice", AUTH_MALFORMED },
		{ "CRAM-MD5", "alice 0123456789abcdef", AUTH_MALFORMED },
		{ "CRAM-MD5", "alice 0123456789abcdef0123456789abcdef",
		    AUTH_FAILED },
		{ "CRAM-MD5", "alice 0123456789abcdef0123456789abcdefX",
		    AUTH_MALFORMED },
		{ "LOGIN", "", AUTH_CONTINUE },
	};
	struct buf challenge = BUF_INIT;
	struct auth *auth;

	for (size_t i = 0; i < COUNT(cases); i++) {
		ck_assert_int_eq(auth_world_begin(cases[i].mechanism, NULL, 0,
				     &auth, &challenge),
		    AUTH_CONTINUE);
		ck_assert_int_eq(auth_step(auth, cases[i].response,
				     strlen(cases[i].response), &challenge),
		    cases[i].result);
		auth_end(auth);
	}
	/* RFC 2195: the server speaks first. */
	ck_assert_int_eq(auth_world_begin("CRAM-MD5", "alice", 5, &auth,
			     &challenge),
	    AUTH_MALFORMED);
	auth_end(auth);
	buf_clear(&challenge);
}
END_TEST

Suite *
auth_attack_suite(void)
{
	Suite *suite = suite_create("auth_attack");
	TCase *tc = tcase_create("attack");
	TCase *own = tcase_create("own_mechanisms");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, TEST_SECONDS);
	tcase_add_test(tc, garbage_is_malformed_or_wrong_and_never_more);
	tcase_add_test(tc, a_very_long_response_is_refused);
	tcase_add_test(tc, a_stranger_has_a_salt_that_stays_as_a_user_has);
	tcase_add_test(tc, two_attempts_are_never_taken_for_one_another);
	tcase_add_test(tc, what_has_a_plugin_is_offered);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(own, setup_without_plugins, teardown);
	tcase_set_timeout(own, TEST_SECONDS);
	tcase_add_test(own,
	    login_and_cram_md5_work_without_the_library_s_plugins);
	tcase_add_test(own, our_own_mechanisms_refuse_garbage_too);
	tcase_add_test(own, what_has_no_plugin_is_not_offered);
	suite_add_tcase(suite, own);
	return suite;
}
