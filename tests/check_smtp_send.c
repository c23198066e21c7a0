/*
 * check_smtp_send.c - whole transactions of the SMTP and LMTP client against
 * servers that are kind, strict, broken and hostile.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/smtp_client.h"
#include "tests/check_smtp_peer.h"
#include "tests/suites.h"

enum { MANY = 120 };

#define MAIL "MAIL FROM:<s@x.example>\r\n"
#define RCPT(name) "RCPT TO:<" name "@y.example>\r\n"
#define OK "250 2.1.0 Ok\r\n"
#define NO_USER "550 5.1.1 Unknown\r\n"
#define GO "354 go\r\n"
#define BODY "hi\r\n.\r\n"
#define CHUNK "BDAT 4 LAST\r\nhi\r\n"

/* One row a transaction: recipients a, b, c (COUNT of them), message "hi". */
static const struct {
	const char *what;
	bool lmtp;
	unsigned extensions;
	size_t count;
	bool until_end;
	struct exchange script[EXCHANGES_MAX];
	const char *codes; /* of the recipients */
	int last;
} rows[] = {
	/* clang-format off */
	{ "without PIPELINING, one recipient refused", false, 0, 2, true, {
		{ MAIL, OK }, { RCPT("a"), OK }, { RCPT("b"), NO_USER },
		{ "DATA\r\n", GO }, { BODY, OK } },
	  "250 550 ", 250 },
	{ "without PIPELINING, all refused: no DATA", false, 0, 2, true, {
		{ MAIL, OK }, { RCPT("a"), NO_USER },
		{ RCPT("b"), "450 4.2.1 Busy\r\n" }, { "RSET\r\n", OK } },
	  "550 450 ", 450 },
	{ "without PIPELINING, sender refused: nothing else is sent",
	  false, 0, 2, true, {
		{ MAIL, "553 5.7.1 not yours\r\n" } },
	  "553 553 ", 553 },
	{ "PIPELINING: one packet, answered in pieces",
	  false, EXT_PIPELINING, 2, true, {
		{ MAIL RCPT("a") RCPT("b") "DATA\r\n", OK }, { NULL, NO_USER },
		{ NULL, OK GO }, { BODY, "250 2.0.0 queued\r\n" } },
	  "550 250 ", 250 },
	{ "PIPELINING: all refused, yet 354 (RFC 2920 3.1: a lone dot)",
	  false, EXT_PIPELINING, 2, true, {
		{ MAIL RCPT("a") RCPT("b") "DATA\r\n",
		  OK NO_USER NO_USER GO },
		{ ".\r\n", "554 5.5.1 nobody\r\n" } },
	  "550 550 ", 550 },
	{ "PIPELINING: all refused and DATA too",
	  false, EXT_PIPELINING, 1, true, {
		{ MAIL RCPT("a") "DATA\r\n",
		  OK NO_USER "554 5.5.1 nobody\r\n" },
		{ "RSET\r\n", OK } },
	  "550 ", 550 },
	{ "PIPELINING: sender refused", false, EXT_PIPELINING, 2, true, {
		{ MAIL RCPT("a") RCPT("b") "DATA\r\n",
		  "452 4.3.1 full\r\n503 MAIL first\r\n503 MAIL first\r\n"
		  "503 MAIL first\r\n" } },
	  "452 452 ", 452 },
	{ "DATA refused for now", false, EXT_PIPELINING, 2, true, {
		{ MAIL RCPT("a") RCPT("b") "DATA\r\n",
		  OK OK NO_USER "451 4.3.0 later\r\n" },
		{ "RSET\r\n", OK } },
	  "451 550 ", 451 },
	{ "message refused", false, EXT_PIPELINING, 2, true, {
		{ MAIL RCPT("a") RCPT("b") "DATA\r\n", OK OK NO_USER GO },
		{ BODY, "554 5.6.0 spam\r\n" } },
	  "554 550 ", 554 },
	{ "LMTP: a reply for each that was accepted, in order",
	  true, EXT_PIPELINING, 3, true, {
		{ MAIL RCPT("a") RCPT("b") RCPT("c") "DATA\r\n",
		  OK OK NO_USER OK GO },
		{ BODY, OK }, { NULL, "452 4.2.2 full\r\n" } },
	  "250 550 452 ", 452 },
	{ "LMTP: cut off between two replies",
	  true, EXT_PIPELINING, 3, false, {
		{ MAIL RCPT("a") RCPT("b") RCPT("c") "DATA\r\n",
		  OK OK OK OK GO },
		{ BODY, OK OK } },
	  "250 250 421 ", 421 },
	{ "LMTP: nobody, yet 354: a dot, and no trust any more",
	  true, EXT_PIPELINING, 1, true, {
		{ MAIL RCPT("a") "DATA\r\n", OK NO_USER GO },
		{ ".\r\n", NULL } },
	  "550 ", 550 },
	{ "CHUNKING: one chunk, behind the replies",
	  false, EXT_PIPELINING | EXT_CHUNKING, 2, true, {
		{ MAIL RCPT("a") RCPT("b"), OK OK NO_USER }, { CHUNK, OK } },
	  "250 550 ", 250 },
	{ "CHUNKING, without PIPELINING", false, EXT_CHUNKING, 1, true, {
		{ MAIL, OK }, { RCPT("a"), OK }, { CHUNK, OK } },
	  "250 ", 250 },
	{ "CHUNKING: all refused: no chunk",
	  false, EXT_PIPELINING | EXT_CHUNKING, 2, true, {
		{ MAIL RCPT("a") RCPT("b"), OK NO_USER NO_USER },
		{ "RSET\r\n", OK } },
	  "550 550 ", 550 },
	{ "CHUNKING: sender refused", false, EXT_PIPELINING | EXT_CHUNKING, 1,
	  true, {
		{ MAIL RCPT("a"), "452 4.3.1 full\r\n503 MAIL first\r\n" } },
	  "452 ", 452 },
	{ "CHUNKING: message refused, and the rest cleared (RFC 3030 2)",
	  false, EXT_PIPELINING | EXT_CHUNKING, 2, true, {
		{ MAIL RCPT("a") RCPT("b"), OK OK NO_USER },
		{ CHUNK, "554 5.6.0 spam\r\n" }, { "RSET\r\n", OK } },
	  "554 550 ", 554 },
	{ "CHUNKING, but BDAT is not known: the chunk was read as commands",
	  false, EXT_PIPELINING | EXT_CHUNKING, 2, true, {
		{ MAIL RCPT("a") RCPT("b"), OK OK NO_USER },
		{ CHUNK, "502 5.5.1 what?\r\n500 hi?\r\n" } },
	  "421 550 ", 421 },
	{ "CHUNKING: closed before the replies",
	  false, EXT_PIPELINING | EXT_CHUNKING, 2, false, {
		{ MAIL RCPT("a") RCPT("b"), OK OK } },
	  "421 421 ", 421 },
	{ "CHUNKING: closed before the last word",
	  false, EXT_PIPELINING | EXT_CHUNKING, 1, false, {
		{ MAIL RCPT("a"), OK OK }, { CHUNK, NULL } },
	  "421 ", 421 },
	{ "CHUNKING by LMTP: a reply for each that was accepted",
	  true, EXT_PIPELINING | EXT_CHUNKING, 3, true, {
		{ MAIL RCPT("a") RCPT("b") RCPT("c"), OK OK NO_USER OK },
		{ CHUNK, "452 4.2.2 full\r\n" }, { NULL, OK } },
	  "452 550 250 ", 250 },
	{ "closed at once", false, EXT_PIPELINING, 2, false, {
		{ MAIL RCPT("a") RCPT("b") "DATA\r\n", NULL } },
	  "421 421 ", 421 },
	{ "closed after two replies", false, EXT_PIPELINING, 3, false, {
		{ MAIL RCPT("a") RCPT("b") RCPT("c") "DATA\r\n",
		  OK OK NO_USER } },
	  "421 550 421 ", 421 },
	{ "closed before the 354", false, 0, 1, false, {
		{ MAIL, OK }, { RCPT("a"), OK }, { "DATA\r\n", NULL } },
	  "421 ", 421 },
	{ "closed before the last word", false, 0, 1, false, {
		{ MAIL, OK }, { RCPT("a"), OK }, { "DATA\r\n", GO },
		{ BODY, NULL } },
	  "421 ", 421 },
	{ "garbage for a reply to RCPT", false, 0, 2, true, {
		{ MAIL, OK }, { RCPT("a"), OK }, { RCPT("b"), "yes\r\n" } },
	  "421 421 ", 421 },
	{ "354 to MAIL", false, 0, 1, true, {
		{ MAIL, GO } },
	  "421 ", 421 },
	{ "250 to DATA", false, 0, 1, true, {
		{ MAIL, OK }, { RCPT("a"), OK }, { "DATA\r\n", OK } },
	  "421 ", 421 },
	{ "334 to DATA", false, 0, 1, true, {
		{ MAIL, OK }, { RCPT("a"), OK }, { "DATA\r\n", "334 x\r\n" } },
	  "421 ", 421 },
	{ "354 to the message", false, 0, 1, true, {
		{ MAIL, OK }, { RCPT("a"), OK }, { "DATA\r\n", GO },
		{ BODY, GO } },
	  "421 ", 421 },
	/* clang-format on */
};

START_TEST(a_transaction_ends_with_a_word_for_everyone)
{
	struct smtp_recipient to[] = { { "a@y.example", "", { 0 } },
		{ "b@y.example", "", { 0 } }, { "c@y.example", "", { 0 } } };
	struct smtp_client client = { .lmtp = rows[_i].lmtp,
		.extensions = rows[_i].extensions };
	struct smtp_transaction t = { .sender = "s@x.example",
		.parameters = "",
		.recipients = to,
		.recipient_count = rows[_i].count,
		.chunking = true };
	char codes[64] = "";

	t.fd = smtp_peer_message("hi\n", 3);
	client.conn = smtp_peer_start(rows[_i].script, rows[_i].until_end);
	struct reply r = smtp_send(&client, &t);
	for (size_t i = 0; i < rows[_i].count; i++)
		(void)snprintf(codes + 4 * i, 5, "%d ", to[i].reply.code);
	ck_assert_msg(strcmp(codes, rows[_i].codes) == 0, "%s: got %s",
	    rows[_i].what, codes);
	ck_assert_msg(r.code == rows[_i].last, "%s: %d %s", rows[_i].what,
	    r.code, r.text);
	close(t.fd);
	ck_smtp_peer_was_content(client.conn);
}
END_TEST

#define DSN "RET=HDRS ENVID=Q1"

static const struct {
	unsigned extensions;
	const char *mail;
	const char *rcpt;
} offered[] = {
	/* clang-format off */
	{ 0, "MAIL FROM:<> X-OWN=1\r\n", "RCPT TO:<a@y.example>\r\n" },
	{ EXT_8BITMIME, "MAIL FROM:<> BODY=8BITMIME X-OWN=1\r\n",
		"RCPT TO:<a@y.example>\r\n" },
	{ EXT_SIZE, "MAIL FROM:<> SIZE=3 X-OWN=1\r\n",
		"RCPT TO:<a@y.example>\r\n" },
	{ EXT_DSN, "MAIL FROM:<> " DSN " X-OWN=1\r\n",
		"RCPT TO:<a@y.example> NOTIFY=NEVER"
		" orcpt=rfc822;a@y.example\r\n" },
	/* clang-format on */
};

START_TEST(only_what_was_offered_is_asked_for)
{
	const struct exchange script[] = {
		{ offered[_i].mail, OK },
		{ offered[_i].rcpt, OK },
		{ "DATA\r\n", GO },
		{ BODY, OK },
		{ 0 },
	};
	struct smtp_recipient to = { "a@y.example",
		"NOTIFY=NEVER orcpt=rfc822;a@y.example", { 0 } };
	struct smtp_client client = { .extensions = offered[_i].extensions };
	struct smtp_transaction t = { .sender = "",
		.parameters = "SIZE=3 BODY=8BITMIME  " DSN " X-OWN=1",
		.xforward = "XFORWARD ADDR=192.0.2.1",
		.recipients = &to,
		.recipient_count = 1 };

	ck_assert_int_eq(smtp_peer_send(script, "hi\n", &client, &t).code, 250);
}
END_TEST

START_TEST(xforward_goes_first_and_its_refusal_does_no_harm)
{
	static const struct exchange script[] = {
		{ "XFORWARD ADDR=192.0.2.1\r\n" MAIL RCPT("a") "DATA\r\n",
		    "550 no\r\n" OK OK GO },
		{ BODY, OK },
		{ 0 },
	};
	struct smtp_client client = { .extensions =
					  EXT_XFORWARD | EXT_PIPELINING };
	struct smtp_transaction t = { .xforward = "XFORWARD ADDR=192.0.2.1" };

	ck_assert_int_eq(smtp_peer_send(script, "hi\n", &client, &t).code, 250);
}
END_TEST

static const char *const broken_lines[] = { "a@y.example>\r\nRSET",
	"a\n@y.example", "a@y.example\r" };

START_TEST(a_line_break_in_an_address_sends_nothing)
{
	static const struct exchange script[] = { { 0 } };
	struct smtp_recipient to[] = { { "a@y.example", "", { 0 } },
		{ broken_lines[_i], "", { 0 } } };
	struct smtp_client client = { 0 };
	struct smtp_transaction t = { .sender = "",
		.parameters = "",
		.recipients = to,
		.recipient_count = 2,
		.fd = -1 };

	client.conn = smtp_peer_start(script, true);
	ck_assert_int_eq(smtp_send(&client, &t).code, 554);
	ck_assert_int_eq(to[0].reply.code, 554);
	ck_smtp_peer_was_content(client.conn);
}
END_TEST

/* "RCPT TO:<FIRST@y.example>" and so on, COUNT lines, behind HEAD. */
static char *
group(const char *head, int first, int count, const char *tail)
{
	struct buf text = BUF_INIT;

	buf_addstr(&text, head);
	for (int i = first; i < first + count; i++)
		buf_printf(&text, "RCPT TO:<%d@y.example>\r\n", i);
	buf_addstr(&text, tail);
	return buf_steal(&text);
}

static char *
replies(int count, const char *tail)
{
	struct buf text = BUF_INIT;

	for (int i = 0; i < count; i++)
		buf_addstr(&text, OK);
	buf_addstr(&text, tail);
	return buf_steal(&text);
}

START_TEST(many_recipients_go_in_groups_of_fifty_commands)
{
	static char names[MANY][32];
	char *asked[] = { group(MAIL, 0, 49, ""), group("", 49, 50, ""),
		group("", 99, 21, "DATA\r\n") };
	char *answered[] = { replies(50, ""), replies(50, ""),
		replies(21, GO) };
	const struct exchange script[] = { { asked[0], answered[0] },
		{ asked[1], answered[1] }, { asked[2], answered[2] },
		{ BODY, OK }, { 0 } };
	struct smtp_recipient to[MANY];
	struct smtp_client client = { .extensions = EXT_PIPELINING };
	struct smtp_transaction t = { .recipients = to,
		.recipient_count = MANY };

	for (int i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "%d@y.example", i);
		to[i] = (struct smtp_recipient){ names[i], "", { 0 } };
	}
	ck_assert_int_eq(smtp_peer_send(script, "hi\n", &client, &t).code, 250);
	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(to[i].reply.code, 250);
	for (size_t i = 0; i < COUNT(asked); i++) {
		free(asked[i]);
		free(answered[i]);
	}
}
END_TEST

START_TEST(an_unreadable_message_is_never_finished)
{
	static const struct exchange script[] = {
		{ MAIL RCPT("a") "DATA\r\n", OK OK GO },
		{ 0 },
	};
	struct smtp_recipient to = { "a@y.example", "", { 0 } };
	struct smtp_client client = { .extensions = EXT_PIPELINING };
	struct smtp_transaction t = { .sender = "s@x.example",
		.parameters = "",
		.recipients = &to,
		.recipient_count = 1 };

	t.fd = open("/", O_RDONLY | O_DIRECTORY);
	client.conn = smtp_peer_start(script, true);
	struct reply r = smtp_send(&client, &t);
	ck_assert_int_eq(r.code, 451);
	ck_assert_str_eq(r.text,
	    "4.3.0 The message cannot be read: Is a directory");
	ck_assert_int_eq(to.reply.code, 451);
	/* QUIT would be text of the message now. */
	smtp_client_quit(&client);
	close(t.fd);
	ck_smtp_peer_was_content(client.conn);
}
END_TEST

Suite *
smtp_send_suite(void)
{
	Suite *suite = suite_create("smtp_send");
	TCase *tc = tcase_create("send");

	tcase_add_loop_test(tc, a_transaction_ends_with_a_word_for_everyone, 0,
	    (int)COUNT(rows));
	tcase_add_loop_test(tc, only_what_was_offered_is_asked_for, 0,
	    (int)COUNT(offered));
	tcase_add_test(tc, xforward_goes_first_and_its_refusal_does_no_harm);
	tcase_add_loop_test(tc, a_line_break_in_an_address_sends_nothing, 0,
	    (int)COUNT(broken_lines));
	tcase_add_test(tc, many_recipients_go_in_groups_of_fifty_commands);
	tcase_add_test(tc, an_unreadable_message_is_never_finished);
	suite_add_tcase(suite, tc);
	return suite;
}
