/*
 * check_server_replaced.c - a grant that is begun anew in a process with the
 * id of the one before.
 *
 * The kernel gives an id again when all others had their turn.  In a namespace
 * of its own a test can say whose turn it is (proc(5), ns_last_pid).  What the
 * master does is called here as its loop does it.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fdpass.h"
#include "common/server_master.h"
#include "tests/suites.h"

enum { OLD = 300, SKIPPED = 255 };

/* The next process gets the id PID.  False where nobody may say so. */
static bool
choose_next(pid_t pid)
{
	FILE *file = fopen("/proc/sys/kernel/ns_last_pid", "we");
	bool good = file != NULL && fprintf(file, "%d", (int)pid - 1) > 0;

	if (file != NULL && fclose(file) != 0)
		good = false;
	return good;
}

/* Stays until it is killed. */
static enum served
serve_grant(const struct config *config, int fd, const char *text)
{
	(void)config;
	(void)fd;
	(void)text;
	pause();
	return SERVED_EXIT;
}

static const struct server server = {
	.program = "testd",
	.serve_grant = serve_grant,
};

/* A grant's process that has asked to be begun anew, and has ended. */
static void
ask_and_end(int channel)
{
	int end[2];
	char word = (char)WORKER_ANEW;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, end) == -1 ||
	    fd_send(channel, &word, 1, end[0]) == -1)
		_exit(1);
	_exit(0);
}

/* What failed, or 0: the number of the line. */
static int
run(void)
{
	struct master m = { .server = &server, .max_workers = 2 };
	struct worker *worker;
	int channel[2];
	int status;

	m.pid = getpid();
	m.events = epoll_create1(EPOLL_CLOEXEC);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel) == -1)
		return __LINE__;
	if (!choose_next(OLD))
		return SKIPPED;
	if (fork() == 0)
		ask_and_end(channel[1]);
	close(channel[1]);
	worker = pool_enter(&m, OLD, channel[0], WORKER_GRANTED);
	worker->grant = xstrdup("alice");
	worker->sessions = 1;
	/* The loop has waited for it and has not heard it yet. */
	if (waitpid(-1, &status, 0) != OLD || !choose_next(OLD))
		return __LINE__;
	if (!pool_reap(&m, 0, OLD, status))
		return __LINE__;
	/* It is there and known, though its id is the one that ended. */
	if (kill(OLD, 0) == -1)
		return __LINE__;
	if (m.pool.granted != 1 || worker->state != WORKER_GRANTED ||
	    worker->pid != OLD || worker->channel == -1)
		return __LINE__;
	/* And its own end is not overlooked. */
	kill(OLD, SIGKILL);
	if (waitpid(OLD, &status, 0) != OLD || !pool_reap(&m, 0, OLD, status))
		return __LINE__;
	return m.pool.granted == 0 && worker->state == WORKER_FREE ? 0
								   : __LINE__;
}

/* In a namespace of its own, with a /proc of it.  The exit status of run(). */
static int
run_apart(void)
{
	int status;
	pid_t pid;

	if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS) == -1)
		return SKIPPED;
	pid = fork();
	if (pid == 0) {
		if (mount("proc", "/proc", "proc", 0, NULL) == -1)
			_exit(SKIPPED);
		_exit(run());
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}

START_TEST(it_is_not_taken_for_the_one_that_has_ended)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run_apart());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) == SKIPPED)
		fprintf(stderr, "no namespace of its own here: not tested\n");
	else
		ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

Suite *
server_replaced_suite(void)
{
	Suite *suite = suite_create("server_replaced");
	TCase *tc = tcase_create("replaced");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, it_is_not_taken_for_the_one_that_has_ended);
	suite_add_tcase(suite, tc);
	return suite;
}
