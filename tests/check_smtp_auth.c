/*
 * check_smtp_auth.c - logging in as a client, against a scripted server.
 * Expected lines are those of RFC 4616 4, RFC 4954 4.1 and RFC 2195 2.
 */
#include <string.h>

#include "common/auth_client.h"
#include "common/conn.h"
#include "common/smtp_auth.h"
#include "tests/check_smtp_peer.h"
#include "tests/suites.h"

#define HELLO(auth)                                                            \
	{                                                                      \
		"EHLO desk\r\n", "250-mx.example\r\n250 AUTH " auth "\r\n"     \
	}

static const struct {
	const char *name;
	const char *password;
	struct exchange script[5];
	int code;
} dialogs[] = {
	/* clang-format off */
	{ "tim", "tanstaaftanstaaf", { { NULL, "220 hi\r\n" }, HELLO("PLAIN"),
	  { "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n", "235 ok\r\n" } },
	  235 },
	{ "tim", "tanstaaftanstaaf", { { NULL, "220 hi\r\n" },
	  HELLO("CRAM-MD5"), { "AUTH CRAM-MD5\r\n",
	    "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"
	    "\r\n" },
	  { "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n",
	    "235 ok\r\n" } }, 235 },
	/* the strongest is taken; a wrong password is the server's word */
	{ "tim", "x", { { NULL, "220 hi\r\n" }, HELLO("PLAIN CRAM-MD5"),
	  { "AUTH CRAM-MD5\r\n", "535 5.7.8 no\r\n" } }, 535 },
	/* what is no base64 is given up */
	{ "tim", "x", { { NULL, "220 hi\r\n" }, HELLO("CRAM-MD5"),
	  { "AUTH CRAM-MD5\r\n", "334 not base64!\r\n" },
	  { "*\r\n", "501 5.7.0 cancelled\r\n" } }, 501 },
	/* LOGIN asks twice */
	{ "u", "p", { { NULL, "220 hi\r\n" }, HELLO("LOGIN"),
	  { "AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n" },
	  { "dQ==\r\n", "334 UGFzc3dvcmQ6\r\n" },
	  { "cA==\r\n", "235 ok\r\n" } }, 235 },
	/* nothing that can be used */
	{ "tim", "x", { { NULL, "220 hi\r\n" }, HELLO("X-NOTHING") }, 504 },
	{ "tim", "x", { { NULL, "220 hi\r\n" }, HELLO("ANONYMOUS") }, 504 },
	{ "tim", "x", { { NULL, "220 hi\r\n" },
	  { "EHLO desk\r\n", "250 mx.example\r\n" } }, 503 },
	/* clang-format on */
};

static struct reply
log_in(struct conn *conn, const char *name, const char *password)
{
	struct smtp_client client = { 0 };
	struct auth_login login = {
		.name = name,
		.password = password,
		.password_size = strlen(password),
	};
	struct reply r;

	ck_assert_int_eq(auth_client_prepare(), 0);
	r = smtp_client_open(&client, conn, false, "desk");
	ck_assert_int_eq(r.code, 250);
	return smtp_auth(&client, "mx.example", &login);
}

START_TEST(a_login_is_as_the_rfcs_write_it)
{
	struct exchange script[EXCHANGES_MAX] = { 0 };
	struct conn *conn;
	struct reply r;

	memcpy(script, dialogs[_i].script, sizeof(dialogs[_i].script));
	conn = smtp_peer_start(script, true);
	r = log_in(conn, dialogs[_i].name, dialogs[_i].password);
	ck_assert_msg(r.code == dialogs[_i].code, "%d %s", r.code, r.text);
	ck_smtp_peer_was_content(conn);
}
END_TEST

/* A server without the keys may say 235 to anything: it proves nothing. */
START_TEST(with_scram_a_235_without_proof_is_no_login)
{
	struct exchange script[] = {
		{ NULL, "220 hi\r\n" },
		HELLO("SCRAM-SHA-256"),
		{ NULL, "235 welcome\r\n" },
		{ 0 },
	};
	struct conn *conn = smtp_peer_start(script, true);
	struct reply r = log_in(conn, "tim", "secret");

	ck_assert_int_eq(r.code, 535);
	ck_assert_ptr_nonnull(strstr(r.text, "not proved itself"));
	conn_close(conn);
}
END_TEST

Suite *
smtp_auth_suite(void)
{
	Suite *suite = suite_create("smtp_auth");
	TCase *tc = tcase_create("smtp_auth");

	tcase_add_loop_test(tc, a_login_is_as_the_rfcs_write_it, 0,
	    COUNT(dialogs));
	tcase_add_test(tc, with_scram_a_235_without_proof_is_no_login);
	suite_add_tcase(suite, tc);
	return suite;
}
