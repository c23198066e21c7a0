/*
 * check_maildir_crash.c - a delivery killed at each of its steps, and one whose
 * system calls fail.
 *
 * A child delivers under ptrace; we stop it before and after its Nth system
 * call and kill it there, for every N.  What is left must be no message or the
 * whole one, and the whole one if the child had said that it is safe.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "maildir/maildir.h"
#include "tests/check_folder.h"
#include "tests/check_steps.h"
#include "tests/suites.h"

enum { STEPS_MAX = 1000, SAFE = 7 /* exit status: it was told to be stored */ };

static const char text[] = "Subject: kept\n\nEvery byte of it.\n";

static int
deliver(const struct maildir *box)
{
	char name[MAILDIR_NAME_MAX + 1];
	struct maildir_draft draft;

	if (maildir_draft(box, &draft) == -1)
		return -1;
	if (write_all(draft.fd, text, sizeof(text) - 1) == -1) {
		maildir_abandon(box, &draft);
		return -1;
	}
	return maildir_commit(box, &draft, sizeof(text) - 1, sizeof(text) + 2,
	    name);
}

static int
deliver_to_bob(void *arg)
{
	struct maildir box;

	(void)arg;
	raise(SIGSTOP);
	if (maildir_open(AT_FDCWD, "mail/bob", true, &box) == -1 ||
	    deliver(&box) == -1)
		return EXIT_FAILURE;
	/* The 250 would be written here. */
	return SAFE;
}

START_TEST(a_delivery_flushes_the_file_before_and_the_folder_after_the_link)
{
	struct buf calls = BUF_INIT;
	struct maildir box;

	folder_enter();
	/* Made beforehand: this is about the message alone. */
	ck_assert_int_eq(maildir_open(AT_FDCWD, "mail/bob", true, &box), 0);
	maildir_close(&box);
	ck_assert_int_eq(steps_calls(deliver_to_bob, NULL, &calls), SAFE);
	ck_assert_str_eq(calls.data, "flf");
	buf_clear(&calls);
	folder_leave();
}
END_TEST

struct found {
	int whole;
	int other;
	int folder;
};

static int
look_at(void *arg, bool in_new, const char *name)
{
	struct found *found = arg;
	char data[sizeof(text) + 1] = "";
	int fd;

	ck_assert(in_new);
	fd = openat(found->folder, name, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ne(fd, -1);
	if (read(fd, data, sizeof(data)) == sizeof(text) - 1 &&
	    strcmp(data, text) == 0)
		found->whole++;
	else
		found->other++;
	close(fd);
	return 0;
}

/* What is in the mailbox afterwards, by a reader that makes it if need be. */
static struct found
look(void)
{
	struct found found = { 0, 0, -1 };
	struct maildir box;

	ck_assert_int_eq(maildir_open(AT_FDCWD, "mail/bob", true, &box), 0);
	found.folder = box.new;
	ck_assert_int_eq(maildir_scan(&box, look_at, &found), 0);
	maildir_close(&box);
	return found;
}

START_TEST(a_delivery_killed_anywhere_leaves_all_or_nothing)
{
	int with = 0;
	int without = 0;
	int stop = 1;
	int status = 0;

	for (; stop < STEPS_MAX && status == 0; stop++) {
		struct found found;

		folder_enter();
		status = steps_run_until(stop, deliver_to_bob, NULL);
		found = look();
		ck_assert_int_eq(found.other, 0);
		ck_assert_int_le(found.whole, 1);
		if (status == SAFE)
			ck_assert_int_eq(found.whole, 1);
		with += found.whole;
		without += 1 - found.whole;
		folder_leave();
	}
	/* It ran to its end at last, and was killed on both sides of the link.
	 */
	ck_assert_int_eq(status, SAFE);
	ck_assert_int_gt(stop, 20);
	ck_assert_int_gt(without, 10);
	ck_assert_int_gt(with, 2);
}
END_TEST

START_TEST(what_a_killed_delivery_left_in_tmp_harms_no_later_one)
{
	int status = 0;

	folder_enter();
	for (int stop = 1; stop < STEPS_MAX && status == 0; stop++)
		status = steps_run_until(stop, deliver_to_bob, NULL);
	ck_assert_int_eq(status, SAFE);
	ck_assert_int_eq(look().other, 0);
	ck_assert_int_gt(look().whole, 1);
	folder_leave();
}
END_TEST

enum target { ANY, FILE_OF_DRAFT, NEW };

/* A system call that fails, and on what. */
static const struct {
	int call;
	int error;
	enum target target;
} failures[] = {
	/* clang-format off */
	{ SCMP_SYS(fsync),  EIO,    FILE_OF_DRAFT },
	{ SCMP_SYS(fsync),  EIO,    NEW },
	{ SCMP_SYS(fsync),  ENOSPC, NEW },
	{ SCMP_SYS(linkat), ENOSPC, ANY },
	{ SCMP_SYS(linkat), EMLINK, ANY },
	{ SCMP_SYS(write),  ENOSPC, FILE_OF_DRAFT },
	{ SCMP_SYS(openat), ENOSPC, ANY },
	{ SCMP_SYS(openat), EROFS,  ANY },
	/* clang-format on */
};

/* From here on that call fails, on the descriptor it is about. */
static int
install_failure(int i, const struct maildir *box)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	uint32_t action = SCMP_ACT_ERRNO((uint16_t)failures[i].error);
	unsigned count = failures[i].target == ANY ? 0 : 1;
	int rc;
	/* The next descriptor will be the draft's. */
	int next = dup(box->new);
	int fd = failures[i].target == NEW ? box->new : next;

	close(next);
	rc = seccomp_rule_add(filter, action, failures[i].call, count,
	    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)fd, 0));
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}

START_TEST(a_delivery_whose_system_call_fails_says_so_and_leaves_nothing)
{
	struct maildir box;
	struct found found;
	int status;
	pid_t child;

	folder_enter();
	ck_assert_int_eq(maildir_open(AT_FDCWD, "mail/bob", true, &box), 0);
	child = fork();
	ck_assert_int_ne(child, -1);
	if (child == 0) {
		if (install_failure(_i, &box) != 0)
			_exit(EXIT_FAILURE);
		_exit(deliver(&box) == -1 && errno == failures[_i].error
			? SAFE
			: EXIT_SUCCESS);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), SAFE);
	found = look();
	ck_assert_int_eq(found.whole + found.other, 0);
	/* Its draft is gone too: rmdir takes only an empty folder. */
	ck_assert_int_eq(unlinkat(box.root, "tmp", AT_REMOVEDIR), 0);
	maildir_close(&box);
	folder_leave();
}
END_TEST

Suite *
maildir_crash_suite(void)
{
	Suite *suite = suite_create("maildir_crash");
	TCase *tc = tcase_create("maildir_crash");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_delivery_killed_anywhere_leaves_all_or_nothing);
	tcase_add_test(tc,
	    a_delivery_flushes_the_file_before_and_the_folder_after_the_link);
	tcase_add_test(tc,
	    what_a_killed_delivery_left_in_tmp_harms_no_later_one);
	tcase_add_loop_test(tc,
	    a_delivery_whose_system_call_fails_says_so_and_leaves_nothing, 0,
	    COUNT(failures));
	suite_add_tcase(suite, tc);
	return suite;
}
