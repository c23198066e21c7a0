/*
 * check_transcript.c - real SMTP sessions are recorded, and SQL finds in
 * evidence.sqlite what was said.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/db.h"
#include "common/helper_socket.h"
#include "common/transcript_helper.h"
#include "common/transcript_wire.h"
#include "tests/check_smtpd_world.h"
#include "tests/check_transcript_world.h"
#include "tests/suites.h"

START_TEST(a_session_is_recorded_line_by_line)
{
	evidence_start();
	evidence_play("HELO desk\r\nNOOP\r\nQUIT\r\n");
	evidence_stop();
	ck_assert_str_eq(
	    evidence_ask(
		"SELECT line, kind, verb, code, answers, text FROM lines"),
	    "1|reply||220||220 mx.campus.example ESMTP Postlab\n"
	    "2|command|HELO|||HELO desk\n"
	    "3|command|NOOP|||NOOP\n"
	    "4|command|QUIT|||QUIT\n"
	    "5|reply||250|2|250 mx.campus.example\n"
	    "6|reply||250|3|250 2.0.0 Ok\n"
	    "7|reply||221|4|221 2.0.0 Bye");
	ck_assert_str_eq(evidence_ask(
			     "SELECT program, listener, address, uid, helo,"
			     " login, tls, outcome, ended >= begun,"
			     " secrets FROM sessions"),
	    "smtpd|test|127.0.0.1||desk|||quit|1|0");
	ck_assert_str_eq(evidence_ask("SELECT * FROM gaps"), "");
}
END_TEST

START_TEST(what_came_in_one_packet_has_one_segment)
{
	evidence_start();
	evidence_play(
	    "EHLO desk\r\nMAIL FROM:<a@far.example>\r\nRSET\r\nQUIT\r\n");
	evidence_stop();
	ck_assert_str_eq(evidence_ask("SELECT count(DISTINCT segment), count(*)"
				      " FROM lines WHERE kind = 'command'"),
	    "1|4");
}
END_TEST

/* The client waits for each answer: each line is a segment of its own. */
START_TEST(what_waited_for_its_answer_has_another)
{
	static const struct peer peer = { .address = "127.0.0.1", .uid = -1 };
	struct listener listener = evidence_listener();
	char line[512];
	int fds[2];
	pid_t pid;

	evidence_start();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	pid = fork();
	if (pid == 0) {
		struct conn *conn = conn_open(fds[1], 30);

		close(fds[0]);
		conn_getline(conn, line, sizeof(line));
		conn_putline(conn, "HELO desk");
		conn_getline(conn, line, sizeof(line));
		conn_putline(conn, "QUIT");
		conn_getline(conn, line, sizeof(line));
		_exit(0);
	}
	close(fds[1]);
	struct conn *conn = conn_open(fds[0], 30);
	smtp_session(&world_service, conn, &listener, &peer);
	conn_close(conn);
	waitpid(pid, NULL, 0);
	evidence_stop();
	ck_assert_str_eq(
	    evidence_ask(
		"SELECT segment, text FROM lines WHERE kind = 'command'"),
	    "1|HELO desk\n2|QUIT");
}
END_TEST

START_TEST(a_message_is_kept_as_it_came)
{
	world_start_mda();
	evidence_start();
	evidence_play("EHLO desk\r\nMAIL FROM:<a@far.example>\r\n"
		      "RCPT TO:<bob@campus.example>\r\nDATA\r\n"
		      "Subject: x\r\n\r\n..dot\r\n.\r\n"
		      "NOOP\r\nQUIT\r\n");
	evidence_stop();
	ck_assert_str_eq(evidence_ask(
			     "SELECT verb, size, left_out, content FROM texts"
			     " JOIN lines USING (session, line)"),
	    "DATA|24|0|Subject: x\r\n\r\n..dot\r\n.\r\n");
	/* The two answers to DATA, and what the message became. */
	ck_assert_str_eq(evidence_ask(
			     "SELECT r.code, substr(r.text, 5, 6) FROM lines c"
			     " JOIN lines r ON r.session = c.session"
			     "  AND r.answers = c.line WHERE c.verb = 'DATA'"),
	    "354|End da\n250|2.0.0 ");
	ck_assert_str_eq(evidence_ask(
			     "SELECT instr(r.text, m.queue_id) > 0"
			     " FROM messages m JOIN lines r ON r.session ="
			     " m.session AND r.answers = m.line"
			     " WHERE r.code = 250"),
	    "1");
}
END_TEST

START_TEST(of_a_long_message_the_begin_is_kept)
{
	enum { LINES = 10000, LINE = 64 };
	struct buf wire = BUF_INIT;

	evidence_start();
	buf_addstr(&wire,
	    "EHLO desk\r\nMAIL FROM:<a@far.example>\r\n"
	    "RCPT TO:<bob@campus.example>\r\nDATA\r\n");
	for (int i = 0; i < LINES; i++)
		buf_printf(&wire, "%0*d\r\n", LINE - 2, i);
	buf_addstr(&wire, ".\r\nQUIT\r\n");
	evidence_play(wire.data);
	buf_clear(&wire);
	evidence_stop();
	ck_assert_str_eq(evidence_ask("SELECT size, left_out, length(content),"
				      " substr(content, 63, 65) FROM texts"),
	    "640003|508931|131072|\r\n"
	    "000000000000000000000000000000000000000000000000000000000000"
	    "01\r");
	ck_assert_str_eq(evidence_ask("SELECT * FROM gaps"), "");
}
END_TEST

static const struct {
	const char *wire;
	const char *rows;
} flaws[] = {
	/* clang-format off */
	{ "HELO desk\nQUIT\r\n",   "no CRLF|HELO desk\n|QUIT" },
	{ "NOOP\r\nEHLO de",       "|NOOP\ncut|EHLO de" },
	{ "NO\rOP\r\nQUIT\r\n",    "bad|NOOP\n|QUIT" },
	{ "\xFF\xFB\x01HELO x\r\n", "|HELO x\ncut|" },
	/* clang-format on */
};

START_TEST(how_a_line_was_wrong_is_said)
{
	evidence_start();
	evidence_play(flaws[_i].wire);
	evidence_stop();
	if (strstr(flaws[_i].rows, "cut|") == NULL ||
	    strstr(flaws[_i].rows, "de") != NULL)
		ck_assert_str_eq(
		    evidence_ask(
			"SELECT flaw, text FROM lines WHERE kind = 'command'"),
		    flaws[_i].rows);
	else
		ck_assert_str_eq(
		    evidence_ask(
			"SELECT text FROM lines WHERE kind = 'command'"),
		    "HELO x");
}
END_TEST

/* Says WIRE, which is freed, while the helper sleeps; the session comes out. */
static void
play_to_sleeper(int milliseconds, struct buf *wire)
{
	struct listener listener = evidence_listener();
	pid_t waker;

	evidence_start();
	waker = evidence_sleep(milliseconds);
	ck_assert_ptr_nonnull(
	    strstr(world_play(&listener, wire->data), "221 "));
	buf_clear(wire);
	evidence_awaken(waker);
	evidence_stop();
	ck_assert_str_eq(evidence_ask("SELECT count(*) FROM gaps"), "0");
}

/* As on a busy machine: others have the CPU for a while. */
START_TEST(a_helper_that_is_behind_for_a_moment_misses_nothing)
{
	struct buf wire = BUF_INIT;

	buf_addstr(&wire, "HELO desk\r\n");
	for (int i = 0; i < 90; i++)
		buf_printf(&wire, "NOOP %0400d\r\n", i);
	buf_addstr(&wire,
	    "MAIL FROM:<a@far.example>\r\n"
	    "RCPT TO:<bob@campus.example>\r\nDATA\r\n");
	for (int i = 0; i < 2000; i++)
		buf_printf(&wire, "%060d\r\n", i);
	buf_addstr(&wire, ".\r\nQUIT\r\n");
	play_to_sleeper(700, &wire);
	ck_assert_str_eq(evidence_ask("SELECT left_out, size FROM texts"),
	    "0|124003");
	ck_assert_str_eq(evidence_ask(
			     "SELECT count(*) FROM lines WHERE verb = 'NOOP'"),
	    "90");
}
END_TEST

/* It comes to itself when the patience for a session is over. */
START_TEST(the_tail_of_a_long_burst_is_kept)
{
	struct buf wire = BUF_INIT;

	buf_addstr(&wire, "HELO desk\r\nMAIL FROM:<a@far.example>\r\n");
	for (int i = 0; i < 900; i++)
		buf_addstr(&wire, "RCPT TO:<bob@campus.example>\r\n");
	buf_addstr(&wire, "QUIT\r\n");
	play_to_sleeper(4000, &wire);
	ck_assert_str_eq(evidence_ask(
			     "SELECT count(*) FROM lines WHERE verb = 'RCPT'"),
	    "900");
	ck_assert_str_eq(evidence_ask("SELECT outcome FROM sessions"), "quit");
}
END_TEST

START_TEST(a_listener_without_evidence_tells_nobody)
{
	int fd = helper_listen("smtpd", "evidence");
	struct listener listener = world_listener();

	ck_assert_int_ne(fd, -1);
	(void)world_play(&listener, "HELO desk\r\nQUIT\r\n");
	ck_assert_int_eq(accept(fd, NULL, NULL), -1);
	ck_assert_int_eq(errno, EAGAIN);
	close(fd);
}
END_TEST

START_TEST(without_a_helper_sessions_go_on)
{
	struct listener listener = evidence_listener();

	ck_assert_ptr_nonnull(
	    strstr(world_play(&listener, "HELO desk\r\nQUIT\r\n"), "221 "));
	ck_assert_int_eq(access("evidence.sqlite", F_OK), -1);
}
END_TEST

Suite *
transcript_suite(void)
{
	Suite *suite = suite_create("transcript");
	TCase *tc = tcase_create("transcript");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, evidence_make_world,
	    evidence_remove_world);
	tcase_add_test(tc, a_session_is_recorded_line_by_line);
	tcase_add_test(tc, what_came_in_one_packet_has_one_segment);
	tcase_add_test(tc, what_waited_for_its_answer_has_another);
	tcase_add_test(tc, a_message_is_kept_as_it_came);
	tcase_add_test(tc, of_a_long_message_the_begin_is_kept);
	tcase_add_loop_test(tc, how_a_line_was_wrong_is_said, 0, COUNT(flaws));
	tcase_add_test(tc, a_helper_that_is_behind_for_a_moment_misses_nothing);
	tcase_add_test(tc, the_tail_of_a_long_burst_is_kept);
	tcase_add_test(tc, a_listener_without_evidence_tells_nobody);
	tcase_add_test(tc, without_a_helper_sessions_go_on);
	suite_add_tcase(suite, tc);
	return suite;
}
