/*
 * check_server_leave.c - workers that are about to end, and whom they are in
 * the way of.
 *
 * Each test that expects a client to be taken in at once would find it busy
 * for five seconds if who lingers was counted; if it all takes longer than
 * that here, it is taken in all the same.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/conn.h"
#include "common/mem.h"
#include "tests/check_server_stage.h"
#include "tests/suites.h"

static const char address[] = "127.0.0.1";
static const char busy[] = "421 4.3.2 Busy";
static const char greeting[] = "220 127.0.0.1 first";

static struct stage stage;

/* A client whose worker says that it is about to end, and does not. */
static struct conn *
lingering(pid_t *pid_out)
{
	struct conn *conn = stage_greeted(&stage, address);

	*pid_out = (pid_t)stage_number(stage_ask(conn, "pid"));
	ck_assert_str_eq(stage_ask(conn, "linger"), "ok");
	return conn;
}

START_TEST(who_is_about_to_end_is_in_nobodys_way)
{
	const struct stage_options options = { .smtpd = "workers = 1\n"
							"per_address = 1" };
	struct conn *old;
	struct conn *conn;
	struct conn *extra;
	pid_t pid;

	stage_open(&stage, &options);
	old = lingering(&pid);
	conn = stage_greeted(&stage, address);
	/* One session is the limit all the same. */
	extra = stage_connect(&stage, address);
	ck_assert_str_eq(stage_line(extra), busy);
	conn_close(extra);
	stage_await_log("why=per-address clients=1");
	/* And who only says so does not stay. */
	stage_await_end(pid);
	stage_await_log("how=\"signal 9 (Killed)\"");
	conn_close(old);
	conn_close(conn);
	stage_close(&stage, 10);
}
END_TEST

/* The master has heard from the helper that PID's client logged in. */
static void
spend(pid_t pid)
{
	char text[32];
	struct conn *helper;

	(void)snprintf(text, sizeof(text), "spent %d", (int)pid);
	helper = stage_grant(text);
	ck_assert(stage_is_closed(helper));
	conn_close(helper);
	/* What the same helper asks for next is answered next. */
	helper = stage_grant("alice");
	ck_assert_str_eq(strchr(stage_line(helper), ' '), " alice");
	conn_close(helper);
}

START_TEST(who_is_spent_and_free_is_in_nobodys_way)
{
	const struct stage_options options = { .smtpd = "workers = 1" };
	struct conn *old;
	struct conn *conn;
	pid_t pid;

	stage_open(&stage, &options);
	old = stage_greeted(&stage, address);
	pid = (pid_t)stage_number(stage_ask(old, "pid"));
	spend(pid);
	ck_assert_str_eq(stage_ask(old, "linger 3"), "ok");
	conn = stage_greeted(&stage, address);
	ck_assert_int_ne(stage_number(stage_ask(conn, "pid")), pid);
	stage_await_end(pid);
	conn_close(old);
	conn_close(conn);
	stage_close(&stage, 10);
}
END_TEST

/* As a front does under TLS. */
START_TEST(who_is_spent_and_goes_on_with_its_client_counts)
{
	const struct stage_options options = { .smtpd = "workers = 1" };
	struct conn *old;
	struct conn *extra;

	stage_open(&stage, &options);
	old = stage_greeted(&stage, address);
	spend((pid_t)stage_number(stage_ask(old, "pid")));
	extra = stage_connect(&stage, address);
	ck_assert_str_eq(stage_line(extra), busy);
	conn_close(extra);
	ck_assert_str_eq(stage_ask(old, "work 1"), "ok");
	conn_close(old);
	stage_close(&stage, 10);
}
END_TEST

/* The worker and the process of its grant have one session. */
START_TEST(a_session_that_two_processes_have_is_counted_once)
{
	const struct stage_options options = { .smtpd = "per_address = 2" };
	struct conn *first;
	struct conn *second;
	struct conn *extra;
	struct conn *granted;
	struct conn *helper;
	char text[32];

	stage_open(&stage, &options);
	first = stage_greeted(&stage, address);
	(void)snprintf(text, sizeof(text), "spent %s", stage_ask(first, "pid"));
	granted = stage_grant("alice");
	ck_assert_str_eq(strchr(stage_line(granted), ' '), " alice");
	helper = stage_grant(text);
	ck_assert(stage_is_closed(helper));
	conn_close(helper);
	/* What the same helper asks for next is answered next. */
	helper = stage_grant("bob");
	ck_assert_str_eq(strchr(stage_line(helper), ' '), " bob");
	second = stage_greeted(&stage, address);
	extra = stage_connect(&stage, address);
	ck_assert_str_eq(stage_line(extra), busy);
	stage_await_log("why=per-address clients=1");
	/* It counts as long as one of the two has it. */
	conn_close(first);
	stage_await_children(&stage, "testd: worker: serving", 1);
	conn_close(extra);
	extra = stage_connect(&stage, address);
	ck_assert_str_eq(stage_line(extra), busy);
	conn_close(extra);
	conn_close(second);
	conn_close(helper);
	conn_close(granted);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(as_many_again_may_linger_and_no_more)
{
	const struct stage_options options = { .smtpd = "workers = 1" };
	long until = stage_now() + 60 * 1000;
	struct conn *old[2];
	struct conn *conn;
	pid_t pids[2];
	const char *line;

	stage_open(&stage, &options);
	for (size_t i = 0; i < COUNT(old); i++)
		old[i] = lingering(&pids[i]);
	while (conn = stage_connect(&stage, address), line = stage_line(conn),
	    strcmp(line, busy) == 0) {
		ck_assert_int_lt(stage_now(), until);
		conn_close(conn);
		stage_sleep(20);
	}
	ck_assert_str_eq(line, greeting);
	ck_assert(kill(pids[0], 0) == -1 || kill(pids[1], 0) == -1);
	for (size_t i = 0; i < COUNT(old); i++)
		conn_close(old[i]);
	conn_close(conn);
	stage_close(&stage, 20);
}
END_TEST

static void
add_tests(TCase *tc)
{
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, who_is_about_to_end_is_in_nobodys_way);
	tcase_add_test(tc, who_is_spent_and_free_is_in_nobodys_way);
	tcase_add_test(tc, who_is_spent_and_goes_on_with_its_client_counts);
	tcase_add_test(tc, a_session_that_two_processes_have_is_counted_once);
	tcase_add_test(tc, as_many_again_may_linger_and_no_more);
}

Suite *
server_leave_suite(void)
{
	Suite *suite = suite_create("server_leave");

	stage_add_both(suite, "leave", add_tests);
	return suite;
}
