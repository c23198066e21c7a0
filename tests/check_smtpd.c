/*
 * check_smtpd.c - commands, states and limits of an SMTP session.
 *
 * Texts are those of the worksheets and of Postfix 3.7, codes those of RFC
 * 5321 and 3463.
 */
#include <stdio.h>
#include <string.h>

#include "smtpd/session.h"
#include "tests/check_session_world.h"
#include "tests/suites.h"

/* A command, the state it meets, the reply it begins with, the state after. */
static const struct {
	const char *line;
	enum session_state before;
	const char *reply;
	enum session_state after;
} cases[] = {
	/* clang-format off */
	{ "HELO localhost", FRESH, "250 mx.campus.example", READY },
	{ "EHLO localhost", FRESH, "250 mx.campus.example\nPIPELINING\nSIZE 10240000\nVRFY\n", READY },
	{ "ehlo localhost", RCPTS, "250 mx.campus.example\n", READY },
	{ "HELO raphael@students.hevs.ch", FRESH, "250 mx.campus.example", READY },
	{ "HELO", FRESH, "501 5.5.4 Syntax: HELO hostname", FRESH },
	{ "EHLO", SENDER, "501 5.5.4 Syntax: EHLO hostname", SENDER },
	{ "MAIL FROM:<a@b.example>", FRESH, "503 5.5.1 Error: send HELO/EHLO first", FRESH },
	{ "RCPT TO:<bob@campus.example>", FRESH, "503 5.5.1 Error: send HELO/EHLO first", FRESH },
	{ "DATA", FRESH, "503 5.5.1 Error: send HELO/EHLO first", FRESH },
	{ "MAIL FROM:<a@b.example>", READY, "250 2.1.0 Ok", SENDER },
	{ "mail from: a@b.example", READY, "250 2.1.0 Ok", SENDER },
	{ "MAIL FROM:<>", READY, "250 2.1.0 Ok", SENDER },
	{ "MAIL FROM:<Postmaster>", READY, "250 2.1.0 Ok", SENDER },
	{ "MAIL From: Bill Clinton <clinton@whitehouse.gov>", READY, "250 2.1.0 Ok", SENDER },
	{ "MAIL From: clinton@whitehouse.gov (Bill Clinton)", READY, "250 2.1.0 Ok", SENDER },
	{ "MAIL FROM clinton@whitehouse.gov", READY, "501 5.5.4 Syntax: MAIL FROM:<address>", READY },
	{ "MAIL", READY, "501 5.5.4 Syntax: MAIL FROM:<address>", READY },
	{ "MAIL FROM:<a b@c.example>", READY, "501 5.1.7 Bad sender address syntax", READY },
	{ "MAIL FROM:<a@b.example>x", READY, "501 5", READY },
	{ "MAIL FROM:<c@b.example>", SENDER, "503 5.5.1 Error: nested MAIL command", SENDER },
	{ "MAIL FROM:<c@b.example>", RCPTS, "503 5.5.1 Error: nested MAIL command", RCPTS },
	{ "RCPT TO:<bob@campus.example>", READY, "503 5.5.1 Error: need MAIL command", READY },
	{ "RCPT TO:<bob@campus.example>", SENDER, "250 2.1.5 Ok", RCPTS },
	{ "RCPT TO: bob@campus.example", SENDER, "250 2.1.5 Ok", RCPTS },
	{ "RCPT TO:<BOB@Campus.Example>", SENDER, "250 2.1.5 Ok", RCPTS },
	{ "RCPT TO:<alice@campus.example>", RCPTS, "250 2.1.5 Ok", RCPTS },
	{ "RCPT TO:<nobody@campus.example>", SENDER, "550 5.1.1 <nobody@campus.example>: Recipient address rejected: User unknown", SENDER },
	{ "RCPT TO:<someone@gmail.com>", SENDER, "554 5.7.1 <someone@gmail.com>: Relay access denied", SENDER },
	{ "RCPT TO:<bob@[127.0.0.1]>", SENDER, "554 5.7.1 ", SENDER },
	{ "RCPT TO:<>", SENDER, "501 5.1.3 ", SENDER },
	{ "RCPT TO:<bob@campus.example> NOTIFY=SUCCESS", SENDER, "250 2.1.5 Ok", RCPTS },
	{ "RCPT TO:<bob@campus.example> NOTIFY=NEVER,SUCCESS", SENDER, "501 5.5.4 NOTIFY", SENDER },
	{ "RCPT TO:<bob@campus.example> SIZE=5", SENDER, "555 5.5.4 Unsupported option: SIZE=5", SENDER },
	{ "RCPT TO:<b\xc3\xb6" "b@campus.example>", SENDER, "553 5.6.7 ", SENDER },
	{ "RCPT TO:<b\xf6" "b@campus.example>", SENDER, "501 5.1.3 ", SENDER },
	{ "MAIL FROM:<b\xc3\xb6" "b@x.example>", READY, "553 5.6.7 ", READY },
	{ "MAIL FROM:<b\xc3\xb6" "b@x.example> SMTPUTF8", READY, "250 2.1.0 Ok", SENDER },
	{ "MAIL FROM:<b@b\xc3\xb6" "b.example>", READY, "553 5.6.7 ", READY },
	{ "MAIL FROM: B\xc3\xb6" "b <b@x.example>", READY, "250 2.1.0 Ok", SENDER },
	{ "MAIL FROM:<a@b.example> RET=HDRS ENVID=1 BODY=8BITMIME", READY, "250 2.1.0 Ok", SENDER },
	{ "RCPT FROM:<bob@campus.example>", SENDER, "501 5.5.4 Syntax: RCPT TO:<address>", SENDER },
	{ "DATA", READY, "503 5.5.1 Error: need RCPT command", READY },
	{ "DATA", SENDER, "554 5.5.1 Error: no valid recipients", SENDER },
	{ "DATA now", RCPTS, "501 5.5.4 Syntax: DATA", RCPTS },
	{ "RSET", FRESH, "250 2.0.0 Ok", FRESH },
	{ "RSET", RCPTS, "250 2.0.0 Ok", READY },
	{ "RSET all", RCPTS, "501 5.5.4 Syntax: RSET", RCPTS },
	{ "NOOP", FRESH, "250 2.0.0 Ok", FRESH },
	{ "NOOP hello", RCPTS, "250 2.0.0 Ok", RCPTS },
	{ "VRFY bob", READY, "250 2.1.5 <bob@campus.example>", READY },
	{ "VRFY nobody", READY, "550 5.1.1 ", READY },
	{ "VRFY <Bob+x@Campus.example>", FRESH, "250 2.1.5 <bob@campus.example>", FRESH },
	{ "VRFY staff", READY, "250 2.1.5 A list", READY },
	{ "VRFY a@far.example", READY, "551 5.7.1 ", READY },
	{ "VRFY <", READY, "501 5.1.3 ", READY },
	{ "VRFY", READY, "501 5.5.4 Syntax: VRFY address", READY },
	{ "HELP", READY, "214 2.0.0 Commands: EHLO HELO MAIL", READY },
	{ "HELP mail", READY, "214 2.0.0 Syntax: MAIL FROM:<address>", READY },
	{ "AUTH LOGIN", FRESH, "503 5.5.1 Error: authentication not enabled", FRESH },
	{ "AUTH LOGIN", RCPTS, "503 5.5.1 Error: authentication not enabled", RCPTS },
	{ "STARTTLS", READY, "502 5.5.1 Error: command not implemented", READY },
	/* the lines before the last are on their way: 22-vrfy-classroom.txt */
	{ "EXPN staff", READY, "250 2.1.5 <bob@campus.example>", READY },
	{ "EXPN nobody", READY, "550 5.1.1 ", READY },
	{ "EXPN", READY, "501 5.5.4 Syntax: EXPN list", READY },
	{ "BDAT", RCPTS, "501 5.5.4 Syntax: BDAT octets [LAST]", RCPTS },
	{ "BDAT ten", RCPTS, "501 5.5.4 Syntax: BDAT octets [LAST]", RCPTS },
	{ "BDAT -1 LAST", RCPTS, "501 5.5.4 Syntax: BDAT octets [LAST]", RCPTS },
	{ "BDAT 1 FIRST", RCPTS, "501 5.5.4 Syntax: BDAT octets [LAST]", RCPTS },
	{ "BDAT 0", FRESH, "503 5.5.1 Error: send HELO/EHLO first", FRESH },
	{ "BDAT 0", READY, "503 5.5.1 Error: need MAIL command", READY },
	{ "BDAT 0 LAST", SENDER, "554 5.5.1 Error: no valid recipients", SENDER },
	{ "BDAT 0", RCPTS, "250 2.0.0 Ok: 0 bytes", CHUNKS },
	{ "BDAT 10240001 LAST", RCPTS, "552 5.3.4 ", DONE },
	{ "VERFY bob", READY, "500 5.5.2 Error: command not recognized; did you mean VRFY?", READY },
	{ "HELLO x", FRESH, "500 5.5.2 Error: command not recognized; did you mean HELO?", FRESH },
	{ "QIUT", READY, "500 5.5.2 Error: command not recognized; did you mean QUIT?", READY },
	{ "", READY, "500 5.5.2 Error: command not recognized", READY },
	{ " NOOP", READY, "500 5.5.2 Error: command not recognized", READY },
	{ "QUIT", RCPTS, "221 2.0.0 Bye", DONE },
	{ "GET / HTTP/1.1", FRESH, "421 4.7.0 mx.campus.example Error: this is a mail server", DONE },
	{ "POST /x HTTP/1.0", RCPTS, "421 4.7.0 ", DONE },
	{ "CONNECT mx:25 HTTP/1.1", READY, "421 4.7.0 ", DONE },
	/* clang-format on */
};

START_TEST(commands_obey_the_state)
{
	struct reply r;
	char text[REPLY_TEXT_MAX + 8];

	world_bring_to(cases[_i].before);
	r = world_say(cases[_i].line);
	snprintf(text, sizeof(text), "%d %s", r.code, r.text);
	ck_assert_msg(strncmp(text, cases[_i].reply, strlen(cases[_i].reply)) ==
		0,
	    "%s: %s", cases[_i].line, text);
	ck_assert_int_eq(world_session.state, cases[_i].after);
}
END_TEST

/* The same, on a strict world_session_listener. */
static const struct {
	const char *line;
	enum session_state before;
	int code;
} strict[] = {
	/* clang-format off */
	{ "HELO raphael@students.hevs.ch", FRESH, 501 },
	{ "EHLO desk (really)", FRESH, 501 },
	{ "EHLO my_desktop", FRESH, 250 },
	{ "EHLO [127.0.0.1]", FRESH, 250 },
	{ "EHLO [IPv6:2001:db8::1]", FRESH, 250 },
	{ "MAIL FROM:<a@b.example>", READY, 250 },
	{ "MAIL FROM: <a@b.example>", READY, 250 },
	{ "MAIL FROM:a@b.example", READY, 501 },
	{ "MAIL FROM:Bill <a@b.example>", READY, 501 },
	{ "RCPT TO:<Postmaster>", SENDER, 550 }, /* nobody is, in this world */
	{ "RCPT TO:bob@campus.example", SENDER, 501 },
	/* clang-format on */
};

START_TEST(a_strict_listener_is_exact)
{
	world_session_listener.leniency = STRICT;
	world_bring_to(strict[_i].before);
	ck_assert_int_eq(world_say(strict[_i].line).code, strict[_i].code);
}
END_TEST

/* A command line of so many octets, CRLF included. */
static const struct {
	const char *begin;
	const char *end;
	size_t octets;
	int code;
} lengths[] = {
	/* clang-format off */
	{ "NOOP ", "", 512, 250 },
	{ "NOOP ", "", 513, 500 },
	{ "FOO ", "", 513, 500 },
	{ "MAIL FROM:<a@b.example> AUTH=", "", 600, 250 },
	{ "MAIL FROM:<a@b.example> AUTH=", "", 1181, 250 },
	{ "MAIL FROM:<a@b.example> AUTH=", "", 1182, 500 },
	{ "RCPT TO:<bob@campus.example> ", "", 1051, 503 },
	{ "RCPT TO:<bob@campus.example> ", "", 1052, 500 },
	{ "AUTH PLAIN ", "", 12288, 503 },
	{ "AUTH PLAIN ", "", 12289, 500 },
	/* clang-format on */
};

START_TEST(a_command_line_has_its_length)
{
	char line[16384];
	size_t n = strlen(lengths[_i].begin);

	world_session_listener.auth =
	    lengths[_i].code == 503 ? AUTH_OFF : AUTH_OPTIONAL;
	world_bring_to(READY);
	memset(line, 'x', sizeof(line));
	memcpy(line, lengths[_i].begin, n);
	line[lengths[_i].octets - 2] = '\0';
	ck_assert_int_eq(world_say(line).code, lengths[_i].code);
}
END_TEST

START_TEST(every_reply_line_is_within_512_octets)
{
	char address[400];
	struct reply r;

	world_session_listener.explain = true;
	world_bring_to(SENDER);
	snprintf(address, sizeof(address),
	    "RCPT TO:<%.64s@%.63s.%.63s.example>",
	    "1234567890123456789012345678901234567890123456789012345678901234",
	    "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc",
	    "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc");
	r = world_say(address);
	ck_assert_int_eq(r.code, 554);
	for (const char *line = r.text; line != NULL;
	     line = strchr(line + 1, '\n'))
		ck_assert_uint_le(strcspn(line + 1, "\n"), 500);
}
END_TEST

Suite *
smtpd_suite(void)
{
	Suite *suite = suite_create("smtpd");
	TCase *tc = tcase_create("smtpd");

	tcase_add_checked_fixture(tc, session_world_make, session_world_remove);
	tcase_add_loop_test(tc, commands_obey_the_state, 0, COUNT(cases));
	tcase_add_loop_test(tc, a_strict_listener_is_exact, 0, COUNT(strict));
	tcase_add_loop_test(tc, a_command_line_has_its_length, 0,
	    COUNT(lengths));
	tcase_add_test(tc, every_reply_line_is_within_512_octets);
	suite_add_tcase(suite, tc);
	return suite;
}
