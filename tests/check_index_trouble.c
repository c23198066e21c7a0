/*
 * check_index_trouble.c - an index that cannot be written now: locked,
 * read-only, on a full disk, in a sandbox, by a process that is killed.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/db.h"
#include "common/sandbox.h"
#include "maildir/index.h"
#include "maildir/listing.h"
#include "maildir/message.h"
#include "tests/check_box.h"
#include "tests/check_folder.h"
#include "tests/check_steps.h"
#include "tests/suites.h"

enum { MESSAGES = 30, SKIPPED = 77, STEPS_MAX = 1000, DONE = 7 };

static const struct delivery envelope = { "a@x", "b@x", "", "", "", "", "",
	"" };

static void
fill(void)
{
	struct index *index = index_open(&box);

	ck_assert_ptr_nonnull(index);
	for (int i = 0; i < MESSAGES; i++)
		box_deliver(index, "Subject: x\n\ntext\n", &envelope);
	index_close(index);
}

START_TEST(a_locked_index_delays_a_delivery_little_and_refuses_nothing)
{
	struct index *index;
	struct timespec start;
	struct timespec end;
	sqlite3 *db;
	int fd;

	fill();
	index = index_open(&box);
	db = db_open("box/index.sqlite", DB_WRITE, false);
	ck_assert_int_eq(db_exec(db, "BEGIN IMMEDIATE"), 0);
	box_deliver(NULL, "Subject: y\n\ntext\n", NULL);
	fd = openat(box.new, box_name, O_RDONLY | O_CLOEXEC);
	clock_gettime(CLOCK_MONOTONIC, &start);
	ck_assert_int_eq(index_add(index, box_name, fd, &envelope), -1);
	clock_gettime(CLOCK_MONOTONIC, &end);
	ck_assert_int_le(end.tv_sec - start.tv_sec, 3);
	close(fd);
	sqlite3_close(db);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(box_count(index), MESSAGES + 1);
	index_close(index);
}
END_TEST

/* In a child that is not root: the folder cannot be written. */
static int
list_read_only(void)
{
	struct listing listing;

	if (geteuid() == 0 && setuid(65534) == -1)
		return SKIPPED;
	if (index_open(&box) != NULL)
		return 1;
	if (listing_load(&box, NULL, &listing) == -1)
		return 2;
	return listing.count == MESSAGES ? 0 : 3;
}

START_TEST(a_read_only_mailbox_is_listed_without_an_index)
{
	static const char *const folders[] = { "box/new", "box/cur", "box/tmp",
		"box" };
	pid_t child;
	int status;

	fill();
	ck_assert_int_eq(unlink("box/index.sqlite"), 0);
	ck_assert_int_eq(chmod(".", 0755), 0);
	for (size_t i = 0; i < COUNT(folders); i++)
		ck_assert_int_eq(chmod(folders[i], 0555), 0);
	child = fork();
	if (child == 0)
		_exit(list_read_only());
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	for (size_t i = 0; i < COUNT(folders); i++)
		ck_assert_int_eq(chmod(folders[i], 0700), 0);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* A file system of 256 KiB, where that is allowed.  Its mount ends with us. */
static bool
mount_small_disk(void)
{
	if (unshare(CLONE_NEWNS | (geteuid() == 0 ? 0 : CLONE_NEWUSER)) == -1)
		return false;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mkdir("disk", 0700) == 0 &&
	    mount("tmpfs", "disk", "tmpfs", 0, "size=256k") == 0;
}

/* Fills the disk, with room for COUNT more pages. */
static void
fill_disk(int count)
{
	static const char page[4096];
	int fd = open("disk/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	off_t size = 0;

	while (write(fd, page, sizeof(page)) == sizeof(page))
		size += (off_t)sizeof(page);
	size -= (off_t)sizeof(page) * count;
	if (ftruncate(fd, size < 0 ? 0 : size) == -1)
		_exit(9);
	close(fd);
}

static int
use_small_disk(int free_pages)
{
	struct maildir small;
	struct maildir_draft draft;
	struct index *index;
	struct listing listing;

	if (!mount_small_disk())
		return SKIPPED;
	if (maildir_open(AT_FDCWD, "disk/box", true, &small) == -1)
		return 1;
	fill_disk(free_pages);
	index = index_open(&small);
	for (int i = 0; i < 20; i++) {
		char name[MAILDIR_NAME_MAX + 1];
		int fd;

		/* Empty messages: they take no page, their index rows do. */
		if (maildir_draft(&small, &draft) == -1)
			return 2;
		fd = fcntl(draft.fd, F_DUPFD_CLOEXEC, 0);
		if (maildir_commit(&small, &draft, 0, 0, name) == -1)
			return 3;
		if (index != NULL &&
		    index_add(index, name, fd, &envelope) == -1) {
			index_close(index);
			index = NULL;
		}
		close(fd);
	}
	index_close(index);
	if (listing_load(&small, index_open(&small), &listing) == -1)
		return 4;
	return listing.count == 20 ? 0 : 5;
}

START_TEST(a_full_disk_under_the_index_is_no_matter)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(use_small_disk(_i));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) != SKIPPED)
		ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

START_TEST(many_who_meet_a_broken_index_make_one_new_one)
{
	enum { PROCESSES = 8 };
	struct index *index;
	int status;

	fill();
	folder_write("box/index.sqlite", "This is no SQLite file.\n");
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			index = index_open(&box);
			if (index == NULL)
				_exit(1);
			box_deliver(index, "Subject: x\n\ntext\n", &envelope);
			index_close(index);
			_exit(0);
		}
	for (int i = 0; i < PROCESSES; i++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	index = index_open(&box);
	ck_assert_int_eq(box_count(index), PROCESSES);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(box_count(index), MESSAGES + PROCESSES);
	index_close(index);
}
END_TEST

/* As an mda worker: nothing but the mail root, and the calls of its sandbox. */
static int
work_in_sandbox(void)
{
	struct index *index;

	if (box_confine() == -1)
		return 1;
	index = index_open(&box);
	if (index == NULL)
		return 2;
	box_deliver(index, "Subject: =?KOI8-R?B?8A==?=\n\nx\n", &envelope);
	if (index_sync(index, &box) == -1)
		return 3;
	index_close(index);
	if (unlinkat(box.root, "index.sqlite", 0) == -1)
		return 4;
	box_put("index.sqlite", "This is no SQLite file.\n");
	index = index_open(&box);
	if (index == NULL || index_sync(index, &box) == -1)
		return 5;
	index_close(index);
	return 0;
}

static int
check_subject(void *arg, const struct index_entry *entry)
{
	(void)arg;
	ck_assert_str_eq(entry->subject, "\xD0\x9F");
	return 0;
}

START_TEST(the_index_works_in_the_sandbox_of_a_worker)
{
	struct index *index;
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(work_in_sandbox());
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	index = index_open(&box);
	ck_assert_int_eq(box_count(index), 1);
	ck_assert_int_eq(index_list(index, check_subject, NULL), 0);
	index_close(index);
}
END_TEST

/* Tells the index of the last delivery. */
static int
add_last(void *arg)
{
	struct index *index;
	int fd;

	(void)arg;
	message_library_init();
	raise(SIGSTOP);
	index = index_open(&box);
	fd = openat(box.new, box_name, O_RDONLY | O_CLOEXEC);
	if (index == NULL || index_add(index, box_name, fd, &envelope) == -1)
		return EXIT_FAILURE;
	index_close(index);
	return DONE;
}

static int
count_rows(void)
{
	struct index *index = index_open(&box);
	int count;

	ck_assert_ptr_nonnull(index);
	count = box_count(index);
	index_close(index);
	return count;
}

START_TEST(a_process_killed_while_it_writes_the_index_does_no_harm)
{
	int status = 0;
	int stops = 0;

	fill();
	for (int stop = 1; stop < STEPS_MAX && status == 0; stop += 2) {
		int before = count_rows();
		int after;

		box_deliver(NULL, "Subject: y\n\ntext\n", NULL);
		status = steps_run_until(stop, add_last, NULL);
		after = count_rows();
		ck_assert(after == before || after == before + 1);
		if (status == DONE)
			ck_assert_int_eq(after, before + 1);
		stops++;
	}
	ck_assert_int_eq(status, DONE);
	ck_assert_int_gt(stops, 40);
	/* The log did what it is for: the file was never damaged. */
	ck_assert_int_ne(access("box/index.sqlite.bad", F_OK), 0);

	struct index *index = index_open(&box);

	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(box_count(index), MESSAGES + stops);
	index_close(index);
}
END_TEST

/* As the command sqlite3 does it. */
START_TEST(what_another_program_writes_is_seen)
{
	struct index *index = index_open(&box);
	sqlite3 *db;

	box_deliver(index, "Subject: a\n\n", &envelope);
	box_deliver(index, "Subject: b\n\n", &envelope);
	db = db_open("box/index.sqlite", DB_WRITE, false);
	ck_assert_int_eq(db_exec(db, "DELETE FROM message WHERE uid = 1"), 0);
	sqlite3_close(db);
	ck_assert_int_eq(box_count(index), 1);
	box_deliver(index, "Subject: c\n\n", &envelope);
	ck_assert_int_eq(box_count(index), 2);
	index_close(index);
	index = index_open(&box);
	ck_assert_int_eq(box_count(index), 2);
	index_close(index);
	ck_assert_int_ne(access("box/index.sqlite.bad", F_OK), 0);
}
END_TEST

Suite *
index_trouble_suite(void)
{
	Suite *suite = suite_create("index_trouble");
	TCase *tc = tcase_create("index_trouble");

	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc,
	    a_locked_index_delays_a_delivery_little_and_refuses_nothing);
	tcase_add_test(tc, a_read_only_mailbox_is_listed_without_an_index);
	tcase_add_loop_test(tc, a_full_disk_under_the_index_is_no_matter, 0,
	    30);
	tcase_add_test(tc, what_another_program_writes_is_seen);
	tcase_add_test(tc, many_who_meet_a_broken_index_make_one_new_one);
	tcase_add_test(tc, the_index_works_in_the_sandbox_of_a_worker);
	tcase_add_test(tc,
	    a_process_killed_while_it_writes_the_index_does_no_harm);
	suite_add_tcase(suite, tc);
	return suite;
}
