/*
 * check_transcript_helper.c - what the evidence helper lives through: sleep,
 * death, reloads, a full or missing file, other writers, and workers that lie.
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

/* Nobody reads: the session must not wait, and what is lost is counted. */
START_TEST(a_helper_that_sleeps_delays_nobody)
{
	enum { COMMANDS = 90 };
	struct listener listener = evidence_listener();
	struct buf wire = BUF_INIT;
	const char *said;
	pid_t waker;

	evidence_start();
	/* Long after the patience of the session is over. */
	waker = evidence_sleep(5000);
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
	evidence_awaken(waker);
	evidence_stop();
	/* What is missing is told of. */
	ck_assert_str_eq(
	    evidence_ask("SELECT sum(left_out) > 0 OR count(*) < 3 FROM texts"),
	    "1");
	ck_assert_str_eq(
	    evidence_ask("SELECT count(*) = max(line) -"
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
	struct listener listener = evidence_listener();
	struct talk talk;
	char line[512];
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	talk.pid = fork();
	if (talk.pid == 0) {
		struct conn *conn = conn_open(fds[0], 30);

		close(fds[1]);
		close(evidence_channel);
		smtp_session(&world_service, conn, &listener, &peer);
		conn_close(conn);
		_exit(0);
	}
	close(fds[0]);
	talk.conn = conn_open(fds[1], 30);
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

	evidence_start();
	talk = begin_talk();
	say(&talk, "HELO desk");
	say(&talk, "NOOP");
	kill(talk.pid, SIGKILL);
	end_talk(&talk);
	evidence_await("SELECT outcome, helo FROM sessions", "cut off|desk");
	ck_assert_str_eq(evidence_ask(
			     "SELECT text FROM lines WHERE kind = 'command'"),
	    "HELO desk\nNOOP");
	evidence_stop();
}
END_TEST

START_TEST(when_the_helper_is_killed_the_next_one_goes_on)
{
	struct talk talk;

	evidence_start();
	talk = begin_talk();
	say(&talk, "HELO desk");
	evidence_await("SELECT count(*) FROM lines", "3");
	evidence_kill();
	say(&talk, "NOOP 1");
	evidence_start();
	usleep(50 * 1000); /* it does not try at each line */
	say(&talk, "NOOP 2");
	say(&talk, "QUIT");
	end_talk(&talk);
	evidence_stop();
	ck_assert_str_eq(evidence_ask("SELECT count(*), outcome FROM sessions"),
	    "1|quit");
	ck_assert_str_eq(evidence_ask(
			     "SELECT (SELECT count(*) FROM lines) +"
			     " (SELECT ifnull(sum(lost), 0) FROM gaps)"),
	    "9");
	ck_assert_str_eq(
	    evidence_ask(
		"SELECT text FROM lines WHERE verb IN ('HELO', 'QUIT')"),
	    "HELO desk\nQUIT");
}
END_TEST

START_TEST(a_reload_loses_nothing)
{
	struct talk talk;

	evidence_start();
	talk = begin_talk();
	say(&talk, "HELO desk");
	say(&talk, "MAIL FROM:<a@far.example>");
	evidence_stop();
	say(&talk, "RSET");
	evidence_start();
	usleep(50 * 1000);
	say(&talk, "QUIT");
	end_talk(&talk);
	evidence_stop();
	ck_assert_str_eq(evidence_ask("SELECT count(*) FROM gaps"), "0");
	ck_assert_str_eq(evidence_ask(
			     "SELECT text FROM lines WHERE kind = 'command'"),
	    "HELO desk\nMAIL FROM:<a@far.example>\nRSET\nQUIT");
	ck_assert_str_eq(evidence_ask("SELECT outcome FROM sessions"), "quit");
}
END_TEST

START_TEST(old_sessions_are_removed_with_all_they_said)
{
	evidence_start();
	evidence_play("HELO desk\r\nQUIT\r\n");
	evidence_play("HELO desk\r\nQUIT\r\n");
	evidence_stop();
	ck_assert_str_eq(
	    evidence_ask("UPDATE sessions SET begun = begun - 181 * 86400000"
			 " WHERE session = 1"),
	    "");
	evidence_start();
	evidence_await("SELECT group_concat(session) FROM sessions", "2");
	evidence_stop();
	ck_assert_str_eq(evidence_ask("SELECT DISTINCT session FROM lines"),
	    "2");
}
END_TEST

/* An instructor looks while it is written, and holds what he looks at. */
START_TEST(a_reader_and_another_writer_are_endured)
{
	sqlite3 *db;

	evidence_start();
	evidence_play("HELO desk\r\nQUIT\r\n");
	evidence_await("SELECT outcome FROM sessions", "quit");
	db = db_open("evidence.sqlite", DB_WRITE, false);
	ck_assert_int_eq(db_exec(db, "BEGIN IMMEDIATE"), 0);
	evidence_play("HELO other\r\nQUIT\r\n");
	ck_assert_int_eq(db_exec(db, "COMMIT"), 0);
	sqlite3_close(db);
	evidence_await("SELECT group_concat(helo) FROM sessions", "desk,other");
	evidence_stop();
}
END_TEST

START_TEST(when_it_is_full_mail_goes_on_and_so_does_the_helper)
{
	struct listener listener = evidence_listener();
	struct buf wire = BUF_INIT;

	world_config.evidence_size = 1;
	evidence_start();
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
	evidence_stop();
	ck_assert_str_eq(evidence_ask("PRAGMA integrity_check"), "ok");
	ck_assert_str_eq(evidence_ask("SELECT page_count <= 256 FROM"
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

	evidence_start();
	evidence_play("HELO desk\r\nQUIT\r\n");
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
	evidence_play("HELO desk\r\nQUIT\r\n");
	evidence_stop();
	ck_assert_str_eq(
	    evidence_ask(
		"SELECT count(*) FROM sessions WHERE outcome = 'quit'"),
	    "2");
	ck_assert_str_eq(evidence_ask("PRAGMA integrity_check"), "ok");
}
END_TEST

/* Its own lines, said once, stay as they were. */
START_TEST(a_line_that_is_stored_cannot_be_said_anew)
{
	struct evidence_head head = { .kind = EVIDENCE_SESSION };
	char record[sizeof(head) + 5];
	int fd;

	evidence_start();
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
	evidence_stop();
	ck_assert_str_eq(evidence_ask("SELECT text FROM lines"), "first");
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
	ck_assert_str_eq(evidence_ask("PRAGMA user_version"), "77");
}
END_TEST

START_TEST(a_file_that_was_removed_is_made_anew)
{
	evidence_start();
	evidence_play("HELO first\r\nQUIT\r\n");
	evidence_await("SELECT outcome FROM sessions", "quit");
	/* Its log stays behind. */
	ck_assert_int_eq(unlink("evidence.sqlite"), 0);
	evidence_play("HELO second\r\nQUIT\r\n");
	ck_assert_int_eq(waitpid(evidence_helper, NULL, 0), evidence_helper);
	close(evidence_channel);
	unlink("run/smtpd-evidence");
	evidence_start();
	evidence_play("HELO third\r\nQUIT\r\n");
	evidence_stop();
	ck_assert_str_eq(evidence_ask("SELECT helo FROM sessions"), "third");
	ck_assert_str_eq(evidence_ask("PRAGMA integrity_check"), "ok");
}
END_TEST

Suite *
transcript_helper_suite(void)
{
	Suite *suite = suite_create("transcript_helper");
	TCase *tc = tcase_create("helper");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, evidence_make_world,
	    evidence_remove_world);
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
	tcase_add_test(tc, a_file_that_was_removed_is_made_anew);
	suite_add_tcase(suite, tc);
	return suite;
}
