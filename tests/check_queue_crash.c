/*
 * check_queue_crash.c - the queue, killed at each step, and with system calls
 * that fail.
 *
 * A child works under ptrace; it is stopped before and after its Nth system
 * call and killed there, for every N.  What is left must be no message or the
 * whole one, and the whole one if the child had said that it is safe.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "smtpd/queue.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

enum { STEPS_MAX = 1000, SAFE = 7 /* exit status: it was told to be kept */ };

static const char id[] = "3F2A9C01B7D4E5";
static const char text[] = "Subject: kept\n\nEvery byte of it.\n";

static int
open_queue(void)
{
	int queue = open("queue", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ne(queue, -1);
	return queue;
}

static void
make_world(void)
{
	folder_enter();
	ck_assert_int_eq(mkdir("queue", 0700), 0);
	ck_assert_int_eq(mkdir("queue/spool", 0700), 0);
}

static struct queue_entry
make_entry(void)
{
	struct queue_entry entry;

	queue_entry_init(&entry, id,
	    &(struct queue_origin){ .sender = "alice@campus.example" });
	queue_entry_add(&entry, "bob@campus.example", "")->local = true;
	return entry;
}

/* What a session does with a message that must wait. */
static int
commit(int queue, int message)
{
	struct queue_entry entry = make_entry();
	int fd = queue_commit(queue, &entry, message);

	queue_entry_clear(&entry);
	return fd;
}

/* What the manager does when an envelope has grown. */
static int
update(int queue)
{
	struct queue_entry entry;
	int fd = queue_read(queue, id, true, &entry);
	int rc;

	if (fd == -1)
		return -1;
	entry.attempts++;
	rc = queue_update(queue, &entry);
	close(fd);
	queue_entry_clear(&entry);
	return rc;
}

static int
in_memory(void)
{
	int fd = memfd_create("message", MFD_CLOEXEC);

	if (fd != -1 && write_all(fd, text, strlen(text)) == -1)
		return -1;
	return fd;
}

static int
without_name(void)
{
	int fd = open("queue/spool", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd != -1 && write_all(fd, text, strlen(text)) == -1)
		return -1;
	return fd;
}

static int
work_commit_small(int queue)
{
	return commit(queue, in_memory());
}

static int
work_commit_large(int queue)
{
	return commit(queue, without_name());
}

static int
work_update(int queue)
{
	return update(queue);
}

/* A piece of work, whether the message is there before, and its flushes. */
static const struct {
	int (*work)(int queue);
	bool before;
	const char *calls; /* f: fsync, l: linkat, r: rename */
} works[] = {
	{ work_commit_small, false, "flflf" },
	{ work_commit_large, false, "flflf" },
	{ work_update, true, "flrf" },
};

_Noreturn static void
work_traced(int which)
{
	int queue = open("queue", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (queue == -1 || ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
		_exit(EXIT_FAILURE);
	raise(SIGSTOP);
	if (works[which].work(queue) == -1)
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

/* Whether the queue has the message.  Half of one fails the test. */
static bool
is_queued(void)
{
	char data[sizeof(text) + 1] = "";
	struct queue_entry entry;
	int queue = open_queue();
	int lock = queue_read(queue, id, true, &entry);
	int fd;

	if (lock == -1) {
		ck_assert_int_eq(errno, ENOENT);
		queue_entry_clear(&entry);
		close(queue);
		return false;
	}
	ck_assert_str_eq(entry.recipients[0].address, "bob@campus.example");
	ck_assert_int_eq(entry.size, (int64_t)strlen(text));
	fd = queue_open_message(queue, id);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(read(fd, data, sizeof(data)), (int)strlen(text));
	ck_assert_str_eq(data, text);
	close(fd);
	close(lock);
	close(queue);
	queue_entry_clear(&entry);
	return true;
}

static void
prepare(int which)
{
	int queue;

	make_world();
	if (!works[which].before)
		return;
	queue = open_queue();
	close(commit(queue, in_memory()));
	close(queue);
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
		there = is_queued();
		if (status == SAFE || works[_i].before)
			ck_assert(there);
		with += there;
		without += !there;
		folder_leave();
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
		int queue;

		prepare(_i);
		status = run_until(_i, stop);
		queue = open_queue();
		queue_clean(queue, -2);
		if (!is_queued()) {
			/* rmdir takes only an empty folder. */
			ck_assert_int_eq(rmdir("queue/spool"), 0);
			ck_assert_int_eq(rmdir("queue"), 0);
		}
		close(queue);
		folder_leave();
	}
	ck_assert_int_eq(status, SAFE);
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
	folder_leave();
}
END_TEST

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
	int queue = open_queue();
	int message = in_memory();
	pid_t child = fork();
	int status;

	ck_assert_int_ne(child, -1);
	if (child == 0) {
		uint64_t value = about_folder ? (uint64_t)queue : AT_EMPTY_PATH;

		if (install_failure(call, error, arg, value) != 0)
			_exit(EXIT_FAILURE);
		_exit(commit(queue, message) == -1 ? 0 : SAFE);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	close(message);
	close(queue);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

START_TEST(a_commit_whose_system_call_fails_says_so_and_is_never_delivered)
{
	bool about_folder = failures[_i].target == FOLDER;
	int queue;

	make_world();
	ck_assert_int_eq(commit_with_failure(failures[_i].call,
			     failures[_i].error, about_folder ? 0 : -1,
			     about_folder),
	    0);
	ck_assert(!is_queued());
	queue = open_queue();
	queue_clean(queue, -2);
	close(queue);
	ck_assert_int_eq(rmdir("queue/spool"), 0);
	ck_assert_int_eq(rmdir("queue"), 0);
	folder_leave();
}
END_TEST

START_TEST(an_old_kernel_links_by_proc)
{
	make_world();
	/* Linux before 6.10: ENOENT without CAP_DAC_READ_SEARCH. */
	ck_assert_int_eq(commit_with_failure(SCMP_SYS(linkat), ENOENT, 4,
			     false),
	    SAFE);
	ck_assert(is_queued());
	folder_leave();
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
	tcase_add_loop_test(tc,
	    a_commit_whose_system_call_fails_says_so_and_is_never_delivered, 0,
	    COUNT(failures));
	tcase_add_test(tc, an_old_kernel_links_by_proc);
	suite_add_tcase(suite, tc);
	return suite;
}
