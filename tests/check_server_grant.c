/*
 * check_server_grant.c - the processes of grants: whose they are, how long they
 * are kept, and that they serve nobody else.
 *
 * In the daemon of the tests one is kept that was told "quit"
 * (check_server_daemon.c).
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/conn.h"
#include "tests/check_server_stage.h"
#include "tests/suites.h"

enum { LONG = 60 * 1000, SHORT = 1000 }; /* milliseconds */

static struct stage stage;

/*
 * A session of the grant TEXT that has begun; its process.  Who is one too many
 * as long as the master does not know that another has left, or meets the
 * helper that a reload replaces, tries again.
 */
static struct conn *
begin(const char *text, pid_t *pid_out)
{
	long until = stage_now() + LONG / 2;
	struct conn *conn;
	char line[80];

	while (conn = stage_grant(text),
	    conn_getline(conn, line, sizeof(line)) != CONN_LINE) {
		ck_assert_int_lt(stage_now(), until);
		conn_close(conn);
		stage_sleep(20);
	}
	*pid_out = (pid_t)stage_number(line);
	ck_assert_str_eq(strchr(line, ' ') + 1, text);
	return conn;
}

/* A session that ends well, so that its process is kept. */
static pid_t
visit(const char *text)
{
	pid_t pid;
	struct conn *conn = begin(text, &pid);

	(void)stage_ask(conn, "quit");
	conn_close(conn);
	return pid;
}

/* Visits until one is served by PID again: it may not be known as free yet. */
static void
revisit(const char *text, pid_t *pid)
{
	long until = stage_now() + 20 * 1000;
	pid_t now;

	while ((now = visit(text)) != *pid) {
		ck_assert_int_lt(stage_now(), until);
		*pid = now;
	}
}

static void
leave(struct conn *conn)
{
	conn_close(conn);
	ck_assert_int_eq(stage_log_count("level=error"), 0);
	stage_close(&stage, 10);
}

START_TEST(a_grant_is_a_fresh_process_of_the_master)
{
	const struct stage_options options = { 0 };
	struct conn *conn;
	pid_t pid = 0;

	stage_open(&stage, &options);
	conn = stage_grant("alice");
	ck_assert_str_eq(strchr(stage_line(conn), ' '), " alice");
	ck_assert_int_eq(stage_children(&stage, "testd: session: serving alice",
			     &pid),
	    1);
	ck_assert_int_eq(stage_number(stage_ask(conn, "pid")), pid);
	conn_close(conn);
	stage_await_children(&stage, "testd: session", 0);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(clients_without_login_do_not_keep_others_from_their_grant)
{
	const struct stage_options options = { .smtpd = "workers = 1" };
	struct conn *client;
	struct conn *granted;
	struct conn *refused;

	stage_open(&stage, &options);
	client = stage_connect(&stage, "127.0.0.1");
	ck_assert_str_eq(stage_line(client), "220 127.0.0.1 first");
	granted = stage_grant("alice");
	ck_assert_str_eq(strchr(stage_line(granted), ' '), " alice");
	refused = stage_grant("bob");
	ck_assert(stage_is_closed(refused));
	stage_await_log("event=grant-refused for=bob");
	conn_close(client);
	conn_close(granted);
	conn_close(refused);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(a_process_is_kept_for_the_same_grant_alone)
{
	const struct stage_options options = { .grant_kept = LONG };
	struct conn *conn;
	pid_t alice;
	pid_t other;

	stage_open(&stage, &options);
	alice = visit("alice");
	revisit("alice", &alice);
	ck_assert_int_ne(visit("alic"), alice);
	ck_assert_int_ne(visit("alice2"), alice);
	conn = begin("bob", &other);
	ck_assert_int_ne(other, alice);
	leave(conn);
}
END_TEST

START_TEST(a_process_that_serves_is_not_given_another)
{
	const struct stage_options options = { .grant_kept = LONG };
	struct conn *first;
	struct conn *second;
	pid_t pids[2];

	stage_open(&stage, &options);
	first = begin("alice", &pids[0]);
	second = begin("alice", &pids[1]);
	ck_assert_int_ne(pids[0], pids[1]);
	conn_close(first);
	leave(second);
}
END_TEST

START_TEST(a_kept_process_ends_by_itself)
{
	const struct stage_options options = { .grant_kept = SHORT };

	stage_open(&stage, &options);
	stage_await_end(visit("alice"));
	stage_await_children(&stage, "testd: session", 0);
	ck_assert_int_eq(stage_log_count("level=error"), 0);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(a_session_that_did_not_end_well_leaves_no_process)
{
	const struct stage_options options = { .grant_kept = LONG };
	struct conn *conn;
	pid_t pid;
	pid_t next;

	stage_open(&stage, &options);
	conn = begin("alice", &pid);
	conn_close(conn);
	stage_await_end(pid);
	conn = begin("alice", &next);
	ck_assert_int_ne(pid, next);
	leave(conn);
}
END_TEST

/* The limit is one session at a time; who is only kept is not in its way. */
START_TEST(kept_processes_make_room)
{
	const struct stage_options options = { .smtpd = "workers = 1",
		.grant_kept = LONG };
	struct conn *conn;
	pid_t pid;
	pid_t next;

	stage_open(&stage, &options);
	pid = visit("alice");
	conn = begin("bob", &next);
	stage_await_end(pid);
	leave(conn);
}
END_TEST

START_TEST(after_a_reload_kept_processes_are_not_used)
{
	const struct stage_options options = { .grant_kept = LONG };
	struct conn *conn;
	struct conn *late;
	pid_t kept;
	pid_t old;
	pid_t next;
	pid_t desk = 0;

	stage_open(&stage, &options);
	kept = visit("alice");
	revisit("alice", &kept);
	late = begin("bob", &old);
	ck_assert_int_eq(stage_children(&stage, "testd: desk", &desk), 1);
	ck_assert_int_eq(kill(stage.master, SIGHUP), 0);
	stage_await_log("event=reloaded");
	/* Who met the desk of before would go down with it. */
	stage_await_end(desk);
	conn = begin("alice", &next);
	ck_assert_int_ne(next, kept);
	stage_await_end(kept);
	/* Neither is one that served during it. */
	(void)stage_ask(late, "quit");
	conn_close(late);
	stage_await_end(old);
	leave(conn);
}
END_TEST

START_TEST(a_kept_process_that_does_not_fit_is_replaced)
{
	const struct stage_options options = { .grant_kept = LONG };
	struct conn *conn;
	pid_t kept;
	pid_t pid;
	pid_t next;
	const char *line;

	stage_open(&stage, &options);
	kept = visit("alice");
	revisit("alice", &kept);
	do {
		conn = begin("alice", &pid);
		conn_putline(conn, "%s", pid == kept ? "anew" : "quit");
		line = stage_line(conn);
		if (pid != kept)
			conn_close(conn);
	} while (pid != kept && ((kept = visit("alice")), true));
	next = (pid_t)stage_number(line);
	ck_assert_int_ne(next, kept);
	ck_assert_str_eq(strchr(line, ' '), " alice");
	/* A fresh one cannot ask for that. */
	conn_putline(conn, "anew");
	conn_flush(conn);
	ck_assert(stage_is_closed(conn));
	stage_await_end(kept);
	leave(conn);
}
END_TEST

START_TEST(a_kept_process_that_does_not_leave_is_killed)
{
	const struct stage_options options = { .grant_kept = SHORT };
	struct conn *conn;
	pid_t pid;

	stage_open(&stage, &options);
	conn = begin("alice", &pid);
	conn_putline(conn, "haunt 4");
	conn_flush(conn);
	stage_await_end(pid);
	stage_await_log("how=\"signal 9 (Killed)\"");
	conn_close(conn);
	stage_close(&stage, 10);
}
END_TEST

/* The grace for sessions is half a minute, and nobody needs it. */
START_TEST(a_session_that_is_told_to_stop_ends)
{
	const struct stage_options options = { .grant_kept = LONG };
	struct conn *conn;
	pid_t pid;

	stage_open(&stage, &options);
	conn = begin("alice", &pid);
	ck_assert_int_eq(kill(stage.master, SIGTERM), 0);
	ck_assert_int_eq(stage_wait(&stage, 20), 0);
	ck_assert_int_eq(stage_log_count("level=error"), 0);
	conn_close(conn);
	stage_remove(&stage);
}
END_TEST

Suite *
server_grant_suite(void)
{
	Suite *suite = suite_create("server_grant");
	TCase *tc = tcase_create("grants");

	tcase_set_timeout(tc, 90);
	tcase_add_test(tc, a_grant_is_a_fresh_process_of_the_master);
	tcase_add_test(tc,
	    clients_without_login_do_not_keep_others_from_their_grant);
	tcase_add_test(tc, a_process_is_kept_for_the_same_grant_alone);
	tcase_add_test(tc, a_process_that_serves_is_not_given_another);
	tcase_add_test(tc, a_kept_process_ends_by_itself);
	tcase_add_test(tc, a_session_that_did_not_end_well_leaves_no_process);
	tcase_add_test(tc, kept_processes_make_room);
	tcase_add_test(tc, after_a_reload_kept_processes_are_not_used);
	tcase_add_test(tc, a_kept_process_that_does_not_fit_is_replaced);
	tcase_add_test(tc, a_kept_process_that_does_not_leave_is_killed);
	tcase_add_test(tc, a_session_that_is_told_to_stop_ends);
	suite_add_tcase(suite, tc);
	return suite;
}
