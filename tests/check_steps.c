/* check_steps.c - ptrace(2). */
#include "tests/check_steps.h"

#include <check.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"

pid_t
steps_begin(steps_work *work, void *arg, int *status_out)
{
	pid_t child = fork();

	ck_assert_int_ne(child, -1);
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
			_exit(EXIT_FAILURE);
		_exit(work(arg));
	}
	ck_assert_int_eq(waitpid(child, status_out, 0), child);
	return child;
}

void
steps_go_on(pid_t child, int *status_out)
{
	ck_assert_int_eq(ptrace(PTRACE_SYSCALL, child, NULL, NULL), 0);
	ck_assert_int_eq(waitpid(child, status_out, 0), child);
}

int
steps_run_until(int stop, steps_work *work, void *arg)
{
	int status;
	pid_t child = steps_begin(work, arg, &status);

	for (int i = 0; i < stop && WIFSTOPPED(status); i++)
		steps_go_on(child, &status);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return 0;
}

/* The letter of a call that matters, NUL for the others. */
static char
letter_of(const struct __ptrace_syscall_info *info)
{
	static const struct {
		int call;
		char letter;
	} letters[] = {
		{ SCMP_SYS(fsync), 'f' },
		{ SCMP_SYS(fdatasync), 'd' },
		{ SCMP_SYS(linkat), 'l' },
		{ SCMP_SYS(renameat), 'r' },
		{ SCMP_SYS(renameat2), 'r' },
	};

	for (size_t i = 0; i < COUNT(letters); i++)
		if ((int)info->entry.nr == letters[i].call)
			return letters[i].letter;
	return '\0';
}

/*
 * A call that fails is none: a link that the kernel does not make by descriptor
 * is made again by its path.
 */
static void
note_call(pid_t child, char *begun, struct buf *calls)
{
	struct __ptrace_syscall_info info;
	const void *size = (const void *)sizeof(info);

	if (ptrace(PTRACE_GET_SYSCALL_INFO, child, size, &info) <= 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		*begun = letter_of(&info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT && *begun != '\0' &&
	    !info.exit.is_error)
		buf_addchar(calls, *begun);
}

int
steps_calls(steps_work *work, void *arg, struct buf *calls)
{
	char begun = '\0';
	int status;
	pid_t child = steps_begin(work, arg, &status);

	ck_assert_int_eq(ptrace(PTRACE_SETOPTIONS, child, NULL,
			     (void *)PTRACE_O_TRACESYSGOOD),
	    0);
	while (WIFSTOPPED(status)) {
		note_call(child, &begun, calls);
		steps_go_on(child, &status);
	}
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}
