/*
 * check_server_zygote.c - a zygote: what it gives its workers, and what comes
 * of them when it goes.
 *
 * That a daemon with one is as good as one without: check_server.c and others.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/mem.h"
#include "common/sandbox.h"
#include "tests/check_server_stage.h"
#include "tests/suites.h"

static const char title[] = "testd: zygote";
static const char idle[] = "testd: worker: idle";
static const struct stage_options plain = { 0 };
static const struct stage_options renamed = {
	.listen = "[server]\nhostname = new.campus.example\n"
};

static struct stage stage;

static struct conn *
greeted(void)
{
	struct conn *conn = stage_connect(&stage, "127.0.0.1");

	ck_assert_str_eq(stage_line(conn), "220 127.0.0.1 first");
	return conn;
}

static pid_t
find_zygote(void)
{
	pid_t pid = 0;

	stage_await_children(&stage, title, 1);
	stage_children(&stage, title, &pid);
	return pid;
}

static void
reload(const struct stage_options *options)
{
	stage_configure(&stage, options);
	kill(stage.master, SIGHUP);
	stage_await_log("event=reloaded");
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
	conn_close(greeted());
	stage_close(&stage, 10);
}
END_TEST

/* What a worker that was born so tries: the answers. */
static const struct {
	const char *order;
	const char *answer;
} deeds[] = {
	/* clang-format off */
	{ "fork",                "EAGAIN" },
	{ "kill 1",              "EPERM" },
	{ "open secrets.sqlite", "EACCES" },
	{ "socket 2",            "EPERM" }, /* AF_INET */
	{ "code",                "EPERM" },
	/* clang-format on */
};

START_TEST(a_worker_that_was_born_can_do_no_more_than_others)
{
	struct conn *conn;

	stage_open(&stage, &plain);
	conn = greeted();
	ck_assert_str_eq(stage_ask(conn, deeds[_i].order), deeds[_i].answer);
	conn_close(conn);
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
	conn = greeted();
	pid = (pid_t)stage_number(stage_ask(conn, "pid"));
	ck_assert_str_eq(stage_ask(conn, "linger"), "ok");
	ck_assert_str_eq(stage_ask(conn, desertions[_i]), "ok");
	stage_await_end(pid);
	stage_await_log("how=\"signal 9 (Killed)\"");
	conn_close(conn);
	stage_close(&stage, 10);
}
END_TEST

/* They are copies of one process, each as it was at its birth. */
START_TEST(no_two_workers_have_the_same_random_numbers)
{
	struct conn *one;
	struct conn *two;

	stage_open(&stage, &plain);
	one = greeted();
	two = greeted();
	ck_assert_str_ne(stage_ask(one, "pid"), stage_ask(two, "pid"));
	ck_assert_str_ne(stage_ask(one, "random"), stage_ask(two, "random"));
	conn_close(one);
	conn_close(two);
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
	deaf = greeted();
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
	conn = greeted();
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
	old = greeted();
	zygote = find_zygote();
	kill(zygote, SIGTERM);
	for (int i = 0; i < 5; i++)
		conn_close(greeted());
	ck_assert_str_eq(stage_ask(old, "work 100"), "ok");
	ck_assert_int_eq(find_zygote(), zygote);
	conn_close(old);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(the_end_does_not_wait_for_a_zygote_that_is_stuck)
{
	struct conn *conn;

	stage_open(&stage, &plain);
	conn = greeted();
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
	old = greeted();
	zygote = find_zygote();
	reload(&renamed);
	new = greeted();
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
	old = greeted();
	reload(&renamed);
	new = greeted();
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

static int
die_with_parent(void)
{
	return prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
}

static int
survive_parent(void)
{
	return prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
}

static int
be_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static int
limit_parent(void)
{
	return prlimit(getppid(), RLIMIT_NPROC, &(struct rlimit){ 0, 0 }, NULL);
}

static int
limit_files(void)
{
	return setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 8, 8 });
}

static int
signal_parent(void)
{
	return kill(getppid(), 0);
}

static int
fork_one(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid == -1 ? -1 : 0;
}

static int
forbid_and_fork(void)
{
	return sandbox_forbid_forks() == -1 ? 0 : fork_one();
}

static const struct {
	int (*call)(void);
	int error; /* errno, 0 for success */
} calls[] = {
	/* clang-format off */
	{ fork_one,        0 },
	{ forbid_and_fork, EAGAIN },
	{ die_with_parent, 0 },
	{ survive_parent,  EPERM },
	{ be_dumpable,     EPERM },
	{ limit_parent,    EPERM },
	{ limit_files,     EPERM },
	{ signal_parent,   EPERM },
	/* clang-format on */
};

/* As an ordinary user: root may have as many processes as it likes. */
_Noreturn static void
try_call(int (*call)(void))
{
	static const struct sandbox_path none[] = { { NULL, 0, NULL } };
	const struct sandbox sandbox = {
		.role = "test",
		.paths = none,
		.calls = SB_CALL_LITTLE | SB_CALL_UNIX | SB_CALL_BEAR,
		.files = 64,
	};

	if (geteuid() == 0 && setresuid(65534, 65534, 65534) == -1)
		_exit(254);
	if (sandbox_enter(&sandbox) == -1)
		_exit(255);
	_exit(call() == -1 ? errno : 0);
}

START_TEST(who_forks_its_like_can_do_nothing_to_others)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		try_call(calls[_i].call);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), calls[_i].error);
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
	tcase_add_loop_test(tc,
	    a_worker_that_was_born_can_do_no_more_than_others, 0,
	    (int)COUNT(deeds));
	tcase_add_test(tc, no_two_workers_have_the_same_random_numbers);
	tcase_add_test(tc,
	    a_zygote_that_dies_ends_its_workers_and_has_a_successor);
	tcase_add_loop_test(tc,
	    who_is_to_leave_is_killed_whatever_it_did_to_its_channel, 0,
	    (int)COUNT(desertions));
	tcase_add_test(tc,
	    who_comes_right_after_the_death_of_a_zygote_is_served);
	tcase_add_test(tc, a_zygote_lets_its_workers_end_in_their_time);
	tcase_add_test(tc, the_end_does_not_wait_for_a_zygote_that_is_stuck);
	tcase_add_test(tc,
	    after_a_reload_the_old_zygote_stays_as_long_as_its_workers);
	tcase_add_test(tc, the_end_waits_for_sessions_of_old_zygotes_too);
	tcase_add_loop_test(tc, who_forks_its_like_can_do_nothing_to_others, 0,
	    (int)COUNT(calls));
	suite_add_tcase(suite, tc);
	return suite;
}
