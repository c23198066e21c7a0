/*
 * check_wire.c - what the wire view keeps of a dialogue, and what it does not.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mua/wire.h"
#include "mua/wire_tap.h"
#include "mua/wire_words.h"
#include "tests/suites.h"

static struct buf kept;

static void
keep(void *arg, enum wire_direction direction, const char *text,
    const char *words)
{
	(void)arg;
	(void)words;
	buf_printf(&kept, "%c: %s\n", (char)direction, text);
}

/* A dialogue: '>' or '<', and the bytes, cut anywhere. */
struct step {
	char direction;
	const char *bytes;
};

static const struct {
	enum wire_protocol protocol;
	struct step steps[14];
	const char *lines;
} dialogues[] = {
	/* clang-format off */
	{ WIRE_POP3, {
		{ '<', "+OK re" }, { '<', "ady\r\n" },
		{ '>', "USER bob\r\n" }, { '<', "+OK\r\n" },
		{ '>', "PASS 12345pass\r\n" }, { '<', "+OK in\r\n" },
		{ '>', "RETR 1\r\nRETR 2\r\n" },
		{ '<', "+OK 20 octets\r\nSubject: x\r\n\r\n..PASS secret\r\n.\r\n-ER" },
		{ '<', "R gone\r\n" },
		{ '>', "QUIT\r\n" }, { '<', "+OK\r\n" } },
	  "S: +OK ready\nC: USER bob\nS: +OK\nC: PASS ***\nS: +OK in\n"
	  "C: RETR 1\nC: RETR 2\nS: +OK 20 octets\n"
	  "S: (the message: 3 lines, 28 octets)\nS: .\nS: -ERR gone\n"
	  "C: QUIT\nS: +OK\n" },
	{ WIRE_POP3, {
		{ '<', "+OK <1@x>\r\n" },
		{ '>', "APOP bob c4c9334bac560ecc979e58001b3e22fb\r\n" },
		{ '<', "-ERR [AUTH] no\r\n" },
		{ '>', "AUTH PLAIN AGJvYgAxMjM0NXBhc3M=\r\n" }, { '<', "-ERR\r\n" },
		{ '>', "AUTH CRAM-MD5\r\n" }, { '<', "+ PDE4OTY+\r\n" },
		{ '>', "dGltIGI5MTNhNjAy\r\n" }, { '<', "-ERR no\r\n" },
		{ '>', "AUTH LOGIN\r\n" }, { '<', "+ UGFzc3dvcmQ6\r\n" },
		{ '>', "*\r\n" }, { '<', "-ERR cancelled\r\n" } },
	  "S: +OK <1@x>\nC: APOP bob ***\nS: -ERR [AUTH] no\n"
	  "C: AUTH PLAIN ***\nS: -ERR\nC: AUTH CRAM-MD5\nS: + ***\nC: ***\n"
	  "S: -ERR no\nC: AUTH LOGIN\nS: + UGFzc3dvcmQ6\nC: *\n"
	  "S: -ERR cancelled\n" },
	{ WIRE_SMTP, {
		{ '<', "220 x\r\n" }, { '>', "EHLO me\r\n" },
		{ '<', "250-x\r\n250 AUTH PLAIN\r\n" },
		{ '>', "AUTH PLAIN AGJvYgAxMjM0NXBhc3M=\r\n" },
		{ '<', "535-5.7.8 no\r\n535 you sent AGJvYgAxMjM0NXBhc3M=\r\n" },
		{ '>', "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n" },
		{ '<', "250 a\r\n250 b\r\n354 go\r\n" },
		{ '>', "Subject: AUTH\r\n\r\nPASS secret\r\n.\r\n" },
		{ '<', "250 Ok\r\n" }, { '>', "QUIT\r\n" }, { '<', "221 Bye\r\n" } },
	  "S: 220 x\nC: EHLO me\nS: 250-x\nS: 250 AUTH PLAIN\nC: AUTH PLAIN ***\n"
	  "S: 535-5.7.8 no\nS: 535 ***\nC: MAIL FROM:<a@b>\nC: RCPT TO:<c@d>\n"
	  "C: DATA\nS: 250 a\nS: 250 b\nS: 354 go\n"
	  "C: (the message: 3 lines, 30 octets)\nC: .\nS: 250 Ok\nC: QUIT\n"
	  "S: 221 Bye\n" },
	/* a server that answers what nobody asked hides nothing of ours */
	{ WIRE_POP3, {
		{ '<', "+OK\r\n+OK\r\n+OK\r\n+ x\r\n" },
		{ '>', "PASS secret\r\n" }, { '<', ".\r\n" },
		{ '>', "AUTH LOGIN\r\n" }, { '<', "+ VXNlcm5hbWU6\r\n+OK\r\n" },
		{ '>', "c2VjcmV0\r\n" } },
	  "S: +OK\nS: +OK\nS: +OK\nS: + x\nC: PASS ***\nS: .\n"
	  "C: AUTH LOGIN\nS: + VXNlcm5hbWU6\nS: +OK\nC: ***\n" },
	/* clang-format on */
};

START_TEST(secrets_and_messages_are_left_out)
{
	struct wire_tap tap = { .protocol = dialogues[_i].protocol,
		.line = keep };

	kept = (struct buf)BUF_INIT;
	for (const struct step *step = dialogues[_i].steps;
	     step->direction != '\0'; step++)
		wire_tap_feed(&tap, step->direction, step->bytes,
		    strlen(step->bytes));
	ck_assert_str_eq(kept.data, dialogues[_i].lines);
	buf_clear(&kept);
}
END_TEST

START_TEST(a_line_without_end_takes_no_memory)
{
	static char flood[100000];
	struct wire_tap tap = { .protocol = WIRE_POP3, .line = keep };

	kept = (struct buf)BUF_INIT;
	memset(flood, 'x', sizeof(flood));
	for (int i = 0; i < 100; i++)
		wire_tap_feed(&tap, '<', flood, sizeof(flood));
	ck_assert_uint_eq(kept.size, 0);
	wire_tap_feed(&tap, '<', "\r\n", 2);
	ck_assert_uint_eq(kept.size, strlen("S: \n") + WIRE_LINE_MAX);
	/* Commands that are never answered neither. */
	for (int i = 0; i < 1000; i++)
		wire_tap_feed(&tap, '>', "NOOP\r\n", 6);
	ck_assert_uint_eq(tap.count, WIRE_PENDING);
	buf_clear(&kept);
}
END_TEST

START_TEST(what_a_server_says_cannot_write_to_the_terminal)
{
	struct wire_line line = { .direction = WIRE_RECEIVED,
		.at = 1234,
		.text = xstrdup("+OK \x1b[2J\x1b]0;owned\a"),
		.words = xstrdup("yes") };
	struct lines lines = { 0 };

	wire_show(&line, true, &lines);
	ck_assert_uint_eq(lines.count, 2);
	ck_assert_str_eq(lines.items[0].text,
	    "   1.234 S: +OK ^[[2J^[]0;owned^G");
	ck_assert_str_eq(lines.items[1].text, "            yes");
	lines_clear(&lines);
	wire_show(&line, false, &lines);
	ck_assert_uint_eq(lines.count, 1);
	lines_clear(&lines);
	free(line.text);
	free(line.words);
}
END_TEST

START_TEST(the_last_operations_are_kept_and_the_first_lines_dropped)
{
	struct wire_log log = { 0 };
	struct lines lines = { 0 };
	struct wire *wire;

	for (int i = 0; i < 20; i++) {
		char title[32];

		(void)snprintf(title, sizeof(title), "number %d", i);
		wire = wire_begin(&log, title);
		wire->over = i != 3;
	}
	ck_assert_uint_eq(log.count, WIRES_MAX);
	ck_assert_str_eq(log.items[0]->title, "number 19");
	/* One that is under way is not thrown away. */
	ck_assert_str_eq(log.items[WIRES_MAX - 1]->title, "number 3");
	wire = log.items[0];
	for (int i = 0; i < 5000; i++)
		wire_add(&log, wire, WIRE_SENT, i, "NOOP", "");
	ck_assert_uint_eq(wire->count + wire->dropped, 5000);
	ck_assert_uint_le(wire->count, 3000);
	wire_show_all(wire, true, &lines);
	ck_assert_ptr_nonnull(strstr(lines.items[1].text, "are not kept"));
	lines_clear(&lines);
	wire_log_clear(&log);
}
END_TEST

static const struct {
	enum wire_protocol protocol;
	const char *verb;
	const char *line; /* NULL: the command itself */
	const char *words;
} meanings[] = {
	/* clang-format off */
	{ WIRE_POP3, "RETR", NULL, "send me this message" },
	{ WIRE_POP3, "XYZZY", NULL, "" },
	{ WIRE_POP3, "", "+OK hello", "ready" },
	{ WIRE_POP3, "PASS", "+OK", "you are logged in" },
	{ WIRE_POP3, "PASS", "-ERR [IN-USE] x", "another session has the mailbox" },
	{ WIRE_POP3, "NOOP", "-ERR", "no" },
	{ WIRE_SMTP, "DATA", NULL, "now the message itself" },
	{ WIRE_SMTP, "DATA", "250 Ok", "the message is safe with the server now" },
	{ WIRE_SMTP, "RSET", "250 Ok", "done" },
	{ WIRE_SMTP, "RCPT", "550 5.1.1 no", "nobody of that name, or not for you" },
	{ WIRE_SMTP, "MAIL", "459 x", "not now: later again" },
	{ WIRE_SMTP, "MAIL", "hello", "" },
	/* clang-format on */
};

START_TEST(each_line_has_its_meaning)
{
	const char *words = meanings[_i].line == NULL
	    ? wire_words_command(meanings[_i].protocol, meanings[_i].verb)
	    : wire_words_reply(meanings[_i].protocol, meanings[_i].verb,
		  meanings[_i].line);

	ck_assert_str_eq(words, meanings[_i].words);
}
END_TEST

Suite *
wire_suite(void)
{
	Suite *suite = suite_create("wire");
	TCase *tc = tcase_create("wire");

	tcase_add_loop_test(tc, secrets_and_messages_are_left_out, 0,
	    COUNT(dialogues));
	tcase_add_test(tc, a_line_without_end_takes_no_memory);
	tcase_add_test(tc, what_a_server_says_cannot_write_to_the_terminal);
	tcase_add_test(tc,
	    the_last_operations_are_kept_and_the_first_lines_dropped);
	tcase_add_loop_test(tc, each_line_has_its_meaning, 0, COUNT(meanings));
	suite_add_tcase(suite, tc);
	return suite;
}
