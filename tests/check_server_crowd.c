/*
 * check_server_crowd.c - a thousand clients that say nothing, and clients who
 * can wait.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/mem.h"
#include "tests/check_server_stage.h"
#include "tests/suites.h"

static struct stage stage;

/* There in a build with AddressSanitizer, whose processes are large. */
extern void __asan_init(void) __attribute__((weak));

/* Connects COUNT clients from ten addresses, who then say nothing. */
static struct conn **
open_idle_clients(int count)
{
	struct rlimit limit;
	static struct conn *conns[1000];

	ck_assert_int_le(count, (int)COUNT(conns));
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (int i = 0; i < count; i++) {
		char from[16];

		(void)snprintf(from, sizeof(from), "127.0.0.%d", 2 + i % 10);
		conns[i] = stage_connect(&stage, from);
	}
	return conns;
}

static void
close_clients(struct conn **conns, int count)
{
	for (int i = 0; i < count; i++)
		conn_close(conns[i]);
}

START_TEST(a_thousand_idle_clients_below_the_limit_keep_nobody_waiting)
{
	const struct stage_options options = { .smtpd = "workers = 1100" };
	int count = &__asan_init == NULL ? 1000 : 100;
	struct conn **conns;
	struct conn *conn;
	long start;

	stage_open(&stage, &options);
	conns = open_idle_clients(count);
	for (int i = 0; i < count; i++)
		ck_assert_int_eq(stage_number(stage_line(conns[i])), 220);
	start = stage_now();
	conn = stage_connect(&stage, "127.0.0.1");
	ck_assert_str_eq(stage_line(conn), "220 127.0.0.1 first");
	ck_assert_int_lt(stage_now() - start, 20 * 1000);
	conn_close(conn);
	close_clients(conns, count);
	stage_close(&stage, 20);
}
END_TEST

START_TEST(a_thousand_idle_clients_above_the_limit_keep_nobody_waiting)
{
	const struct stage_options options = { .smtpd = "workers = 50" };
	struct conn **conns;
	struct conn *conn;
	int served = 0;
	long start;

	stage_open(&stage, &options);
	conns = open_idle_clients(1000);
	start = stage_now();
	conn = stage_connect(&stage, "127.0.0.1");
	ck_assert_str_eq(stage_line(conn), "421 4.3.2 Busy");
	ck_assert_int_lt(stage_now() - start, 20 * 1000);
	conn_close(conn);
	for (int i = 0; i < 1000; i++)
		served += stage_number(stage_line(conns[i])) == 220;
	ck_assert_int_eq(served, 50);
	close_clients(conns, 1000);
	stage_close(&stage, 20);
}
END_TEST

START_TEST(clients_who_can_wait_get_few_workers_one_after_another)
{
	const struct stage_options options = { .workers_a_cpu = 1 };
	struct conn **conns;

	stage_open(&stage, &options);
	conns = open_idle_clients(100);
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(stage_number(stage_line(conns[i])), 220);
		conn_close(conns[i]);
	}
	ck_assert_int_lt(stage_children(&stage, "worker", NULL), 50);
	stage_close(&stage, 20);
}
END_TEST

START_TEST(clients_who_can_wait_are_served_though_nobody_gets_free)
{
	const struct stage_options options = { .workers_a_cpu = 1 };
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int count = cpus > 90 ? 100 : (int)cpus + 10;
	struct conn **conns;

	stage_open(&stage, &options);
	conns = open_idle_clients(count);
	for (int i = 0; i < count; i++)
		ck_assert_int_eq(stage_number(stage_line(conns[i])), 220);
	close_clients(conns, count);
	stage_close(&stage, 20);
}
END_TEST

Suite *
server_crowd_suite(void)
{
	Suite *suite = suite_create("server_crowd");
	TCase *tc = tcase_create("crowd");

	tcase_set_timeout(tc, 90);
	tcase_add_test(tc,
	    a_thousand_idle_clients_below_the_limit_keep_nobody_waiting);
	tcase_add_test(tc,
	    a_thousand_idle_clients_above_the_limit_keep_nobody_waiting);
	tcase_add_test(tc,
	    clients_who_can_wait_get_few_workers_one_after_another);
	tcase_add_test(tc,
	    clients_who_can_wait_are_served_though_nobody_gets_free);
	suite_add_tcase(suite, tc);
	return suite;
}
