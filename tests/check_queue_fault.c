/*
 * check_queue_fault.c - a commit to the queue in which a system call fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "smtpd/queue.h"
#include "tests/check_queue_world.h"
#include "tests/suites.h"

enum { SAFE = 7 /* exit status: it was told to be kept */ };

enum target { ANY, FOLDER };

/* A system call that fails, and on what. */
static const struct {
	int call;
	int error;
	enum target target;
} failures[] = {
	/* clang-format off */
	{ SCMP_SYS(openat), ENOSPC,     ANY },
	{ SCMP_SYS(openat), EOPNOTSUPP, ANY },
	{ SCMP_SYS(write),  ENOSPC,     ANY },
	{ SCMP_SYS(fsync),  EIO,        ANY },
	{ SCMP_SYS(fsync),  EIO,        FOLDER },
	{ SCMP_SYS(linkat), ENOSPC,     ANY },
	{ SCMP_SYS(flock),  ENOLCK,     ANY },
	/* clang-format on */
};

/* From here on CALL fails, where argument ARG is VALUE; ARG -1: always. */
static int
install_failure(int call, int error, int arg, uint64_t value)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	uint32_t action = SCMP_ACT_ERRNO((uint16_t)error);
	int rc = seccomp_rule_add(filter, action, call, arg == -1 ? 0 : 1,
	    SCMP_CMP(arg == -1 ? 0U : (unsigned)arg, SCMP_CMP_EQ, value, 0));

	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}

/* A commit in a child in which that is so.  Its exit status. */
static int
commit_with_failure(int call, int error, int arg, bool about_folder)
{
	int message = queue_test_in_memory();
	pid_t child = fork();
	int status;

	ck_assert_int_ne(child, -1);
	if (child == 0) {
		uint64_t value =
		    about_folder ? (uint64_t)queue_world : AT_EMPTY_PATH;

		if (install_failure(call, error, arg, value) != 0)
			_exit(EXIT_FAILURE);
		_exit(queue_test_commit(message) == -1 ? 0 : SAFE);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	close(message);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(a_commit_whose_system_call_fails_says_so_and_is_never_delivered)
{
	bool about_folder = failures[_i].target == FOLDER;
	queue_world_make();
	ck_assert_int_eq(commit_with_failure(failures[_i].call,
			     failures[_i].error, about_folder ? 0 : -1,
			     about_folder),
	    0);
	ck_assert(!queue_test_is_there());
	ck_queue_is_empty();
	queue_world_remove();
}
END_TEST

START_TEST(an_old_kernel_links_by_proc)
{
	queue_world_make();
	/* Linux before 6.10: ENOENT without CAP_DAC_READ_SEARCH. */
	ck_assert_int_eq(commit_with_failure(SCMP_SYS(linkat), ENOENT, 4,
			     false),
	    SAFE);
	ck_assert(queue_test_is_there());
	queue_world_remove();
}
END_TEST

Suite *
queue_fault_suite(void)
{
	Suite *suite = suite_create("queue_fault");
	TCase *tc = tcase_create("queue_fault");

	tcase_add_loop_test(tc,
	    a_commit_whose_system_call_fails_says_so_and_is_never_delivered, 0,
	    COUNT(failures));
	tcase_add_test(tc, an_old_kernel_links_by_proc);
	suite_add_tcase(suite, tc);
	return suite;
}
