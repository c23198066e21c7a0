/*
 * check_syscalls.c - which system calls who can still make.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/sandbox.h"
#include "tests/suites.h"

/* There in a build with AddressSanitizer. */
extern void __asan_init(void) __attribute__((weak));

static int
open_file(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static int
copy_descriptor(void)
{
	return dup(STDERR_FILENO);
}

static int
ask_for_flags(void)
{
	return fcntl(STDERR_FILENO, F_GETFL);
}

static int
watch_many(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

static int
make_connection(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int
abort_parent(void)
{
	pid_t parent = getppid();

	return tgkill(parent, parent, SIGABRT);
}

static int
start_process(void)
{
	return fork();
}

/* The calls of a worker that opens nothing, and what is basic elsewhere. */
static const struct {
	int (*call)(void);
	int little; /* errno, 0 for success */
	int basic;
} calls[] = {
	/* clang-format off */
	{ open_file,       EPERM, EACCES }, /* which is Landlock's word */
	{ copy_descriptor, EPERM, 0 },
	{ ask_for_flags,   EPERM, 0 },
	{ watch_many,      EPERM, 0 },
	{ make_connection, 0,     0 },
	{ start_process,   EPERM, EPERM },
	/* clang-format on */
};

static int
abort_itself(void)
{
	abort();
}

/* What waitpid(2) says of a process with errno, or 0, of CALL as its status. */
static int
await_call(unsigned allowed, int (*call)(void))
{
	static const struct sandbox_path none[] = { { NULL, 0, NULL } };
	const struct sandbox sandbox = {
		.role = "test",
		.paths = none,
		.calls = allowed,
		.files = 64,
	};
	int status;
	pid_t pid = fork();

	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		if (sandbox_enter(&sandbox) == -1)
			_exit(255);
		_exit(call() == -1 ? errno : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

/* The errno of CALL in a process that may make CALLS. */
static int
try_call(unsigned allowed, int (*call)(void))
{
	int status = await_call(allowed, call);

	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(who_opens_nothing_has_fewer_calls_than_others)
{
	int little = try_call(SB_CALL_LITTLE | SB_CALL_UNIX, calls[_i].call);
	int basic = try_call(SB_CALL_UNIX, calls[_i].call);

	ck_assert_int_eq(little, calls[_i].little);
	if (calls[_i].basic != EACCES || sandbox_landlock_abi() > 0)
		ck_assert_int_eq(basic, calls[_i].basic);
}
END_TEST

/* On any kernel; others have Landlock for that, from its ABI 6 on. */
START_TEST(who_opens_nothing_signals_nobody_and_still_aborts)
{
	const unsigned calls_of_front = SB_CALL_LITTLE | SB_CALL_UNIX;

	ck_assert_int_eq(try_call(calls_of_front, abort_parent), EPERM);
	if (&__asan_init != NULL)
		return; /* it makes a status of a fault */
	ck_assert(WIFSIGNALED(await_call(calls_of_front, abort_itself)));
	ck_assert(WIFSIGNALED(await_call(SB_CALL_UNIX, abort_itself)));
}
END_TEST

/* The grandchild's signal, or 0. */
_Noreturn static void
be_a_master(void)
{
	int status;
	pid_t pid;

	if (sandbox_master() == -1)
		_exit(255);
	pid = fork();
	if (pid == 0) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	if (waitpid(pid, &status, 0) != pid)
		_exit(255);
	_exit(WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

START_TEST(what_a_master_forks_cannot_run_a_program)
{
	int status;
	pid_t pid;

	if (&__asan_init != NULL)
		return; /* its LeakSanitizer has to trace the master */
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		be_a_master();
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), SIGSYS);
}
END_TEST

Suite *
syscalls_suite(void)
{
	Suite *suite = suite_create("syscalls");
	TCase *tc = tcase_create("syscalls");

	tcase_add_loop_test(tc, who_opens_nothing_has_fewer_calls_than_others,
	    0, (int)COUNT(calls));
	tcase_add_test(tc, who_opens_nothing_signals_nobody_and_still_aborts);
	tcase_add_test(tc, what_a_master_forks_cannot_run_a_program);
	suite_add_tcase(suite, tc);
	return suite;
}
