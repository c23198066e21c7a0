/*
 * check_pop3_client.c - the client side of POP3 against a scripted server, with
 * every mistake a server can make.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth_client.h"
#include "common/conn.h"
#include "mua/pop3_client.h"
#include "mua/pop3_text.h"
#include "tests/check_smtp_peer.h"
#include "tests/suites.h"

#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X500 X100 X100 X100 X100 X100

static const struct {
	const char *wire;
	enum pop3_answer answer;
	const char *code;
	const char *text;
} answers[] = {
	/* clang-format off */
	{ "+OK\r\n", POP3_YES, "", "" },
	{ "+OK 2 320\r\n", POP3_YES, "", "2 320" },
	{ "-ERR no such message, only 2\r\n", POP3_NO, "", "no such message, only 2" },
	{ "-ERR [IN-USE] Do you have another session?\r\n", POP3_NO, "IN-USE",
		"Do you have another session?" },
	{ "-ERR [SYS/PERM]\r\n", POP3_NO, "SYS/PERM", "" },
	{ "-ERR [not closed\r\n", POP3_NO, "", "[not closed" },
	{ "-ERR [" X100 "] x\r\n", POP3_NO, "", "[" X100 "] x" },
	{ "-ERR []\r\n", POP3_NO, "", "[]" },
	/* a challenge where none was asked for, and what is no answer */
	{ "+ \r\n", POP3_BROKEN, "", "" },
	{ "+OKAY\r\n", POP3_BROKEN, "", "" },
	{ "-ERROR\r\n", POP3_BROKEN, "", "" },
	{ "OK\r\n", POP3_BROKEN, "", "" },
	{ "\r\n", POP3_BROKEN, "", "" },
	{ "+ok lower case\r\n", POP3_BROKEN, "", "" },
	{ "* OK IMAP4rev1 ready\r\n", POP3_BROKEN, "", "" },
	{ "+OK bare\n", POP3_BROKEN, "", "" },
	{ "+OK stray\r cr\r\n", POP3_BROKEN, "", "" },
	{ "+OK half", POP3_BROKEN, "", "" },
	{ "", POP3_BROKEN, "", "" },
	/* clang-format on */
};

START_TEST(an_answer_is_yes_or_no_or_the_end)
{
	const struct exchange script[] = {
		{ "STAT\r\n", answers[_i].wire },
		{ NULL, NULL },
	};
	struct conn *conn = smtp_peer_start(script, false);
	struct pop3_client client = { .conn = conn };

	ck_assert_int_eq(pop3_command(&client, "STAT"), answers[_i].answer);
	ck_assert_str_eq(client.code, answers[_i].code);
	ck_assert_str_eq(client.text, answers[_i].text);
	ck_smtp_peer_was_content(conn);
}
END_TEST

START_TEST(a_long_line_is_cut_and_the_next_one_is_whole)
{
	const struct exchange script[] = {
		{ "STAT\r\n", "+OK " X500 X500 X500 "\r\n" },
		{ "NOOP\r\n", "+OK fine\r\n" },
		{ NULL, NULL },
	};
	struct conn *conn = smtp_peer_start(script, false);
	struct pop3_client client = { .conn = conn };

	ck_assert_int_eq(pop3_command(&client, "STAT"), POP3_YES);
	ck_assert_uint_lt(strlen(client.text), POP3_TEXT_MAX);
	ck_assert_int_eq(pop3_command(&client, "NOOP"), POP3_YES);
	ck_assert_str_eq(client.text, "fine");
	ck_smtp_peer_was_content(conn);
}
END_TEST

START_TEST(capabilities_are_read_whatever_their_case)
{
	const struct exchange script[] = {
		{ NULL, "+OK POP3 <1.2@here> ready\r\n" },
		{ "CAPA\r\n",
		    "+OK list\r\nTOP\r\nsasl CRAM-MD5 PLAIN\r\nSTLS\r\nUIDL\r\n"
		    "PIPELINING\r\nX-UNKNOWN a b\r\nUTF8 USER\r\nLANG\r\n"
		    "..dotted\r\nIMPLEMENTATION Some POP3 1.0\r\n.\r\n" },
		{ NULL, NULL },
	};
	struct conn *conn = smtp_peer_start(script, false);
	struct pop3_client client;

	ck_assert_int_eq(pop3_open(&client, conn), POP3_YES);
	ck_assert_str_eq(client.stamp, "<1.2@here>");
	ck_assert_str_eq(client.sasl, "CRAM-MD5 PLAIN");
	ck_assert_str_eq(client.server, "Some POP3 1.0");
	ck_assert_uint_eq(client.can,
	    POP3_CAN_CAPA | POP3_CAN_STLS | POP3_CAN_UIDL | POP3_CAN_TOP |
		POP3_CAN_PIPELINE | POP3_CAN_UTF8 | POP3_CAN_LANG);
	ck_smtp_peer_was_content(conn);
}
END_TEST

START_TEST(a_server_of_1996_has_user_and_uidl_and_no_more)
{
	const struct exchange script[] = {
		{ NULL, "+OK ready <no stamp> <a b@c>\r\n" },
		{ "CAPA\r\n", "-ERR unknown command\r\n" },
		{ NULL, NULL },
	};
	struct conn *conn = smtp_peer_start(script, false);
	struct pop3_client client;

	ck_assert_int_eq(pop3_open(&client, conn), POP3_YES);
	ck_assert_str_eq(client.stamp, "");
	ck_assert_uint_eq(client.can, POP3_CAN_USER | POP3_CAN_UIDL);
	ck_smtp_peer_was_content(conn);
}
END_TEST

START_TEST(a_list_of_capabilities_without_end_is_given_up)
{
	struct buf flood = BUF_INIT;
	struct exchange script[] = {
		{ NULL, "+OK ready\r\n" },
		{ "CAPA\r\n", NULL },
		{ NULL, NULL },
	};
	struct pop3_client client;
	struct conn *conn;

	buf_addstr(&flood, "+OK\r\n");
	for (int i = 0; i < 1000; i++)
		buf_printf(&flood, "X-%d\r\n", i);
	script[1].send = flood.data;
	conn = smtp_peer_start(script, false);
	ck_assert_int_eq(pop3_open(&client, conn), POP3_BROKEN);
	ck_smtp_peer_was_content(conn);
	buf_clear(&flood);
}
END_TEST

/* What is offered, what is allowed, and what the client does. */
static const struct {
	const char *greeting;
	const char *capa;
	const char *allowed;
	struct exchange dialog[5];
	enum pop3_answer answer;
} logins[] = {
	/* clang-format off */
	/* RFC 1939 7, the example */
	{ "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\r\n",
	  "-ERR\r\n", "", {
		{ "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n", "+OK\r\n" },
	  }, POP3_YES },
	/* the challenge of RFC 2195 2; the answer by Python's hmac */
	{ "+OK\r\n", "+OK\r\nSASL PLAIN CRAM-MD5\r\nUSER\r\n.\r\n", "", {
		{ "AUTH CRAM-MD5\r\n",
		  "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n" },
		{ "bXJvc2UgODVhMmRlYWViNTIwOWIwZjU0ZDQwNzU5ZGFjYzI0YzQ=\r\n",
		  "+OK\r\n" },
	  }, POP3_YES },
	/* in clear, and there is nothing better */
	{ "+OK\r\n", "+OK\r\nSASL PLAIN\r\nUSER\r\n.\r\n", "", {
		{ "AUTH PLAIN AG1yb3NlAHRhbnN0YWFm\r\n", "+OK\r\n" },
	  }, POP3_YES },
	{ "+OK\r\n", "+OK\r\nSASL LOGIN\r\n.\r\n", "", {
		{ "AUTH LOGIN\r\n", "+ VXNlcm5hbWU6\r\n" },
		{ "bXJvc2U=\r\n", "+ UGFzc3dvcmQ6\r\n" },
		{ "dGFuc3RhYWY=\r\n", "+OK\r\n" },
	  }, POP3_YES },
	{ "+OK\r\n", "+OK\r\nUSER\r\n.\r\n", "", {
		{ "USER mrose\r\n", "+OK\r\n" },
		{ "PASS tanstaaf\r\n", "-ERR [AUTH] no\r\n" },
	  }, POP3_NO },
	{ "+OK\r\n", "+OK\r\nUSER\r\n.\r\n", "", {
		{ "USER mrose\r\n", "-ERR no such user\r\n" },
	  }, POP3_NO },
	/* what is allowed decides */
	{ "+OK <1896.697170952@dbc.mtview.ca.us>\r\n",
	  "+OK\r\nSASL PLAIN CRAM-MD5\r\nUSER\r\n.\r\n", "USER", {
		{ "USER mrose\r\n", "+OK\r\n" },
		{ "PASS tanstaaf\r\n", "+OK\r\n" },
	  }, POP3_YES },
	{ "+OK <1896.697170952@dbc.mtview.ca.us>\r\n",
	  "+OK\r\nSASL PLAIN CRAM-MD5\r\nUSER\r\n.\r\n", "APOP", {
		{ "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n", "+OK\r\n" },
	  }, POP3_YES },
	/* without TLS a digest goes before a password */
	{ "+OK <1896.697170952@dbc.mtview.ca.us>\r\n",
	  "+OK\r\nSASL PLAIN\r\nUSER\r\n.\r\n", "", {
		{ "APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n", "+OK\r\n" },
	  }, POP3_YES },
	/* no way: nothing is said */
	{ "+OK\r\n", "+OK\r\nSASL GSSAPI ANONYMOUS\r\n.\r\n", "", { { 0 } }, POP3_NO },
	{ "+OK\r\n", "+OK\r\nSASL PLAIN\r\n.\r\n", "CRAM-MD5", { { 0 } }, POP3_NO },
	/* a challenge that is none is cancelled; one too many is broken off */
	{ "+OK\r\n", "+OK\r\nSASL CRAM-MD5\r\n.\r\n", "", {
		{ "AUTH CRAM-MD5\r\n", "+ not base64!\r\n" },
		{ "*\r\n", "-ERR cancelled\r\n" },
	  }, POP3_NO },
	{ "+OK\r\n", "+OK\r\nUSER\r\n.\r\n", "", {
		{ "USER mrose\r\n", "+ more\r\n" },
	  }, POP3_BROKEN },
	/* clang-format on */
};

START_TEST(it_logs_in_by_the_best_that_both_sides_have)
{
	const struct auth_login login = {
		.name = "mrose",
		.password = "tanstaaf",
		.password_size = 8,
	};
	struct exchange script[EXCHANGES_MAX] = {
		{ NULL, logins[_i].greeting },
		{ "CAPA\r\n", logins[_i].capa },
	};
	struct pop3_client client;
	struct conn *conn;

	memcpy(script + 2, logins[_i].dialog, sizeof(logins[_i].dialog));
	ck_assert_int_eq(auth_client_prepare(), 0);
	conn = smtp_peer_start(script, false);
	ck_assert_int_eq(pop3_open(&client, conn), POP3_YES);
	ck_assert_int_eq(pop3_login(&client, "host.example", &login,
			     logins[_i].allowed),
	    logins[_i].answer);
	ck_smtp_peer_was_content(conn);
}
END_TEST

START_TEST(a_password_cannot_bring_a_command_of_its_own)
{
	static const struct exchange script[] = {
		{ NULL, "+OK\r\n" },
		{ "CAPA\r\n", "+OK\r\nUSER\r\n.\r\n" },
		{ NULL, NULL },
	};
	const struct auth_login login = {
		.name = "mrose",
		.password = "x\r\nDELE 1",
		.password_size = 9,
	};
	struct conn *conn = smtp_peer_start(script, true);
	struct pop3_client client;

	ck_assert_int_eq(pop3_open(&client, conn), POP3_YES);
	ck_assert_int_eq(pop3_login(&client, "host.example", &login, ""),
	    POP3_NO);
	ck_smtp_peer_was_content(conn);
}
END_TEST

/* --- the message behind RETR ---------------------------------------------- */

static const struct {
	const char *wire;
	size_t rest; /* octets behind the end */
	const char *text;
	bool done;
} texts[] = {
	/* clang-format off */
	{ ".\r\n", 0, "", true },
	{ "a\r\n.\r\n", 0, "a\n", true },
	{ "a\r\n.\r\n+OK\r\n", 5, "a\n", true },
	{ "..\r\n...\r\n.a\r\n.\r\n", 0, ".\n..\na\n", true },
	{ "\r\n\r\n.\r\n", 0, "\n\n", true },
	/* only CRLF . CRLF is the end */
	{ "a\n.\n.\r\nb\r\n.\r\n", 0, "a\n.\n.\nb\n", true },
	{ "a\n.\r\n", 0, "a\n.\n", false },
	{ "a\r.\r\n.\r\n", 0, "a\r.\n", true },
	{ ".\rb\r\n.\r\n", 0, "\rb\n", true },
	{ "a\r\r\n.\r\n", 0, "a\r\n", true },
	{ ".\r\r\n.\r\n", 0, "\r\n", true },
	/* and what has not ended has not */
	{ "a\r\n.", 0, "a\n", false },
	{ "a\r\n.\r", 0, "a\n", false },
	{ "a", 0, "a", false },
	/* clang-format on */
};

static struct buf taken;

static int
take(void *arg, const char *data, size_t size)
{
	(void)arg;
	buf_add(&taken, data, size);
	return 0;
}

/* In pieces of every size: what they are cut at must not matter. */
START_TEST(a_message_ends_with_a_dot_alone_between_crlfs)
{
	const char *wire = texts[_i].wire;
	size_t size = strlen(wire);

	for (size_t piece = 1; piece <= size; piece++) {
		struct pop3_text *text = xcalloc(1, sizeof(*text));
		size_t used = 0;

		taken = (struct buf)BUF_INIT;
		pop3_text_init(text, take, NULL);
		while (used < size && !text->done) {
			size_t n = size - used < piece ? size - used : piece;

			used += pop3_text_feed(text, wire + used, n);
		}
		ck_assert_int_eq(text->done, texts[_i].done);
		if (text->done) {
			ck_assert_uint_eq(size - used, texts[_i].rest);
			ck_assert_str_eq(taken.data, texts[_i].text);
			ck_assert_int_eq(text->size, (int64_t)taken.size);
		}
		buf_clear(&taken);
		free(text);
	}
}
END_TEST

START_TEST(a_message_without_end_is_given_up_at_the_limit)
{
	static const struct exchange script[] = {
		{ NULL, X500 X500 X500 X500 X500 X500 },
		{ NULL, NULL },
	};
	struct conn *conn = smtp_peer_start(script, false);
	struct pop3_client client = { .conn = conn };
	struct pop3_text *text = xcalloc(1, sizeof(*text));

	taken = (struct buf)BUF_INIT;
	pop3_text_init(text, take, NULL);
	ck_assert_int_eq(pop3_message(&client, text, 1000), POP3_NO);
	buf_clear(&taken);
	free(text);
	ck_smtp_peer_was_content(conn);
}
END_TEST

Suite *
pop3_client_suite(void)
{
	Suite *suite = suite_create("pop3_client");
	TCase *tc = tcase_create("client");

	tcase_add_loop_test(tc, an_answer_is_yes_or_no_or_the_end, 0,
	    COUNT(answers));
	tcase_add_test(tc, a_long_line_is_cut_and_the_next_one_is_whole);
	tcase_add_test(tc, capabilities_are_read_whatever_their_case);
	tcase_add_test(tc, a_server_of_1996_has_user_and_uidl_and_no_more);
	tcase_add_test(tc, a_list_of_capabilities_without_end_is_given_up);
	tcase_add_loop_test(tc, it_logs_in_by_the_best_that_both_sides_have, 0,
	    COUNT(logins));
	tcase_add_test(tc, a_password_cannot_bring_a_command_of_its_own);
	suite_add_tcase(suite, tc);
	tc = tcase_create("text");
	tcase_add_loop_test(tc, a_message_ends_with_a_dot_alone_between_crlfs,
	    0, COUNT(texts));
	tcase_add_test(tc, a_message_without_end_is_given_up_at_the_limit);
	suite_add_tcase(suite, tc);
	return suite;
}
