/*
 * check_smtpd_talk.c - whole SMTP sessions over a socket: order, limits, ends.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "tests/check_smtpd_world.h"
#include "tests/suites.h"

#define MESSAGE "Subject: x\r\n\r\ny\r\n.\r\n"

/* "220 250 354 ...": the code of each reply's last line. */
static const char *
codes_of(const char *said)
{
	static char codes[1024];
	size_t at = 0;

	codes[0] = '\0';
	for (const char *line = said; *line != '\0';
	     line = strchr(line, '\n') + 1) {
		ck_assert_ptr_nonnull(strstr(line, "\r\n"));
		if (line[3] != ' ')
			continue;
		at += (size_t)snprintf(codes + at, sizeof(codes) - at, "%s%.3s",
		    at == 0 ? "" : " ", line);
		ck_assert_uint_lt(at, sizeof(codes));
	}
	return codes;
}

/* Everything in one packet, and the codes that must come back in order. */
static const struct {
	const char *wire;
	const char *codes;
} bursts[] = {
	/* clang-format off */
	/* 07: a whole script pasted at once, by HELO and by EHLO */
	{ "HELO desk\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<bob@campus.example>\r\nDATA\r\n" MESSAGE "QUIT\r\n",
	  "220 250 250 250 354 250 221" },
	{ "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<bob@campus.example>\r\nRCPT TO:<nobody@campus.example>\r\n"
	  "RCPT TO:<alice@campus.example>\r\nDATA\r\n" MESSAGE
	  "MAIL FROM:<>\r\nRCPT TO:<bob@campus.example>\r\nDATA\r\n" MESSAGE
	  "QUIT\r\n",
	  "220 250 250 250 550 250 354 250 250 250 354 250 221" },
	/* nobody left to send to */
	{ "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<nobody@campus.example>\r\nDATA\r\nRSET\r\nQUIT\r\n",
	  "220 250 250 550 554 250 221" },
	/* a refused message ends the transaction, not the session */
	{ "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<bob@campus.example>\r\nDATA\r\nbare\nLF\r\n.\r\n"
	  "RCPT TO:<bob@campus.example>\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<bob@campus.example>\r\nDATA\r\n" MESSAGE "QUIT\r\n",
	  "220 250 250 250 354 550 503 250 250 354 250 221" },
	/* LF alone: the end cannot be known, and nothing behind it is done */
	{ "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<bob@campus.example>\r\nDATA\r\nx\n.\n"
	  "MAIL FROM:<evil@b.example>\r\nRCPT TO:<bob@campus.example>\r\n"
	  "DATA\r\n" MESSAGE "QUIT\r\n", "220 250 250 250 354 550" },
	/* smuggling: what stands behind a false end is text */
	{ "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<bob@campus.example>\r\nDATA\r\nx\n.\r\n"
	  "MAIL FROM:<evil@b.example>\r\n.\r\nQUIT\r\n",
	  "220 250 250 250 354 550 221" },
	/* chunks (RFC 3030): a dot is a dot, and a command follows its chunk */
	{ "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<bob@campus.example>\r\nBDAT 14\r\nSubject: x\r\n\r\n"
	  "BDAT 4\r\n.\r\nyBDAT 2 LAST\r\n\r\nQUIT\r\n",
	  "220 250 250 250 250 250 250 221" },
	{ "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<bob@campus.example>\r\nBDAT 4\r\na\r\nbBDAT 0 last\r\n"
	  "QUIT\r\n", "220 250 250 250 250 250 221" },
	/* a chunk nobody wants is no command */
	{ "BDAT 6 LAST\r\nNOOP\r\nEHLO desk\r\nBDAT 6\r\nNOOP\r\n"
	  "MAIL FROM:<a@b.example>\r\nBDAT 6 LAST\r\nNOOP\r\nQUIT\r\n",
	  "220 503 250 503 250 554 221" },
	/* BDAT and DATA do not mix, and nobody is added later */
	{ "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<bob@campus.example>\r\nBDAT 3\r\na\r\nDATA\r\n"
	  "RCPT TO:<alice@campus.example>\r\nMAIL FROM:<c@b.example>\r\n"
	  "BDAT 3 LAST\r\nb\r\nDATA\r\nQUIT\r\n",
	  "220 250 250 250 250 503 503 503 250 503 221" },
	{ "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<bob@campus.example>\r\nBDAT 3\r\na\r\nRSET\r\n"
	  "BDAT 3 LAST\r\nb\r\nQUIT\r\n",
	  "220 250 250 250 250 250 503 221" },
	/* a fault ends the transaction at its chunk */
	{ "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<bob@campus.example>\r\nBDAT 2\r\na\nBDAT 6 LAST\r\n"
	  "NOOP\r\nQUIT\r\n", "220 250 250 250 550 503 221" },
	/* of what size the chunk is that cannot be read nobody knows */
	{ "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<bob@campus.example>\r\nBDAT 99999999 LAST\r\nNOOP\r\n",
	  "220 250 250 250 552" },
	/* a bare LF may end a command line in a classroom; telnet talks too */
	{ "EHLO desk\nNOOP\n\xFF\xFD\x01NOOP\r\nMAX\x08IL FROM:<a@b.example>\n"
	  "QUIT\n", "220 250 250 250 250 221" },
	/* nothing after QUIT is looked at */
	{ "QUIT\r\nNOOP\r\n", "220 221" },
	/* the client just leaves */
	{ "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n", "220 250 250" },
	{ "", "220" },
	/* clang-format on */
};

START_TEST(a_burst_is_answered_in_order)
{
	const struct listener listener = world_listener();

	world_start_mda();
	ck_assert_str_eq(codes_of(world_play(&listener, bursts[_i].wire)),
	    bursts[_i].codes);
}
END_TEST

START_TEST(the_texts_are_those_of_the_worksheets)
{
	static const char beginning[] =
	    "220 mx.campus.example ESMTP Postlab\r\n"
	    "250 mx.campus.example\r\n"
	    "250 2.1.0 Ok\r\n"
	    "250 2.1.5 Ok\r\n"
	    "354 End data with <CR><LF>.<CR><LF>\r\n"
	    "250 2.0.0 Ok: queued as ";
	const struct listener listener = world_listener();
	const char *said;

	world_start_mda();
	said = world_play(&listener,
	    "HELO desk\r\nMAIL FROM: a@b.example\r\n"
	    "RCPT TO: bob@campus.example\r\nDATA\r\n" MESSAGE "QUIT\r\n");
	ck_assert_int_eq(strncmp(said, beginning, strlen(beginning)), 0);
	ck_assert_str_eq(said + strlen(beginning) + QUEUE_ID_LENGTH,
	    "\r\n221 2.0.0 Bye\r\n");
}
END_TEST

START_TEST(a_message_that_is_too_big_leaves_the_session_usable)
{
	const struct listener listener = world_listener();
	struct buf wire = BUF_INIT;

	world_start_mda();
	world_config.message_size = 70000;
	buf_addstr(&wire,
	    "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n"
	    "RCPT TO:<bob@campus.example>\r\nDATA\r\n\r\n");
	for (int i = 0; i < 1000; i++)
		buf_addstr(&wire,
		    "0123456789012345678901234567890123456789"
		    "01234567890123456789012345678901\r\n");
	buf_addstr(&wire,
	    ".\r\nMAIL FROM:<a@b.example>\r\n"
	    "RCPT TO:<bob@campus.example>\r\nDATA\r\n" MESSAGE "QUIT\r\n");
	ck_assert_str_eq(codes_of(world_play(&listener, wire.data)),
	    "220 250 250 250 354 552 250 250 354 250 221");
	ck_assert_int_eq(world_delivered("bob@"), 1);
	buf_clear(&wire);
}
END_TEST

START_TEST(a_strict_listener_refuses_who_speaks_first)
{
	struct listener listener = world_listener();

	listener.leniency = STRICT;
	ck_assert_str_eq(world_play(&listener, "EHLO desk\r\nQUIT\r\n"),
	    "521 5.5.1 mx.campus.example Error: "
	    "you spoke before the greeting\r\n");
}
END_TEST

START_TEST(submission_wants_a_login_at_mail)
{
	struct listener listener = world_listener();

	listener.protocol = PROTO_MSA;
	listener.auth = AUTH_REQUIRED;
	listener.cleartext = true;
	ck_assert_ptr_nonnull(
	    strstr(world_play(&listener,
		       "EHLO desk\r\nMAIL FROM:<alice@campus.example>\r\n"
		       "RCPT TO:<bob@campus.example>\r\nQUIT\r\n"),
		"250-AUTH SCRAM-SHA-256 PLAIN LOGIN\r\n"
		"250-SMTPUTF8\r\n250-LIMITS RCPTMAX=100\r\n250-HELP\r\n"
		"250 CHUNKING\r\n"
		"530 5.7.0 Authentication required\r\n"
		"503 5.5.1 Error: need MAIL command\r\n"
		"221 2.0.0 Bye\r\n"));
}
END_TEST

START_TEST(passwords_are_not_offered_in_clear)
{
	struct listener listener = world_listener();

	listener.auth = AUTH_OPTIONAL;
	ck_assert_ptr_nonnull(
	    strstr(world_play(&listener, "EHLO desk\r\nQUIT\r\n"),
		"250-AUTH SCRAM-SHA-256\r\n"));
}
END_TEST

START_TEST(twenty_mistakes_are_slowed_down_and_then_the_end)
{
	const struct listener listener = world_listener();
	struct buf wire = BUF_INIT;
	const char *said;
	time_t begun = time(NULL);

	for (int i = 0; i < 25; i++)
		buf_addstr(&wire, "FOO\r\n");
	said = world_play(&listener, wire.data);
	ck_assert_str_eq(codes_of(said),
	    "220 500 500 500 500 500 500 500 500 500 500 500 500 500 500 500 "
	    "500 500 500 500 421");
	ck_assert_ptr_nonnull(strstr(said,
	    "421 4.7.0 mx.campus.example Error: too many errors\r\n"));
	ck_assert_int_ge(time(NULL) - begun, 8);
	buf_clear(&wire);
}
END_TEST

START_TEST(recipients_too_many_are_no_mistakes)
{
	const struct listener listener = world_listener();
	struct buf wire = BUF_INIT;

	world_start_mda();
	world_config.max_recipients = 1;
	buf_addstr(&wire, "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n");
	for (int i = 0; i < 30; i++)
		buf_addstr(&wire, "RCPT TO:<bob@campus.example>\r\n");
	buf_addstr(&wire, "DATA\r\n" MESSAGE "QUIT\r\n");
	ck_assert_ptr_nonnull(strstr(codes_of(world_play(&listener, wire.data)),
	    "452 452 452 354 250 221"));
	ck_assert_int_eq(world_delivered("bob@"), 1);
	buf_clear(&wire);
}
END_TEST

START_TEST(a_hundred_commands_without_mail_are_the_end)
{
	const struct listener listener = world_listener();
	struct buf wire = BUF_INIT;
	const char *said;

	for (int i = 0; i < 110; i++)
		buf_addstr(&wire, "NOOP\r\n");
	said = world_play(&listener, wire.data);
	ck_assert_ptr_nonnull(strstr(said,
	    "421 4.7.0 mx.campus.example Error: "
	    "too many commands and no mail\r\n"));
	ck_assert_uint_eq(strlen(codes_of(said)), 4 * 102 - 1);
	buf_clear(&wire);
}
END_TEST

/* Runs a session in a child; returns the client's end of the line. */
static int
start_session(pid_t *pid_out)
{
	const struct listener listener = world_listener();
	static const struct peer peer = { .address = "127.0.0.1", .uid = -1 };
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	*pid_out = fork();
	ck_assert_int_ne(*pid_out, -1);
	if (*pid_out == 0) {
		struct conn *conn = conn_open(fds[0], 30);

		close(fds[1]);
		smtp_session(&world_service, conn, &listener, &peer);
		conn_close(conn);
		_exit(0);
	}
	close(fds[0]);
	return fds[1];
}

/* Sends BYTES, one each quarter of a second, until the server has closed. */
static void
drip(int fd, const char *bytes, struct buf *said)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	char data[1024];

	for (;;) {
		ssize_t n = 0;

		if (poll(&ready, 1, 250) == 1)
			n = read(fd, data, sizeof(data));
		if (n > 0)
			buf_add(said, data, (size_t)n);
		else if (ready.revents != 0)
			return;
		else if (*bytes != '\0' &&
		    send(fd, bytes++, 1, MSG_NOSIGNAL) == -1)
			return;
	}
}

/* What a client does that keeps a worker busy and gets nowhere. */
#define SLOWLY "-a-name-typed-slowly"
#define LINES "a\r\nb\r\nc\r\nd\r\ne\r\n"
static const struct {
	const char *first;
	const char *drops;
} slow[] = {
	/* clang-format off */
	{ "", "" },
	{ "", "EHLO " SLOWLY SLOWLY SLOWLY SLOWLY SLOWLY SLOWLY },
	{ "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<bob@campus.example>\r\nDATA\r\n",
	  LINES LINES LINES LINES LINES LINES LINES LINES },
	{ "EHLO desk\r\nMAIL FROM:<a@b.example>\r\n"
	  "RCPT TO:<bob@campus.example>\r\nDATA\r\na\r\n", "" },
	/* clang-format on */
};

START_TEST(nobody_holds_a_worker_for_ever)
{
	struct buf said = BUF_INIT;
	time_t begun = time(NULL);
	pid_t pid;
	int fd;

	world_config.command_timeout = 2;
	world_config.data_timeout = 3;
	fd = start_session(&pid);
	ck_assert_int_eq(write_all(fd, slow[_i].first, strlen(slow[_i].first)),
	    0);
	drip(fd, slow[_i].drops, &said);
	/* What drips is half a minute long. */
	ck_assert_int_le(time(NULL) - begun, 20);
	ck_assert_ptr_nonnull(strstr(said.data,
	    "421 4.4.2 mx.campus.example Error: timeout exceeded\r\n"));
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	buf_clear(&said);
	close(fd);
}
END_TEST

START_TEST(an_open_session_is_told_that_the_server_ends)
{
	struct buf said = BUF_INIT;
	pid_t pid;
	int fd;

	server_stop = 1;
	fd = start_session(&pid);
	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	drip(fd, "", &said);
	ck_assert_ptr_nonnull(strstr(said.data,
	    "421 4.3.2 mx.campus.example Error: shutting down\r\n"));
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	server_stop = 0;
	buf_clear(&said);
	close(fd);
}
END_TEST

Suite *
smtpd_talk_suite(void)
{
	Suite *suite = suite_create("smtpd_talk");
	TCase *tc = tcase_create("smtpd_talk");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, smtpd_world_make, smtpd_world_remove);
	tcase_add_loop_test(tc, a_burst_is_answered_in_order, 0, COUNT(bursts));
	tcase_add_test(tc, the_texts_are_those_of_the_worksheets);
	tcase_add_test(tc, a_message_that_is_too_big_leaves_the_session_usable);
	tcase_add_test(tc, a_strict_listener_refuses_who_speaks_first);
	tcase_add_test(tc, submission_wants_a_login_at_mail);
	tcase_add_test(tc, passwords_are_not_offered_in_clear);
	tcase_add_test(tc, twenty_mistakes_are_slowed_down_and_then_the_end);
	tcase_add_test(tc, recipients_too_many_are_no_mistakes);
	tcase_add_test(tc, a_hundred_commands_without_mail_are_the_end);
	tcase_add_loop_test(tc, nobody_holds_a_worker_for_ever, 0, COUNT(slow));
	tcase_add_test(tc, an_open_session_is_told_that_the_server_ends);
	suite_add_tcase(suite, tc);
	return suite;
}
