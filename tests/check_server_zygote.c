/*
 * check_server_zygote.c - a zygote: what comes of its workers when it goes, or
 * they do.
 *
 * What they may do: check_server_born.c.  That a daemon with one is as good as
 * one without: check_server.c and others.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/fdpass.h"
#include "common/mem.h"
#include "tests/check_server_stage.h"
#include "tests/suites.h"

static const char title[] = "testd: zygote";
static const char idle[] = "testd: worker: idle";
static const struct stage_options plain = { 0 };
static const struct stage_options renamed = {
	.listen = "[server]\nhostname = new.campus.example\n"
};

enum { NOBODY = 65534 };

static struct stage stage;

/* Who was just born is called so too, for a moment. */
static pid_t
find_zygote(void)
{
	long until = stage_now() + 30 * 1000L;
	pid_t pid = 0;

	while (stage_children(&stage, title, &pid) != 1) {
		ck_assert_int_lt(stage_now(), until);
		stage_sleep(20);
	}
	return pid;
}

START_TEST(the_zygote_is_confined_before_anybody_comes)
{
	char path[64];
	char line[256];
	FILE *status;
	int filtered = 0;

	stage_open(&stage, &plain);
	(void)snprintf(path, sizeof(path), "/proc/%d/status",
	    (int)find_zygote());
	ck_assert_ptr_nonnull(status = fopen(path, "re"));
	while (fgets(line, sizeof(line), status) != NULL)
		filtered += strcmp(line, "Seccomp:\t2\n") == 0 ||
		    strcmp(line, "NoNewPrivs:\t1\n") == 0;
	fclose(status);
	ck_assert_int_eq(filtered, 2);
	conn_close(stage_greeted(&stage, "127.0.0.1"));
	stage_close(&stage, 10);
}
END_TEST

static const char *const desertions[] = { "close 3", "shut 3" };

/* Who was taken over lets go of its channel, so that it seems to have gone. */
START_TEST(who_is_to_leave_is_killed_whatever_it_did_to_its_channel)
{
	struct conn *conn;
	pid_t pid;

	stage_open(&stage, &plain);
	conn = stage_greeted(&stage, "127.0.0.1");
	pid = (pid_t)stage_number(stage_ask(conn, "pid"));
	ck_assert_str_eq(stage_ask(conn, "linger"), "ok");
	ck_assert_str_eq(stage_ask(conn, desertions[_i]), "ok");
	stage_await_end(pid);
	stage_await_log("how=\"signal 9 (Killed)\"");
	conn_close(conn);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(a_zygote_that_dies_ends_its_workers_and_has_a_successor)
{
	const struct stage_options options = { .smtpd = "workers = 1" };
	struct conn *conn;
	struct conn *deaf;
	pid_t zygote;
	pid_t worker;

	stage_open(&stage, &options);
	deaf = stage_greeted(&stage, "127.0.0.1");
	worker = (pid_t)stage_number(stage_ask(deaf, "pid"));
	/* It does not hear SIGTERM. */
	conn_putline(deaf, "work 100000");
	conn_flush(deaf);
	stage_await_children(&stage, "testd: worker: working", 1);
	zygote = find_zygote();
	kill(zygote, SIGKILL);
	stage_await_log("event=zygote-died");
	ck_assert_int_eq(stage_log_count("how=\"signal 9 (Killed)\""), 1);
	stage_await_end(worker);
	conn_close(deaf);
	/* Nor does it count any more. */
	conn = stage_greeted(&stage, "127.0.0.1");
	ck_assert_int_ne(find_zygote(), zygote);
	conn_close(conn);
	stage_close(&stage, 10);
}
END_TEST

/* The master may not even know that it is gone when it asks. */
START_TEST(who_comes_right_after_the_death_of_a_zygote_is_served)
{
	const struct stage_options options = { .smtpd = "spare = 1" };
	struct conn *conn;
	pid_t zygote;
	pid_t worker;

	stage_open(&stage, &options);
	stage_await_children(&stage, idle, 1);
	stage_children(&stage, idle, &worker);
	zygote = find_zygote();
	kill(stage.master, SIGSTOP);
	kill(zygote, SIGKILL);
	stage_await_end(worker);
	conn = stage_connect(&stage, "127.0.0.1");
	kill(stage.master, SIGCONT);
	ck_assert_str_eq(stage_line(conn), "220 127.0.0.1 first");
	stage_await_log("event=zygote-died");
	ck_assert_str_eq(stage_ask(conn, "work 1"), "ok");
	conn_close(conn);
	stage_close(&stage, 10);
}
END_TEST

/* As from a service manager that stops all of a group. */
START_TEST(a_zygote_lets_its_workers_end_in_their_time)
{
	struct conn *old;
	pid_t zygote;

	stage_open(&stage, &plain);
	old = stage_greeted(&stage, "127.0.0.1");
	zygote = find_zygote();
	kill(zygote, SIGTERM);
	for (int i = 0; i < 5; i++)
		conn_close(stage_greeted(&stage, "127.0.0.1"));
	ck_assert_str_eq(stage_ask(old, "work 100"), "ok");
	ck_assert_int_eq(find_zygote(), zygote);
	conn_close(old);
	stage_close(&stage, 10);
}
END_TEST

/* Has more descriptors on their way than a zygote may have. */
_Noreturn static void
crowd_sockets(void)
{
	int ends[2];

	if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) == -1)
		_exit(1);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == -1)
		_exit(1);
	for (int i = 0; i < 100; i++)
		if (fd_send(ends[0], "", 1, ends[0]) == -1)
			_exit(1);
	raise(SIGSTOP);
	_exit(0);
}

/* The kernel counts those of all processes of a user: ETOOMANYREFS. */
START_TEST(births_do_not_depend_on_what_else_is_on_its_way)
{
	struct conn *conns[6];
	pid_t pid = fork();
	int status;

	if (pid == 0)
		crowd_sockets();
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert(WIFSTOPPED(status));
	stage_open(&stage, &plain);
	for (size_t i = 0; i < COUNT(conns); i++)
		conns[i] = stage_greeted(&stage, "127.0.0.1");
	ck_assert_int_eq(stage_log_count("does not answer"), 0);
	for (size_t i = 0; i < COUNT(conns); i++)
		conn_close(conns[i]);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(the_end_does_not_wait_for_a_zygote_that_is_stuck)
{
	struct conn *conn;

	stage_open(&stage, &plain);
	conn = stage_greeted(&stage, "127.0.0.1");
	kill(find_zygote(), SIGSTOP);
	kill(stage.master, SIGTERM);
	stage_await_log("event=stopping");
	/* Asked twice it gives no grace. */
	stage_close(&stage, 30);
	conn_close(conn);
}
END_TEST

START_TEST(after_a_reload_the_old_zygote_stays_as_long_as_its_workers)
{
	struct conn *old;
	struct conn *new;
	pid_t zygote;

	stage_open(&stage, &plain);
	old = stage_greeted(&stage, "127.0.0.1");
	zygote = find_zygote();
	stage_reload(&stage, &renamed, "event=reloaded");
	new = stage_greeted(&stage, "127.0.0.1");
	ck_assert_str_eq(stage_ask(new, "hostname"), "new.campus.example");
	stage_await_children(&stage, title, 2);
	ck_assert_str_eq(stage_ask(old, "hostname"), "mail.campus.example");
	/* It still tells how they die. */
	conn_putline(old, "crash");
	ck_assert(stage_is_closed(old));
	stage_await_log("event=worker-died");
	ck_assert_int_eq(stage_log_count("how=\"signal 6 (Aborted)\" "
					 "served=127.0.0.1"),
	    1);
	stage_await_end(zygote);
	ck_assert_int_eq(stage_log_count("event=zygote-died"), 0);
	ck_assert_str_eq(stage_ask(new, "work 1"), "ok");
	conn_close(old);
	conn_close(new);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(the_end_waits_for_sessions_of_old_zygotes_too)
{
	struct conn *old;
	struct conn *new;

	stage_open(&stage, &plain);
	old = stage_greeted(&stage, "127.0.0.1");
	stage_reload(&stage, &renamed, "event=reloaded");
	new = stage_greeted(&stage, "127.0.0.1");
	stage_await_children(&stage, title, 2);
	conn_putline(old, "work 3000");
	conn_flush(old);
	stage_await_children(&stage, "testd: worker: working", 1);
	kill(stage.master, SIGTERM);
	ck_assert_str_eq(stage_line(new), "421 shutting down");
	ck_assert_str_eq(stage_line(old), "ok");
	ck_assert_str_eq(stage_line(old), "421 shutting down");
	conn_close(old);
	conn_close(new);
	stage_close(&stage, 20);
}
END_TEST

Suite *
server_zygote_suite(void)
{
	Suite *suite = suite_create("server_zygote");
	TCase *tc = tcase_create("zygote");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, stage_use_zygote, NULL);
	tcase_add_test(tc, the_zygote_is_confined_before_anybody_comes);
	tcase_add_test(tc,
	    a_zygote_that_dies_ends_its_workers_and_has_a_successor);
	tcase_add_loop_test(tc,
	    who_is_to_leave_is_killed_whatever_it_did_to_its_channel, 0,
	    (int)COUNT(desertions));
	tcase_add_test(tc,
	    who_comes_right_after_the_death_of_a_zygote_is_served);
	tcase_add_test(tc, a_zygote_lets_its_workers_end_in_their_time);
	tcase_add_test(tc, births_do_not_depend_on_what_else_is_on_its_way);
	tcase_add_test(tc, the_end_does_not_wait_for_a_zygote_that_is_stuck);
	tcase_add_test(tc,
	    after_a_reload_the_old_zygote_stays_as_long_as_its_workers);
	tcase_add_test(tc, the_end_waits_for_sessions_of_old_zygotes_too);
	suite_add_tcase(suite, tc);
	return suite;
}
