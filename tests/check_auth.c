/*
 * check_auth.c - logging in through the auth helper: every mechanism with
 * Cyrus SASL's own client, and the two that students do by hand, by hand.
 */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/address.h"
#include "common/fdpass.h"
#include "common/mem.h"
#include "tests/check_auth_world.h"
#include "tests/suites.h"

enum { TEST_SECONDS = 60 };

static const char *const mechanisms[] = {
	"SCRAM-SHA-256",
	"SCRAM-SHA-1",
	"PLAIN",
	"LOGIN",
	"CRAM-MD5",
	"DIGEST-MD5",
};

static void
setup(void)
{
	auth_world_open(false);
}

static int64_t
milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

START_TEST(the_right_password_logs_in)
{
	/* DIGEST-MD5 hashes the name as it is typed: these it knows. */
	static const char *const names[] = { "alice", "alice@campus.example",
		"ALICE", "Alice", "Alice@campus.example",
		"ALICE@campus.example", "Alice@Campus.Example",
		"ALICE@CAMPUS.EXAMPLE" };
	char login[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < COUNT(names); i++) {
		ck_assert_int_eq(auth_world_sasl(mechanisms[_i], names[i],
				     "alice-pass", login),
		    AUTH_SUCCESS);
		ck_assert_str_eq(login, "alice@campus.example");
	}
}
END_TEST

/* In a child, so that none waits for another's pause. */
static pid_t
try_in_child(const char *mechanism, const char *name, const char *password)
{
	pid_t pid = fork();
	char login[ADDRESS_TEXT_MAX];

	if (pid != 0)
		return pid;
	_exit((int)auth_world_sasl(mechanism, name, password, login));
}

START_TEST(a_wrong_password_a_stranger_and_a_disabled_account_fail_alike)
{
	static const struct {
		const char *name;
		const char *password;
	} cases[] = {
		{ "alice", "alice-pas" },
		{ "nosuchuser", "alice-pass" },
		{ "alice@elsewhere.example", "alice-pass" },
		{ "carol", "carol-pass" },
	};
	pid_t pids[COUNT(cases)];
	int64_t start = milliseconds();
	int status;

	for (size_t i = 0; i < COUNT(cases); i++)
		pids[i] = try_in_child(mechanisms[_i], cases[i].name,
		    cases[i].password);
	for (size_t i = 0; i < COUNT(cases); i++) {
		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert(WIFEXITED(status));
		ck_assert_int_eq(WEXITSTATUS(status), AUTH_FAILED);
		ck_assert_int_ge(milliseconds() - start, HASTY);
	}
}
END_TEST

START_TEST(user_and_pass_need_no_mechanism)
{
	ck_assert_int_eq(auth_world_password("bob", "bob-pass", "::1"),
	    AUTH_SUCCESS);
	ck_assert_int_eq(auth_world_password("bob", "alice-pass", "::1"),
	    AUTH_FAILED);
	ck_assert_int_eq(auth_world_password("bob", "", "::1"), AUTH_FAILED);
	ck_assert_int_eq(auth_world_password("", "", "::1"), AUTH_FAILED);
	ck_assert_int_eq(auth_world_password(" bob", "bob-pass", "::1"),
	    AUTH_FAILED);
	ck_assert_int_eq(auth_world_password("carol", "carol-pass", "::1"),
	    AUTH_FAILED);
}
END_TEST

static void
hex(const unsigned char *data, size_t size, char *out)
{
	for (size_t i = 0; i < size; i++)
		snprintf(out + 2 * i, 3, "%02x", data[i]);
}

/* RFC 2195 2: response = user SP HMAC-MD5(password, challenge) in hex. */
START_TEST(cram_md5_as_a_student_computes_it)
{
	struct buf challenge = BUF_INIT;
	struct auth *auth;
	unsigned char digest[16];
	char response[64] = "alice ";
	unsigned long random;
	unsigned long stamp;
	char host[64];

	ck_assert_int_eq(auth_world_begin("CRAM-MD5", NULL, 0, &auth,
			     &challenge),
	    AUTH_CONTINUE);
	ck_assert_int_eq(sscanf(challenge.data, "<%lu.%lu@%63[^>]>", &random,
			     &stamp, host),
	    3);
	ck_assert_str_eq(host, "mx.campus.example");
	ck_assert_int_eq(gnutls_hmac_fast(GNUTLS_MAC_MD5, "alice-pass", 10,
			     challenge.data, challenge.size, digest),
	    0);
	hex(digest, sizeof(digest), response + strlen(response));
	ck_assert_int_eq(auth_step(auth, response, strlen(response),
			     &challenge),
	    AUTH_SUCCESS);
	ck_assert_str_eq(auth_login(auth), "alice@campus.example");
	auth_end(auth);
	buf_clear(&challenge);
}
END_TEST

/* What a SCRAM client holds, RFC 5802 3. */
struct scram {
	unsigned char salted[32];
	char message[512]; /* AuthMessage */
};

static void
hmac(const void *key, const char *text, unsigned char out[32])
{
	ck_assert_int_eq(gnutls_hmac_fast(GNUTLS_MAC_SHA256, key, 32, text,
			     strlen(text), out),
	    0);
}

/* ClientKey XOR ClientSignature, base64. */
static void
scram_proof(const struct scram *scram, struct buf *to)
{
	unsigned char client_key[32];
	unsigned char stored_key[32];
	unsigned char signature[32];

	hmac(scram->salted, "Client Key", client_key);
	gnutls_hash_fast(GNUTLS_DIG_SHA256, client_key, 32, stored_key);
	hmac(stored_key, scram->message, signature);
	for (size_t i = 0; i < 32; i++)
		client_key[i] ^= signature[i];
	auth_base64_encode(client_key, 32, to);
}

/* "v=" ServerSignature, base64. */
static void
scram_verifier(const struct scram *scram, struct buf *to)
{
	unsigned char server_key[32];
	unsigned char signature[32];

	hmac(scram->salted, "Server Key", server_key);
	hmac(server_key, scram->message, signature);
	buf_addstr(to, "v=");
	auth_base64_encode(signature, 32, to);
}

/* The dialog of RFC 7677 3, with our user and the server's salt and nonce. */
START_TEST(scram_sha_256_as_rfc_7677_shows_it)
{
	static const char first[] = "n,,n=alice,r=rOprNGfwEbeRWgbNEkqO";
	gnutls_datum_t password = { (unsigned char *)xstrdup("alice-pass"),
		10 };
	gnutls_datum_t salt_datum;
	struct buf challenge = BUF_INIT, salt = BUF_INIT, final = BUF_INIT;
	struct buf verifier = BUF_INIT;
	struct scram scram;
	struct auth *auth;
	char nonce[200];
	char salt_text[100];
	int iterations;

	ck_assert_int_eq(auth_world_begin("SCRAM-SHA-256", first, strlen(first),
			     &auth, &challenge),
	    AUTH_CONTINUE);
	ck_assert_int_eq(sscanf(challenge.data, "r=%199[^,],s=%99[^,],i=%d",
			     nonce, salt_text, &iterations),
	    3);
	ck_assert_int_eq(strncmp(nonce, "rOprNGfwEbeRWgbNEkqO", 20), 0);
	ck_assert_uint_gt(strlen(nonce), 20 + 16);
	ck_assert_int_eq(iterations, 4096);
	ck_assert(auth_base64_decode(salt_text, &salt));
	ck_assert_uint_eq(salt.size, 16);
	salt_datum = (gnutls_datum_t){ (unsigned char *)salt.data, 16 };
	ck_assert_int_eq(gnutls_pbkdf2(GNUTLS_MAC_SHA256, &password,
			     &salt_datum, 4096, scram.salted, 32),
	    0);
	buf_printf(&final, "c=biws,r=%s", nonce);
	snprintf(scram.message, sizeof(scram.message), "%s,%s,%s", first + 3,
	    challenge.data, final.data);
	buf_addstr(&final, ",p=");
	scram_proof(&scram, &final);
	ck_assert_int_eq(auth_step(auth, final.data, final.size, &challenge),
	    AUTH_CONTINUE);
	scram_verifier(&scram, &verifier);
	ck_assert_str_eq(challenge.data, verifier.data);
	ck_assert_int_eq(auth_step(auth, "", 0, &challenge), AUTH_SUCCESS);
	ck_assert_str_eq(auth_login(auth), "alice@campus.example");
	auth_end(auth);
	free(password.data);
	buf_clear(&challenge);
	buf_clear(&salt);
	buf_clear(&final);
	buf_clear(&verifier);
}
END_TEST

START_TEST(one_may_not_act_for_another)
{
	static const struct {
		const char *response;
		size_t size;
		enum auth_result result;
	} cases[] = {
		{ "alice\0alice\0alice-pass", 22, AUTH_SUCCESS },
		{ "alice@campus.example\0alice\0alice-pass", 37, AUTH_SUCCESS },
		{ "bob\0alice\0alice-pass", 20, AUTH_FAILED },
		{ "nobody\0alice\0alice-pass", 23, AUTH_FAILED },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf challenge = BUF_INIT;
		struct auth *auth;

		ck_assert_int_eq(auth_world_begin("PLAIN", cases[i].response,
				     cases[i].size, &auth, &challenge),
		    cases[i].result);
		auth_end(auth);
		buf_clear(&challenge);
	}
}
END_TEST

START_TEST(passwords_need_tls_unless_the_listener_says_otherwise)
{
	static const struct {
		const char *mechanism;
		bool tls;
		bool cleartext;
		enum auth_result result;
	} cases[] = {
		/* clang-format off */
		{ "PLAIN",         false, false, AUTH_WEAK },
		{ "login",         false, false, AUTH_WEAK },
		{ "PLAIN",         false, true,  AUTH_CONTINUE },
		{ "Login",         true,  false, AUTH_CONTINUE },
		{ "SCRAM-SHA-256", false, false, AUTH_CONTINUE },
		{ "CRAM-MD5",      false, false, AUTH_CONTINUE },
		{ "DIGEST-MD5",    false, false, AUTH_CONTINUE },
		{ "ANONYMOUS",     true,  true,  AUTH_UNKNOWN },
		{ "EXTERNAL",      true,  true,  AUTH_UNKNOWN },
		{ "",              true,  true,  AUTH_UNKNOWN },
		{ "PLAIN LOGIN",   true,  true,  AUTH_UNKNOWN },
		{ "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", true, true, AUTH_UNKNOWN },
		/* clang-format on */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct auth_start start = auth_world_start(cases[i].mechanism);
		struct buf challenge = BUF_INIT;
		struct auth *auth;

		start.tls = cases[i].tls;
		start.cleartext = cases[i].cleartext;
		ck_assert_msg(auth_begin(&start, &auth, &challenge) ==
			cases[i].result,
		    "%s", cases[i].mechanism);
		auth_end(auth);
		buf_clear(&challenge);
	}
}
END_TEST

Suite *
auth_suite(void)
{
	Suite *suite = suite_create("auth");
	TCase *tc = tcase_create("auth");

	tcase_add_checked_fixture(tc, setup, auth_world_close);
	tcase_set_timeout(tc, TEST_SECONDS);
	tcase_add_loop_test(tc, the_right_password_logs_in, 0,
	    COUNT(mechanisms));
	tcase_add_loop_test(tc,
	    a_wrong_password_a_stranger_and_a_disabled_account_fail_alike, 0,
	    COUNT(mechanisms));
	tcase_add_test(tc, user_and_pass_need_no_mechanism);
	tcase_add_test(tc, cram_md5_as_a_student_computes_it);
	tcase_add_test(tc, scram_sha_256_as_rfc_7677_shows_it);
	tcase_add_test(tc, one_may_not_act_for_another);
	tcase_add_test(tc,
	    passwords_need_tls_unless_the_listener_says_otherwise);
	suite_add_tcase(suite, tc);
	return suite;
}
