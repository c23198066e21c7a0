/*
 * check_queue_fault.c - a commit to the queue in which a system call fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "smtpd/queue.h"
#include "tests/check_folder.h"
#include "tests/check_queue_world.h"
#include "tests/suites.h"

enum { SAFE = 7 /* exit status: it was told to be kept */ };

enum where {
	ALWAYS,
	ON_FOLDER,     /* the first argument is queue/incoming */
	NAMELESS,      /* openat with O_TMPFILE */
	BY_DESCRIPTOR, /* linkat with AT_EMPTY_PATH */
};

/* A system call that fails, and when. */
struct failure {
	int call;
	int error;
	enum where where;
};

static const struct failure failures[] = {
	/* clang-format off */
	{ SCMP_SYS(openat), ENOSPC, ALWAYS },
	{ SCMP_SYS(write),  ENOSPC, ALWAYS },
	{ SCMP_SYS(fsync),  EIO,    ALWAYS },
	{ SCMP_SYS(fsync),  EIO,    ON_FOLDER },
	{ SCMP_SYS(linkat), ENOSPC, ALWAYS },
	{ SCMP_SYS(flock),  ENOLCK, ALWAYS },
	/* clang-format on */
};

/* From here on it fails in this process. */
static int
install(const struct failure *failure)
{
	const struct scmp_arg_cmp conditions[] = {
		[ALWAYS] = { 0 },
		[ON_FOLDER] =
		    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)incoming_world, 0),
		[NAMELESS] = SCMP_A2(SCMP_CMP_MASKED_EQ, O_TMPFILE, O_TMPFILE),
		[BY_DESCRIPTOR] = SCMP_A4(SCMP_CMP_EQ, AT_EMPTY_PATH, 0),
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int rc = seccomp_rule_add_array(filter,
	    SCMP_ACT_ERRNO((uint16_t)failure->error), failure->call,
	    failure->where == ALWAYS ? 0 : 1, &conditions[failure->where]);

	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}

/* The exit status of a process that commits although that fails. */
static int
commit_with(const struct failure *failure)
{
	int message = queue_test_in_memory();
	pid_t child = fork();
	int status;

	ck_assert_int_ne(child, -1);
	if (child == 0) {
		if (install(failure) != 0)
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
	queue_world_make();
	ck_assert_int_eq(commit_with(&failures[_i]), 0);
	ck_assert(!queue_test_is_there());
	ck_queue_is_empty();
	queue_world_remove();
}
END_TEST

START_TEST(a_file_system_without_nameless_files_will_do)
{
	const struct failure failure = { SCMP_SYS(openat), EOPNOTSUPP,
		NAMELESS };

	queue_world_make();
	ck_assert_int_eq(commit_with(&failure), SAFE);
	ck_assert(queue_test_is_there());
	/* The names it has used went when it was taken in; others stay. */
	folder_write("queue/incoming/spool/00000000000001", "never finished");
	queue_spool_clean(queue_world, 3600);
	ck_assert_int_eq(rmdir("queue/incoming/spool"), -1);
	queue_spool_clean(queue_world, -2);
	ck_assert_int_eq(rmdir("queue/incoming/spool"), 0);
	queue_world_remove();
}
END_TEST

START_TEST(an_old_kernel_links_by_proc)
{
	/* Linux before 6.10, without CAP_DAC_READ_SEARCH. */
	const struct failure failure = { SCMP_SYS(linkat), ENOENT,
		BY_DESCRIPTOR };

	queue_world_make();
	ck_assert_int_eq(commit_with(&failure), SAFE);
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
	tcase_add_test(tc, a_file_system_without_nameless_files_will_do);
	tcase_add_test(tc, an_old_kernel_links_by_proc);
	suite_add_tcase(suite, tc);
	return suite;
}
