/*
 * check_server_born.c - what a worker may do that a zygote has forked, and its
 * zygote.
 */
#include <errno.h>
#include <signal.h>
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

enum { NOBODY = 65534 };

static const struct stage_options plain = { 0 };

static struct stage stage;

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
	conn = stage_greeted(&stage, "127.0.0.1");
	ck_assert_str_eq(stage_ask(conn, deeds[_i].order), deeds[_i].answer);
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
	one = stage_greeted(&stage, "127.0.0.1");
	two = stage_greeted(&stage, "127.0.0.1");
	ck_assert_str_ne(stage_ask(one, "pid"), stage_ask(two, "pid"));
	ck_assert_str_ne(stage_ask(one, "random"), stage_ask(two, "random"));
	conn_close(one);
	conn_close(two);
	stage_close(&stage, 10);
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

	if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) == -1)
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
server_born_suite(void)
{
	Suite *suite = suite_create("server_born");
	TCase *tc = tcase_create("born");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, stage_use_zygote, NULL);
	tcase_add_loop_test(tc,
	    a_worker_that_was_born_can_do_no_more_than_others, 0,
	    (int)COUNT(deeds));
	tcase_add_test(tc, no_two_workers_have_the_same_random_numbers);
	tcase_add_loop_test(tc, who_forks_its_like_can_do_nothing_to_others, 0,
	    (int)COUNT(calls));
	suite_add_tcase(suite, tc);
	return suite;
}
