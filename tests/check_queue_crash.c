/*
 * check_queue_crash.c - the queue, killed at each step.
 *
 * A child works under ptrace; it is stopped before and after its Nth system
 * call and killed there, for every N.  What is left must be no message or the
 * whole one, and the whole one if the child had said that it is safe.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "smtpd/queue.h"
#include "tests/check_queue_world.h"
#include "tests/check_steps.h"
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

/* WHICH, an int, of works. */
static int
do_work(void *which)
{
	raise(SIGSTOP);
	if (works[*(int *)which].work() == -1)
		return EXIT_FAILURE;
	/* The 250 would be written here. */
	return SAFE;
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
		status = steps_run_until(stop, do_work, &_i);
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
		status = steps_run_until(stop, do_work, &_i);
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
	child = steps_begin(do_work, &_i, &status);
	while (WIFSTOPPED(status)) {
		queue_clean(queue_world, -2);
		steps_go_on(child, &status);
	}
	ck_assert_int_eq(WEXITSTATUS(status), SAFE);
	ck_assert(queue_test_is_there());
	queue_world_remove();
}
END_TEST

START_TEST(files_are_flushed_before_their_link_and_the_folder_after)
{
	struct buf calls = BUF_INIT;

	prepare(_i);
	ck_assert_int_eq(steps_calls(do_work, &_i, &calls), SAFE);
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
