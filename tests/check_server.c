/*
 * check_server.c - the pool of workers: reuse, growth, limits, crashes.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/mem.h"
#include "tests/check_server_stage.h"
#include "tests/suites.h"

static const char first[] = "127.0.0.1";
static const char busy[] = "421 4.3.2 Busy";

enum { PATIENCE = 30 * 1000 /* milliseconds */ };

static struct stage stage;

/* Connects and reads the greeting. */
static void
quit(struct conn *conn)
{
	ck_assert_str_eq(stage_ask(conn, "quit"), "221 bye");
	conn_close(conn);
}

START_TEST(as_many_workers_wait_as_the_configuration_says)
{
	const struct stage_options options = { .smtpd = "spare = 3" };

	stage_open(&stage, &options);
	stage_await_children(&stage, "testd: worker: idle", 3);
	ck_assert_int_eq(stage_children(&stage, "testd: desk", NULL), 1);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(more_clients_than_spare_workers_are_all_served_at_once)
{
	const struct stage_options options = { .smtpd = "spare = 2" };
	struct conn *conns[20];

	stage_open(&stage, &options);
	for (size_t i = 0; i < COUNT(conns); i++)
		conns[i] = stage_greeted(&stage, first);
	stage_await_children(&stage, "testd: worker: serving 127.0.0.1", 20);
	stage_await_children(&stage, "testd: worker: idle", 2);
	for (size_t i = 0; i < COUNT(conns); i++)
		quit(conns[i]);
	stage_await_children(&stage, "testd: worker: idle", 22);
	stage_close(&stage, 10);
}
END_TEST

/* Not all of them the same number, or a crowd would be replaced at once. */
START_TEST(a_worker_serves_fifty_sessions_to_a_hundred_and_no_more)
{
	enum { LEAST = 50, MOST = 100 };
	const struct stage_options options = { .smtpd =
						   "spare = 1\nworkers = 1" };
	bool replaced = false;
	int sessions = 0;
	int worker = 0;

	stage_open(&stage, &options);
	for (int i = 0; i < 250 && !replaced; i++) {
		struct conn *conn = stage_connect(&stage, first);

		/* The only worker may not have said yet that it is free. */
		if (strcmp(stage_line(conn), busy) != 0) {
			int pid = stage_number(stage_ask(conn, "pid"));

			replaced = worker != 0 && pid != worker;
			worker = pid;
			if (!replaced)
				sessions++;
			ck_assert_str_eq(stage_ask(conn, "quit"), "221 bye");
		} else {
			stage_sleep(5);
		}
		conn_close(conn);
		if (sessions >= LEAST)
			stage_await_children(&stage, "testd: worker: idle", 1);
	}
	ck_assert(replaced);
	ck_assert_int_ge(sessions, LEAST);
	ck_assert_int_le(sessions, MOST);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(a_worker_ends_after_a_session_that_logged_in)
{
	const struct stage_options options = { .smtpd = "spare = 1" };
	struct conn *conn;
	pid_t pid;

	stage_open(&stage, &options);
	conn = stage_greeted(&stage, first);
	pid = (pid_t)stage_number(stage_ask(conn, "pid"));
	ck_assert_str_eq(stage_ask(conn, "login"), "221 bye");
	ck_assert(stage_is_closed(conn));
	conn_close(conn);
	stage_await_children(&stage, "testd: worker: serving", 0);
	stage_await_end(pid);
	ck_assert_int_eq(stage_log_count("level=error"), 0);
	stage_close(&stage, 10);
}
END_TEST

/* The worker does not say so itself: the helper does. */
START_TEST(a_worker_whose_client_logged_in_gets_no_other)
{
	const struct stage_options options = { .smtpd = "spare = 1" };
	struct conn *conn;
	struct conn *helper;
	char text[32];
	pid_t pid;

	stage_open(&stage, &options);
	conn = stage_greeted(&stage, first);
	pid = (pid_t)stage_number(stage_ask(conn, "pid"));
	(void)snprintf(text, sizeof(text), "spent %d", (int)pid);
	helper = stage_grant(text);
	ck_assert(stage_is_closed(helper));
	conn_close(helper);
	ck_assert_str_eq(stage_ask(conn, "quit"), "221 bye");
	conn_close(conn);
	stage_await_end(pid);
	ck_assert_int_eq(stage_log_count("level=error"), 0);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(a_worker_that_does_not_leave_after_100_sessions_is_killed)
{
	const struct stage_options options = { .smtpd = "workers = 1" };
	struct conn *conn;
	pid_t pid;

	stage_open(&stage, &options);
	conn = stage_greeted(&stage, first);
	pid = (pid_t)stage_number(stage_ask(conn, "pid"));
	conn_putline(conn, "haunt 3");
	conn_flush(conn);
	for (int i = 0; i < 200 && kill(pid, 0) == 0; i++) {
		struct conn *other = stage_connect(&stage, first);

		char line[80];

		/* It is closed at once, or told that all are busy. */
		(void)conn_getline(other, line, sizeof(line));
		conn_close(other);
	}
	stage_await_end(pid);
	conn_close(conn);
	stage_await_log("how=\"signal 9 (Killed)\"");
	conn = stage_greeted(&stage, first);
	ck_assert_int_ne(stage_number(stage_ask(conn, "pid")), pid);
	conn_close(conn);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(past_the_limit_a_client_is_told_so_at_once)
{
	const struct stage_options options = { .smtpd = "workers = 3" };
	struct conn *conns[3];
	struct conn *extra;
	long start;

	stage_open(&stage, &options);
	for (size_t i = 0; i < COUNT(conns); i++)
		conns[i] = stage_greeted(&stage, first);
	start = stage_now();
	extra = stage_connect(&stage, first);
	ck_assert_str_eq(stage_line(extra), busy);
	ck_assert(stage_is_closed(extra));
	ck_assert_int_lt(stage_now() - start, 20 * 1000);
	conn_close(extra);
	stage_await_log("why=busy clients=1");

	quit(conns[0]);
	stage_await_children(&stage, "testd: worker: serving", 2);
	conns[0] = stage_greeted(&stage, first);
	for (size_t i = 0; i < COUNT(conns); i++)
		conn_close(conns[i]);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(one_address_cannot_take_all_workers)
{
	const struct stage_options options = { .smtpd = "per_address = 2" };
	struct conn *conns[2];
	struct conn *extra;

	stage_open(&stage, &options);
	conns[0] = stage_greeted(&stage, "127.0.0.2");
	conns[1] = stage_greeted(&stage, "127.0.0.2");
	extra = stage_connect(&stage, "127.0.0.2");
	ck_assert_str_eq(stage_line(extra), busy);
	conn_close(extra);
	stage_await_log("why=per-address clients=1");
	quit(stage_greeted(&stage, "127.0.0.3"));

	quit(conns[0]);
	stage_await_children(&stage, "testd: worker: serving", 1);
	quit(stage_greeted(&stage, "127.0.0.2"));
	conn_close(conns[1]);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(a_crash_ends_one_session_and_is_logged)
{
	const struct stage_options options = { .smtpd = "spare = 1" };
	struct conn *conn;
	struct conn *other;

	stage_open(&stage, &options);
	other = stage_greeted(&stage, "127.0.0.3");
	conn = stage_greeted(&stage, "127.0.0.2");
	conn_putline(conn, "crash");
	ck_assert(stage_is_closed(conn));
	conn_close(conn);
	stage_await_log("event=worker-died");
	ck_assert_int_eq(stage_log_count("how=\"signal 6 (Aborted)\" "
					 "served=127.0.0.2 listener=first"),
	    1);
	ck_assert_str_eq(stage_ask(other, "work 1"), "ok");
	quit(other);
	quit(stage_greeted(&stage, "127.0.0.2"));
	stage_close(&stage, 10);
}
END_TEST

/*
 * A client is told that no worker can start; but who comes when some are just
 * trying goes down with one.
 */
static void
await_busy(void)
{
	long until = stage_now() + PATIENCE;
	char line[64] = "";

	while (strcmp(line, busy) != 0) {
		struct conn *conn = stage_connect(&stage, first);

		ck_assert_msg(stage_now() < until, "nobody says '%s'", busy);
		if (conn_getline(conn, line, sizeof(line)) == CONN_LINE)
			ck_assert_str_eq(line, busy);
		conn_close(conn);
	}
}

START_TEST(workers_that_cannot_start_do_not_keep_the_machine_busy)
{
	const struct stage_options options = { 0 };
	const struct stage_options broken = { .listen = "[server]\nhostname = "
							"broken.example\n" };
	const struct stage_options mended = { 0 };

	stage_open(&stage, &options);
	stage_configure(&stage, &broken);
	kill(stage.master, SIGHUP);
	stage_await_log("event=reloaded");
	stage_await_log("event=worker-failed");
	stage_sleep(3000);
	/* 4 spare ones at first, then 250 ms, 500 ms, 1 s, 2 s ... apart */
	ck_assert_int_le(stage_log_count("event=worker-died"), 24);
	await_busy();

	stage_configure(&stage, &mended);
	kill(stage.master, SIGHUP);
	stage_await_children(&stage, "testd: worker: idle", 4);
	quit(stage_greeted(&stage, first));
	stage_close(&stage, 10);
}
END_TEST

START_TEST(a_helper_that_dies_is_back_soon)
{
	const struct stage_options options = { 0 };
	pid_t pid = 0;
	pid_t next = 0;

	stage_open(&stage, &options);
	stage_await_children(&stage, "testd: desk", 1);
	stage_children(&stage, "testd: desk", &pid);
	kill(pid, SIGKILL);
	stage_await_log("name=desk how=\"signal 9 (Killed)\"");
	stage_await_children(&stage, "testd: desk", 1);
	stage_children(&stage, "testd: desk", &next);
	ck_assert_int_ne(next, pid);
	stage_close(&stage, 10);
}
END_TEST

static void
add_tests(TCase *tc)
{
	tcase_set_timeout(tc, 90);
	tcase_add_test(tc, as_many_workers_wait_as_the_configuration_says);
	tcase_add_test(tc,
	    more_clients_than_spare_workers_are_all_served_at_once);
	tcase_add_test(tc,
	    a_worker_serves_fifty_sessions_to_a_hundred_and_no_more);
	tcase_add_test(tc, a_worker_ends_after_a_session_that_logged_in);
	tcase_add_test(tc, a_worker_whose_client_logged_in_gets_no_other);
	tcase_add_test(tc,
	    a_worker_that_does_not_leave_after_100_sessions_is_killed);
	tcase_add_test(tc, past_the_limit_a_client_is_told_so_at_once);
	tcase_add_test(tc, one_address_cannot_take_all_workers);
	tcase_add_test(tc, a_crash_ends_one_session_and_is_logged);
	tcase_add_test(tc,
	    workers_that_cannot_start_do_not_keep_the_machine_busy);
	tcase_add_test(tc, a_helper_that_dies_is_back_soon);
}

Suite *
server_suite(void)
{
	Suite *suite = suite_create("server");

	stage_add_both(suite, "pool", add_tests);
	return suite;
}
