/*
 * check_queue_crash.c - the queue, killed at each step.
 *
 * A child works under ptrace; it is stopped before and after its Nth system
 * call and killed there, for every N.  What is left must be no message or the
 * whole one, and the whole one if the child had said that it is safe.
 */
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "smtpd/queue.h"
#include "tests/check_queue_world.h"
#include "tests/suites.h"

enum { STEPS_MAX = 1000, SAFE = 7 /* exit status: it was told to be kept */ };

/* What the manager does when an envelope has grown. */
static int
update(void)
{
	struct queue_entry entry;
	int fd = queue_read(queue_world, QUEUE_TEST_ID, true, &entry);
	int rc;

	if (fd == -1)
		return -1;
	entry.attempts++;
	rc = queue_update(queue_world, &entry);
	close(fd);
	queue_entry_clear(&entry);
	return rc;
}

static int
commit_small(void)
{
	return queue_test_commit(queue_test_in_memory());
}

static int
commit_large(void)
{
	return queue_test_commit(queue_test_without_name());
}

/* What the manager does when it has come. */
static int
take_in(void)
{
	return queue_take_in(queue_world, QUEUE_TEST_ID);
}

/* A piece of work, whether the message is there before, and its flushes. */
static const struct {
	int (*work)(void);
	bool before;
	const char *calls; /* f: fsync, l: linkat, r: rename */
} works[] = {
	{ commit_small, false, "flflf" },
	{ commit_large, false, "flflf" },
	{ take_in, true, "rr" },
	{ update, true, "frf" },
};

_Noreturn static void
work_traced(int which)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
		_exit(EXIT_FAILURE);
	raise(SIGSTOP);
	if (works[which].work() == -1)
		_exit(EXIT_FAILURE);
	/* The 250 would be written here. */
	_exit(SAFE);
}

static pid_t
start_work(int which, int *status_out)
{
	pid_t child = fork();

	ck_assert_int_ne(child, -1);
	if (child == 0)
		work_traced(which);
	ck_assert_int_eq(waitpid(child, status_out, 0), child);
	return child;
}

/* Runs it up to its STOPth stop.  Its exit status, 0 if killed. */
static int
run_until(int which, int stop)
{
	int status;
	pid_t child = start_work(which, &status);

	for (int i = 0; i < stop && WIFSTOPPED(status); i++) {
		ck_assert_int_eq(ptrace(PTRACE_SYSCALL, child, NULL, NULL), 0);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return 0;
}

static void
prepare(int which)
{
	queue_world_make();
	if (works[which].before)
		close(queue_test_commit(queue_test_in_memory()));
	if (works[which].work == update)
		queue_take_all(queue_world);
}

START_TEST(a_queue_killed_anywhere_has_all_of_a_message_or_nothing)
{
	int with = 0;
	int without = 0;
	int stop = 1;
	int status = 0;

	for (; stop < STEPS_MAX && status == 0; stop++) {
		bool there;

		prepare(_i);
		status = run_until(_i, stop);
		there = queue_test_is_there();
		if (status == SAFE || works[_i].before)
			ck_assert(there);
		with += there;
		without += !there;
		queue_world_remove();
	}
	/* It ran to its end at last, and was killed on both sides of the link.
	 */
	ck_assert_int_eq(status, SAFE);
	ck_assert_int_gt(with, 2);
	if (!works[_i].before)
		ck_assert_int_gt(without, 10);
}
END_TEST

START_TEST(a_killed_commit_leaves_nothing_that_stays_for_ever)
{
	int status = 0;

	for (int stop = 1; stop < STEPS_MAX && status == 0; stop++) {
		prepare(_i);
		status = run_until(_i, stop);
		if (!queue_test_is_there())
			ck_queue_is_empty();
		queue_world_remove();
	}
	ck_assert_int_eq(status, SAFE);
}
END_TEST

/* A clock that jumps makes everything an hour old. */
START_TEST(the_cleaner_takes_nothing_from_a_commit_at_work)
{
	int status;
	pid_t child;

	prepare(_i);
	child = start_work(_i, &status);
	while (WIFSTOPPED(status)) {
		queue_clean(queue_world, -2);
		ck_assert_int_eq(ptrace(PTRACE_SYSCALL, child, NULL, NULL), 0);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
	}
	ck_assert_int_eq(WEXITSTATUS(status), SAFE);
	ck_assert(queue_test_is_there());
	queue_world_remove();
}
END_TEST

/* The letter of a call that matters here, 0 for the others. */
static char
letter_of(const struct __ptrace_syscall_info *info)
{
	static const struct {
		int call;
		char letter;
	} letters[] = {
		{ SCMP_SYS(fsync), 'f' },
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
 * Notes the flushes and links that succeed: a link that the kernel does not
 * make by descriptor is made again by its path.
 */
static void
record_call(pid_t child, char *begun, struct buf *calls)
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

START_TEST(files_are_flushed_before_their_link_and_the_folder_after)
{
	struct buf calls = BUF_INIT;
	char begun = '\0';
	int status;
	pid_t child;

	prepare(_i);
	child = start_work(_i, &status);
	ck_assert_int_eq(ptrace(PTRACE_SETOPTIONS, child, NULL,
			     (void *)PTRACE_O_TRACESYSGOOD),
	    0);
	while (WIFSTOPPED(status)) {
		record_call(child, &begun, &calls);
		ck_assert_int_eq(ptrace(PTRACE_SYSCALL, child, NULL, NULL), 0);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
	}
	ck_assert_int_eq(WEXITSTATUS(status), SAFE);
	ck_assert_str_eq(calls.data, works[_i].calls);
	buf_clear(&calls);
	queue_world_remove();
}
END_TEST

Suite *
queue_crash_suite(void)
{
	Suite *suite = suite_create("queue_crash");
	TCase *tc = tcase_create("queue_crash");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc,
	    a_queue_killed_anywhere_has_all_of_a_message_or_nothing, 0,
	    COUNT(works));
	tcase_add_loop_test(tc,
	    a_killed_commit_leaves_nothing_that_stays_for_ever, 0,
	    COUNT(works));
	tcase_add_loop_test(tc,
	    files_are_flushed_before_their_link_and_the_folder_after, 0,
	    COUNT(works));
	/* A commit: the first two. */
	tcase_add_loop_test(tc, the_cleaner_takes_nothing_from_a_commit_at_work,
	    0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}
