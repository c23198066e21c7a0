/*
 * check_transcript.c - real SMTP sessions, recorded by a real helper, and what
 * SQL finds in evidence.sqlite then.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/db.h"
#include "common/helper_socket.h"
#include "common/log.h"
#include "common/transcript.h"
#include "common/transcript_helper.h"
#include "common/transcript_wire.h"
#include "tests/check_smtpd_world.h"
#include "tests/suites.h"

enum { PATIENCE = 10 * 1000, PAUSE = 10 /* milliseconds */ };

static pid_t helper;
static int channel = -1;

static void
start_helper(void)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			     ends),
	    0);
	helper = fork();
	ck_assert_int_ne(helper, -1);
	if (helper == 0) {
		close(ends[0]);
		_exit(transcript_helper_run(&world_config, ends[1], "smtpd"));
	}
	close(ends[1]);
	channel = ends[0];
	for (int i = 0; i < PATIENCE / PAUSE; i++) {
		if (access("run/smtpd-evidence", F_OK) == 0)
			return;
		usleep(PAUSE * 1000);
	}
	ck_abort_msg("the helper does not listen");
}

/* In order: it stores what it was sent. */
static void
stop_helper(void)
{
	int status;

	close(channel);
	channel = -1;
	ck_assert_int_eq(waitpid(helper, &status, 0), helper);
	ck_assert_int_eq(status, 0);
	unlink("run/smtpd-evidence");
}

static void
kill_helper(void)
{
	kill(helper, SIGKILL);
	waitpid(helper, NULL, 0);
	close(channel);
	channel = -1;
	unlink("run/smtpd-evidence");
}

static void
make_world(void)
{
	smtpd_world_make();
	world_config.evidence_days = 180;
	world_config.evidence_size = 64;
	world_config.smtpd_workers = 10;
	/* The processes of the tests are nobody's workers. */
}

static struct listener
recording(void)
{
	struct listener listener = world_listener();

	listener.evidence = true;
	return listener;
}

/* All rows, columns separated by | and rows by LF; in static storage. */
static const char *
ask(const char *sql)
{
	static struct buf rows = BUF_INIT;
	sqlite3 *db = db_open("evidence.sqlite", DB_WRITE, false);
	sqlite3_stmt *statement;

	ck_assert_ptr_nonnull(db);
	statement = db_prepare(db, sql);
	ck_assert_ptr_nonnull(statement);
	buf_reset(&rows);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		if (rows.size > 0)
			buf_addchar(&rows, '\n');
		for (int i = 0; i < sqlite3_column_count(statement); i++) {
			if (i > 0)
				buf_addchar(&rows, '|');
			buf_addstr(&rows, db_text(statement, i));
		}
	}
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return rows.data;
}

/* Until SQL gives WANTED: what a helper that goes on has stored by now. */
static void
await(const char *sql, const char *wanted)
{
	for (int i = 0; i < PATIENCE / PAUSE; i++) {
		if (access("evidence.sqlite", F_OK) == 0 &&
		    strcmp(ask(sql), wanted) == 0)
			return;
		usleep(PAUSE * 1000);
	}
	ck_assert_str_eq(ask(sql), wanted);
}

static void
play(const char *wire)
{
	struct listener listener = recording();

	(void)world_play(&listener, wire);
}

START_TEST(a_session_is_recorded_line_by_line)
{
	start_helper();
	play("HELO desk\r\nNOOP\r\nQUIT\r\n");
	stop_helper();
	ck_assert_str_eq(
	    ask("SELECT line, kind, verb, code, answers, text FROM lines"),
	    "1|reply||220||220 mx.campus.example ESMTP Postlab\n"
	    "2|command|HELO|||HELO desk\n"
	    "3|command|NOOP|||NOOP\n"
	    "4|command|QUIT|||QUIT\n"
	    "5|reply||250|2|250 mx.campus.example\n"
	    "6|reply||250|3|250 2.0.0 Ok\n"
	    "7|reply||221|4|221 2.0.0 Bye");
	ck_assert_str_eq(ask("SELECT program, listener, address, uid, helo,"
			     " login, tls, outcome, ended >= begun,"
			     " secrets FROM sessions"),
	    "smtpd|test|127.0.0.1||desk|||quit|1|0");
	ck_assert_str_eq(ask("SELECT * FROM gaps"), "");
}
END_TEST

START_TEST(what_came_in_one_packet_has_one_segment)
{
	start_helper();
	play("EHLO desk\r\nMAIL FROM:<a@far.example>\r\nRSET\r\nQUIT\r\n");
	stop_helper();
	ck_assert_str_eq(ask("SELECT count(DISTINCT segment), count(*)"
			     " FROM lines WHERE kind = 'command'"),
	    "1|4");
}
END_TEST

/* The client waits for each answer: each line is a segment of its own. */
START_TEST(what_waited_for_its_answer_has_another)
{
	static const struct peer peer = { .address = "127.0.0.1", .uid = -1 };
	struct listener listener = recording();
	char line[512];
	int fds[2];
	pid_t pid;

	start_helper();
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	pid = fork();
	if (pid == 0) {
		struct conn *conn = conn_open(fds[1], 5);

		close(fds[0]);
		conn_getline(conn, line, sizeof(line));
		conn_putline(conn, "HELO desk");
		conn_getline(conn, line, sizeof(line));
		conn_putline(conn, "QUIT");
		conn_getline(conn, line, sizeof(line));
		_exit(0);
	}
	close(fds[1]);
	struct conn *conn = conn_open(fds[0], 5);
	smtp_session(&world_service, conn, &listener, &peer);
	conn_close(conn);
	waitpid(pid, NULL, 0);
	stop_helper();
	ck_assert_str_eq(
	    ask("SELECT segment, text FROM lines WHERE kind = 'command'"),
	    "1|HELO desk\n2|QUIT");
}
END_TEST

START_TEST(a_message_is_kept_as_it_came)
{
	world_start_mda();
	start_helper();
	play("EHLO desk\r\nMAIL FROM:<a@far.example>\r\n"
	     "RCPT TO:<bob@campus.example>\r\nDATA\r\n"
	     "Subject: x\r\n\r\n..dot\r\n.\r\n"
	     "NOOP\r\nQUIT\r\n");
	stop_helper();
	ck_assert_str_eq(ask("SELECT verb, size, left_out, content FROM texts"
			     " JOIN lines USING (session, line)"),
	    "DATA|24|0|Subject: x\r\n\r\n..dot\r\n.\r\n");
	/* The two answers to DATA, and what the message became. */
	ck_assert_str_eq(ask("SELECT r.code, substr(r.text, 5, 6) FROM lines c"
			     " JOIN lines r ON r.session = c.session"
			     "  AND r.answers = c.line WHERE c.verb = 'DATA'"),
	    "354|End da\n250|2.0.0 ");
	ck_assert_str_eq(ask("SELECT instr(r.text, m.queue_id) > 0"
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

	start_helper();
	buf_addstr(&wire,
	    "EHLO desk\r\nMAIL FROM:<a@far.example>\r\n"
	    "RCPT TO:<bob@campus.example>\r\nDATA\r\n");
	for (int i = 0; i < LINES; i++)
		buf_printf(&wire, "%0*d\r\n", LINE - 2, i);
	buf_addstr(&wire, ".\r\nQUIT\r\n");
	play(wire.data);
	buf_clear(&wire);
	stop_helper();
	ck_assert_str_eq(ask("SELECT size, left_out, length(content),"
			     " substr(content, 63, 65) FROM texts"),
	    "640003|508931|131072|\r\n"
	    "000000000000000000000000000000000000000000000000000000000000"
	    "01\r");
	ck_assert_str_eq(ask("SELECT * FROM gaps"), "");
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
	start_helper();
	play(flaws[_i].wire);
	stop_helper();
	if (strstr(flaws[_i].rows, "cut|") == NULL ||
	    strstr(flaws[_i].rows, "de") != NULL)
		ck_assert_str_eq(
		    ask("SELECT flaw, text FROM lines WHERE kind = 'command'"),
		    flaws[_i].rows);
	else
		ck_assert_str_eq(
		    ask("SELECT text FROM lines WHERE kind = 'command'"),
		    "HELO x");
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
	struct listener listener = recording();

	ck_assert_ptr_nonnull(
	    strstr(world_play(&listener, "HELO desk\r\nQUIT\r\n"), "221 "));
	ck_assert_int_eq(access("evidence.sqlite", F_OK), -1);
}
END_TEST

/* Nobody reads: the session must not wait, and what is lost is counted. */
START_TEST(a_helper_that_sleeps_delays_nobody)
{
	enum { COMMANDS = 90 };
	struct listener listener = recording();
	struct buf wire = BUF_INIT;
	const char *said;

	start_helper();
	kill(helper, SIGSTOP);
	buf_addstr(&wire, "HELO desk\r\n");
	for (int i = 0; i < COMMANDS; i++)
		buf_printf(&wire, "NOOP %0400d\r\n", i);
	for (int i = 0; i < 3; i++) {
		buf_addstr(&wire,
		    "MAIL FROM:<a@far.example>\r\n"
		    "RCPT TO:<bob@campus.example>\r\nDATA\r\n");
		for (int j = 0; j < 5000; j++)
			buf_printf(&wire, "%060d\r\n", j);
		buf_addstr(&wire, ".\r\n");
	}
	buf_addstr(&wire, "QUIT\r\n");
	said = world_play(&listener, wire.data);
	ck_assert_ptr_nonnull(strstr(said, "221 "));
	buf_clear(&wire);
	kill(helper, SIGCONT);
	stop_helper();
	/* What is missing is told of. */
	ck_assert_str_eq(
	    ask("SELECT sum(left_out) > 0 OR count(*) < 3 FROM texts"), "1");
	ck_assert_str_eq(
	    ask("SELECT count(*) = max(line) -"
		" (SELECT ifnull(sum(lost), 0) FROM gaps) FROM lines"),
	    "1");
}
END_TEST

/* Speaks with a session in this process, step by step. */
struct talk {
	struct conn *conn;
	pid_t pid;
};

static struct talk
begin_talk(void)
{
	static const struct peer peer = { .address = "127.0.0.1", .uid = -1 };
	struct listener listener = recording();
	struct talk talk;
	char line[512];
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	talk.pid = fork();
	if (talk.pid == 0) {
		struct conn *conn = conn_open(fds[0], 5);

		close(fds[1]);
		close(channel);
		smtp_session(&world_service, conn, &listener, &peer);
		conn_close(conn);
		_exit(0);
	}
	close(fds[0]);
	talk.conn = conn_open(fds[1], 5);
	ck_assert_int_eq(conn_getline(talk.conn, line, sizeof(line)),
	    CONN_LINE);
	return talk;
}

static void
say(const struct talk *talk, const char *line)
{
	char answer[512];

	conn_putline(talk->conn, "%s", line);
	ck_assert_int_eq(conn_getline(talk->conn, answer, sizeof(answer)),
	    CONN_LINE);
}

static void
end_talk(const struct talk *talk)
{
	conn_close(talk->conn);
	waitpid(talk->pid, NULL, 0);
}

START_TEST(a_worker_that_is_killed_leaves_what_was_said)
{
	struct talk talk;

	start_helper();
	talk = begin_talk();
	say(&talk, "HELO desk");
	say(&talk, "NOOP");
	kill(talk.pid, SIGKILL);
	end_talk(&talk);
	await("SELECT outcome, helo FROM sessions", "cut off|desk");
	ck_assert_str_eq(ask("SELECT text FROM lines WHERE kind = 'command'"),
	    "HELO desk\nNOOP");
	stop_helper();
}
END_TEST

START_TEST(when_the_helper_is_killed_the_next_one_goes_on)
{
	struct talk talk;

	start_helper();
	talk = begin_talk();
	say(&talk, "HELO desk");
	await("SELECT count(*) FROM lines", "3");
	kill_helper();
	say(&talk, "NOOP 1");
	start_helper();
	usleep(50 * 1000); /* it does not try at each line */
	say(&talk, "NOOP 2");
	say(&talk, "QUIT");
	end_talk(&talk);
	stop_helper();
	ck_assert_str_eq(ask("SELECT count(*), outcome FROM sessions"),
	    "1|quit");
	ck_assert_str_eq(ask("SELECT (SELECT count(*) FROM lines) +"
			     " (SELECT ifnull(sum(lost), 0) FROM gaps)"),
	    "9");
	ck_assert_str_eq(
	    ask("SELECT text FROM lines WHERE verb IN ('HELO', 'QUIT')"),
	    "HELO desk\nQUIT");
}
END_TEST

START_TEST(a_reload_loses_nothing)
{
	struct talk talk;

	start_helper();
	talk = begin_talk();
	say(&talk, "HELO desk");
	say(&talk, "MAIL FROM:<a@far.example>");
	stop_helper();
	say(&talk, "RSET");
	start_helper();
	usleep(50 * 1000);
	say(&talk, "QUIT");
	end_talk(&talk);
	stop_helper();
	ck_assert_str_eq(ask("SELECT count(*) FROM gaps"), "0");
	ck_assert_str_eq(ask("SELECT text FROM lines WHERE kind = 'command'"),
	    "HELO desk\nMAIL FROM:<a@far.example>\nRSET\nQUIT");
	ck_assert_str_eq(ask("SELECT outcome FROM sessions"), "quit");
}
END_TEST

START_TEST(old_sessions_are_removed_with_all_they_said)
{
	start_helper();
	play("HELO desk\r\nQUIT\r\n");
	play("HELO desk\r\nQUIT\r\n");
	stop_helper();
	ck_assert_str_eq(
	    ask("UPDATE sessions SET begun = begun - 181 * 86400000"
		" WHERE session = 1"),
	    "");
	start_helper();
	await("SELECT group_concat(session) FROM sessions", "2");
	stop_helper();
	ck_assert_str_eq(ask("SELECT DISTINCT session FROM lines"), "2");
}
END_TEST

/* An instructor looks while it is written, and holds what he looks at. */
START_TEST(a_reader_and_another_writer_are_endured)
{
	sqlite3 *db;

	start_helper();
	play("HELO desk\r\nQUIT\r\n");
	await("SELECT outcome FROM sessions", "quit");
	db = db_open("evidence.sqlite", DB_WRITE, false);
	ck_assert_int_eq(db_exec(db, "BEGIN IMMEDIATE"), 0);
	play("HELO other\r\nQUIT\r\n");
	ck_assert_int_eq(db_exec(db, "COMMIT"), 0);
	sqlite3_close(db);
	await("SELECT group_concat(helo) FROM sessions", "desk,other");
	stop_helper();
}
END_TEST

START_TEST(when_it_is_full_mail_goes_on_and_so_does_the_helper)
{
	struct listener listener = recording();
	struct buf wire = BUF_INIT;

	world_config.evidence_size = 1;
	start_helper();
	buf_addstr(&wire,
	    "EHLO desk\r\nMAIL FROM:<a@far.example>\r\n"
	    "RCPT TO:<bob@campus.example>\r\nDATA\r\n");
	for (int i = 0; i < 5000; i++)
		buf_printf(&wire, "%060d\r\n", i);
	buf_addstr(&wire, ".\r\nQUIT\r\n");
	for (int i = 0; i < 8; i++)
		ck_assert_ptr_nonnull(
		    strstr(world_play(&listener, wire.data), "221 "));
	buf_clear(&wire);
	stop_helper();
	ck_assert_str_eq(ask("PRAGMA integrity_check"), "ok");
	ck_assert_str_eq(ask("SELECT page_count <= 256 FROM"
			     " pragma_page_count"),
	    "1");
}
END_TEST

/* Who sends what no session sends. */
static const struct {
	uint32_t kind;
	uint32_t number;
	int64_t size;
	size_t data;
} hostile[] = {
	/* clang-format off */
	{ 0,                 0,          0,                0 },
	{ 99,                1,          0,                10 },
	{ EVIDENCE_LINE,     0,          0,                10 },
	{ EVIDENCE_LINE,     UINT32_MAX, 0,                10 },
	{ EVIDENCE_LINE,     1000000000, 0,                EVIDENCE_DATA_MAX },
	{ EVIDENCE_TEXT,     1,          -1,               10 },
	{ EVIDENCE_TEXT,     1,          INT64_MAX,        10 },
	{ EVIDENCE_TEXT_END, 1,          INT64_MIN,        0 },
	{ EVIDENCE_TEXT_END, 0,          INT64_MAX,        0 },
	{ EVIDENCE_STATE,    0,          0,                0 },
	{ EVIDENCE_STATE,    0,          0,                EVIDENCE_DATA_MAX },
	{ EVIDENCE_MESSAGE,  0,          0,                0 },
	{ EVIDENCE_SESSION,  0,          0,                300 },
	{ EVIDENCE_END,      UINT32_MAX, 0,                EVIDENCE_DATA_MAX },
	/* clang-format on */
};

static void
send_hostile(int fd, size_t row)
{
	char bytes[sizeof(struct evidence_head) + EVIDENCE_DATA_MAX];
	struct evidence_head head = {
		.kind = hostile[row].kind,
		.number = hostile[row].number,
		.size = hostile[row].size,
		.line = 200,
		.flaw = 200,
	};

	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes, &head, sizeof(head));
	ck_assert_int_ne(send(fd, bytes, sizeof(head) + hostile[row].data,
			     MSG_NOSIGNAL),
	    -1);
}

START_TEST(a_worker_that_lies_harms_nobody_else)
{
	struct evidence_head head = { .kind = EVIDENCE_SESSION };
	int fd;

	start_helper();
	play("HELO desk\r\nQUIT\r\n");
	for (size_t i = 0; i < COUNT(hostile); i++) {
		fd = helper_connect("smtpd", "evidence");
		ck_assert_int_ne(fd, -1);
		head.token[0] = (uint8_t)i;
		ck_assert_int_ne(send(fd, &head, sizeof(head), MSG_NOSIGNAL),
		    -1);
		send_hostile(fd, i);
		close(fd);
	}
	/* Without a first word at all, and with half a record. */
	fd = helper_connect("smtpd", "evidence");
	ck_assert_int_eq(send(fd, "x", 1, MSG_NOSIGNAL), 1);
	close(fd);
	play("HELO desk\r\nQUIT\r\n");
	stop_helper();
	ck_assert_str_eq(
	    ask("SELECT count(*) FROM sessions WHERE outcome = 'quit'"), "2");
	ck_assert_str_eq(ask("PRAGMA integrity_check"), "ok");
}
END_TEST

/* Its own lines, said once, stay as they were. */
START_TEST(a_line_that_is_stored_cannot_be_said_anew)
{
	struct evidence_head head = { .kind = EVIDENCE_SESSION };
	char record[sizeof(head) + 5];
	int fd;

	start_helper();
	fd = helper_connect("smtpd", "evidence");
	ck_assert_int_ne(send(fd, &head, sizeof(head), MSG_NOSIGNAL), -1);
	head.kind = EVIDENCE_LINE;
	head.number = 1;
	head.line = LINE_COMMAND;
	for (int i = 0; i < 2; i++) {
		memcpy(record, &head, sizeof(head));
		memcpy(record + sizeof(head), i == 0 ? "first" : "other", 5);
		ck_assert_int_ne(send(fd, record, sizeof(record), MSG_NOSIGNAL),
		    -1);
	}
	close(fd);
	stop_helper();
	ck_assert_str_eq(ask("SELECT text FROM lines"), "first");
}
END_TEST

START_TEST(a_foreign_file_is_left_alone)
{
	sqlite3 *db = db_open("evidence.sqlite", DB_CREATE, false);
	pid_t pid;
	int status;

	ck_assert_int_eq(db_exec(db, "PRAGMA user_version = 77"), 0);
	sqlite3_close(db);
	pid = fork();
	if (pid == 0)
		_exit(transcript_helper_run(&world_config, -1, "smtpd"));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_ne(status, 0);
	ck_assert_str_eq(ask("PRAGMA user_version"), "77");
}
END_TEST

static void
remove_world(void)
{
	if (channel != -1)
		kill_helper();
	smtpd_world_remove();
}

Suite *
transcript_suite(void)
{
	Suite *suite = suite_create("transcript");
	TCase *tc = tcase_create("transcript");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, make_world, remove_world);
	tcase_add_test(tc, a_session_is_recorded_line_by_line);
	tcase_add_test(tc, what_came_in_one_packet_has_one_segment);
	tcase_add_test(tc, what_waited_for_its_answer_has_another);
	tcase_add_test(tc, a_message_is_kept_as_it_came);
	tcase_add_test(tc, of_a_long_message_the_begin_is_kept);
	tcase_add_loop_test(tc, how_a_line_was_wrong_is_said, 0, COUNT(flaws));
	tcase_add_test(tc, a_listener_without_evidence_tells_nobody);
	tcase_add_test(tc, without_a_helper_sessions_go_on);
	tcase_add_test(tc, a_helper_that_sleeps_delays_nobody);
	tcase_add_test(tc, a_worker_that_is_killed_leaves_what_was_said);
	tcase_add_test(tc, when_the_helper_is_killed_the_next_one_goes_on);
	tcase_add_test(tc, a_reload_loses_nothing);
	tcase_add_test(tc, old_sessions_are_removed_with_all_they_said);
	tcase_add_test(tc, a_reader_and_another_writer_are_endured);
	tcase_add_test(tc, when_it_is_full_mail_goes_on_and_so_does_the_helper);
	tcase_add_test(tc, a_worker_that_lies_harms_nobody_else);
	tcase_add_test(tc, a_line_that_is_stored_cannot_be_said_anew);
	tcase_add_test(tc, a_foreign_file_is_left_alone);
	suite_add_tcase(suite, tc);
	return suite;
}
