/*
 * check_conn_wait.c - timeout, deadline and SIGTERM of a connection.
 */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/conn.h"
#include "tests/check_conn_pair.h"
#include "tests/suites.h"

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

START_TEST(a_silent_peer_times_out_and_can_still_be_told_so)
{
	struct conn *conn = open_pair(SOCK_STREAM, 1);
	double start = now();
	char line[80];

	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_END);
	ck_assert_str_eq(conn_error(conn), "timed out");
	ck_assert(now() - start >= 0.99);
	ck_assert(now() - start < 30);
	conn_putline(conn, "421 4.4.2 Timeout");
	conn_close(conn);
	ck_assert_str_eq(received(), "421 4.4.2 Timeout\r\n");
	close(peer);
}
END_TEST

/* A process that sends a byte ten times a second for a minute. */
static pid_t
send_slowly(void)
{
	struct timespec pause = { 0, 100000000 };
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (int i = 0; i < 600 && send(peer, "x", 1, MSG_NOSIGNAL) == 1; i++)
		nanosleep(&pause, NULL);
	_exit(0);
}

static void
end_sender(pid_t pid)
{
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

START_TEST(a_trickle_of_bytes_does_not_get_past_the_deadline)
{
	struct conn *conn = open_pair(SOCK_STREAM, 60);
	double start = now();
	char line[80];
	pid_t pid = send_slowly();

	conn_set_deadline(conn, 1);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_END);
	ck_assert_str_eq(conn_error(conn), "took too long");
	ck_assert(now() - start >= 0.99);
	ck_assert(now() - start < 30);
	conn_close(conn);
	close(peer);
	end_sender(pid);
}
END_TEST

START_TEST(a_hurry_ends_a_trickle_and_is_over_afterwards)
{
	struct conn *conn = open_pair(SOCK_STREAM, 2);
	double start = now();
	char line[80];
	int64_t deadline;
	pid_t pid = send_slowly();

	/* An earlier deadline stays what it is. */
	conn_set_deadline(conn, 1);
	deadline = conn_hurry(conn, 0);
	ck_assert_int_ne(deadline, 0);
	ck_assert_int_eq(conn_hurry(conn, 0), deadline);
	conn_set_deadline(conn, 0);
	ck_assert_int_eq(conn_hurry(conn, 0), 0);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_END);
	ck_assert_str_eq(conn_error(conn), "took too long");
	ck_assert(now() - start >= 3.99);
	ck_assert(now() - start < 30);
	conn_relax(conn, 0);
	ck_assert_int_eq(conn_hurry(conn, 0), 0);
	conn_close(conn);
	close(peer);
	end_sender(pid);
}
END_TEST

START_TEST(a_deadline_taken_off_does_not_strike)
{
	struct conn *conn = open_pair(SOCK_STREAM, 2);
	char line[80];

	conn_set_deadline(conn, 1);
	conn_set_deadline(conn, 0);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_END);
	ck_assert_str_eq(conn_error(conn), "timed out");
	conn_close(conn);
	close(peer);
}
END_TEST

START_TEST(a_peer_that_does_not_read_times_out)
{
	struct conn *conn = open_pair(SOCK_STREAM, 1);
	char block[4096] = { 0 };

	for (int i = 0; i < 1000 && conn_error(conn) == NULL; i++)
		conn_write(conn, block, sizeof(block));
	ck_assert_str_eq(conn_error(conn), "timed out");
	ck_assert_int_eq(conn_flush(conn), -1);
	conn_close(conn);
	close(peer);
}
END_TEST

static volatile sig_atomic_t stop;

static void
on_term(int signal)
{
	(void)signal;
	stop = 1;
}

/* As in a worker: SIGTERM is blocked and sets STOP. */
static void
expect_term(void)
{
	sigset_t set;

	signal(SIGTERM, on_term);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

START_TEST(a_pending_sigterm_ends_the_wait_for_a_new_line)
{
	struct conn *conn = open_pair(SOCK_STREAM, 60);
	double start = now();
	char line[80];

	expect_term();
	conn_set_stop(conn, &stop);
	raise(SIGTERM);
	ck_assert_int_eq(stop, 0);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_END);
	ck_assert(now() - start < 30);
	ck_assert_str_eq(conn_error(conn), "shutting down");
	conn_putline(conn, "421 4.3.2 Shutting down");
	conn_close(conn);
	ck_assert_str_eq(received(), "421 4.3.2 Shutting down\r\n");
	close(peer);
}
END_TEST

START_TEST(what_has_come_is_still_done_before_stopping)
{
	struct conn *conn = open_pair(SOCK_STREAM, 30);
	struct timespec pause = { 0, 300000000 };
	char line[80];

	expect_term();
	conn_set_stop(conn, &stop);
	ck_assert_int_eq(write(peer, BYTES("A\r\nNO")), 5);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	raise(SIGTERM);
	pid_t pid = fork();
	if (pid == 0) {
		nanosleep(&pause, NULL);
		_exit(write(peer, BYTES("OP\r\n")) == 4 ? 0 : 1);
	}
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	ck_assert_str_eq(line, "NOOP");
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_END);
	ck_assert_str_eq(conn_error(conn), "shutting down");
	conn_close(conn);
	close(peer);
	waitpid(pid, NULL, 0);
}
END_TEST

START_TEST(a_client_that_stops_anywhere_does_so_within_a_line)
{
	struct conn *conn = open_pair(SOCK_STREAM, 60);
	double start = now();
	char line[80];

	expect_term();
	conn_set_stop(conn, &stop);
	conn_stop_anywhere(conn);
	ck_assert_int_eq(write(peer, BYTES("half a li")), 9);
	raise(SIGTERM);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_END);
	ck_assert(now() - start < 30);
	ck_assert_str_eq(conn_error(conn), "shutting down");
	conn_close(conn);
	close(peer);
}
END_TEST

START_TEST(a_pipe_can_be_read_with_a_timeout)
{
	int ends[2];
	char line[80];

	ck_assert_int_eq(pipe(ends), 0);
	struct conn *conn = conn_open(ends[0], 1);
	ck_assert_int_eq(write(ends[1], BYTES("one\r\n")), 5);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_END);
	ck_assert_str_eq(conn_error(conn), "timed out");
	conn_close(conn);
	close(ends[1]);
}
END_TEST

Suite *
conn_wait_suite(void)
{
	Suite *suite = suite_create("conn_wait");
	TCase *waits = tcase_create("waits");

	tcase_set_timeout(waits, 60);
	tcase_add_test(waits, a_silent_peer_times_out_and_can_still_be_told_so);
	tcase_add_test(waits,
	    a_trickle_of_bytes_does_not_get_past_the_deadline);
	tcase_add_test(waits, a_hurry_ends_a_trickle_and_is_over_afterwards);
	tcase_add_test(waits, a_deadline_taken_off_does_not_strike);
	tcase_add_test(waits, a_peer_that_does_not_read_times_out);
	tcase_add_test(waits, a_pending_sigterm_ends_the_wait_for_a_new_line);
	tcase_add_test(waits, what_has_come_is_still_done_before_stopping);
	tcase_add_test(waits,
	    a_client_that_stops_anywhere_does_so_within_a_line);
	tcase_add_test(waits, a_pipe_can_be_read_with_a_timeout);
	suite_add_tcase(suite, waits);
	return suite;
}
