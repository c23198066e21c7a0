/*
 * check_index_damage.c - the index missing, broken, foreign, locked, read-only,
 * on a full disk, in a sandbox: mail is listed all the same.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/db.h"
#include "common/sandbox.h"
#include "maildir/index.h"
#include "maildir/listing.h"
#include "maildir/message.h"
#include "tests/check_box.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

enum { MESSAGES = 200, SKIPPED = 77 };

static const struct delivery envelope = { "a@x", "b@x", "", "", "", "", "" };

static void
sql(const char *file, const char *text)
{
	sqlite3 *db = db_open(file, DB_CREATE, false);

	ck_assert_ptr_nonnull(db);
	ck_assert_int_eq(db_exec(db, text), 0);
	sqlite3_close(db);
}

/* Everything in the file itself, nothing in -wal. */
static void
settle(void)
{
	sql("box/index.sqlite", "PRAGMA journal_mode=DELETE");
}

static void
put_garbage(void)
{
	folder_write("box/index.sqlite", "This is no SQLite file at all.\n");
}

static void
cut_in_half(void)
{
	struct stat st;

	settle();
	ck_assert_int_eq(stat("box/index.sqlite", &st), 0);
	ck_assert_int_gt(st.st_size, 16384);
	ck_assert_int_eq(truncate("box/index.sqlite", st.st_size / 2), 0);
}

static void
cut_to_nothing(void)
{
	settle();
	ck_assert_int_eq(truncate("box/index.sqlite", 0), 0);
}

/* Zeros over what is not the first page. */
static void
wipe_pages(void)
{
	static const char zeros[4096];
	struct stat st;
	int fd;

	settle();
	fd = open("box/index.sqlite", O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(fstat(fd, &st), 0);
	for (off_t at = sizeof(zeros); at < st.st_size;
	     at += (off_t)sizeof(zeros))
		ck_assert_int_eq(pwrite(fd, zeros, sizeof(zeros), at),
		    sizeof(zeros));
	close(fd);
}

static void
put_foreign_database(void)
{
	ck_assert_int_eq(unlink("box/index.sqlite"), 0);
	sql("box/index.sqlite", "CREATE TABLE message (id)");
}

static void
drop_table(void)
{
	sql("box/index.sqlite", "DROP TABLE message");
}

static void
drop_column(void)
{
	sql("box/index.sqlite", "ALTER TABLE message DROP COLUMN subject");
}

static void
put_folder(void)
{
	ck_assert_int_eq(unlink("box/index.sqlite"), 0);
	ck_assert_int_eq(mkdir("box/index.sqlite", 0700), 0);
	folder_write("box/index.sqlite/file", "x");
}

static void
put_fifo(void)
{
	ck_assert_int_eq(unlink("box/index.sqlite"), 0);
	ck_assert_int_eq(mkfifo("box/index.sqlite", 0600), 0);
}

static void
put_link(void)
{
	ck_assert_int_eq(rename("box/index.sqlite", "elsewhere.sqlite"), 0);
	ck_assert_int_eq(symlink("../elsewhere.sqlite", "box/index.sqlite"), 0);
}

static void
put_garbage_wal(void)
{
	folder_write("box/index.sqlite-wal", "garbage");
	folder_write("box/index.sqlite-shm", "garbage");
}

static void
put_wal_folder(void)
{
	unlink("box/index.sqlite-wal");
	ck_assert_int_eq(mkdir("box/index.sqlite-wal", 0700), 0);
}

static void
remove_it(void)
{
	ck_assert_int_eq(unlink("box/index.sqlite"), 0);
}

static void
remove_wal(void)
{
	ck_assert_int_eq(unlink("box/index.sqlite-wal"), 0);
}

static const struct {
	void (*damage)(void);
	bool aside; /* the file is then found as index.sqlite.bad */
} damages[] = {
	/* clang-format off */
	{ put_garbage, true }, { cut_in_half, true },
	{ cut_to_nothing, false }, { wipe_pages, true },
	{ put_foreign_database, true }, { drop_table, true },
	{ drop_column, true }, { put_folder, true }, { put_fifo, true },
	{ put_link, true }, { put_garbage_wal, false },
	{ put_wal_folder, true }, { remove_it, false },
	{ remove_wal, false },
	/* clang-format on */
};

static void
fill(void)
{
	struct index *index = index_open(&box);

	ck_assert_ptr_nonnull(index);
	for (int i = 0; i < MESSAGES; i++)
		box_deliver(index, "Subject: x\n\ntext\n", &envelope);
	index_close(index);
}

static void
assert_all_are_listed(void)
{
	struct index *index = index_open(&box);
	struct listing listing;

	ck_assert_int_eq(listing_load(&box, index, &listing), 0);
	ck_assert_uint_eq(listing.count, MESSAGES);
	ck_assert_int_eq(listing.octets, MESSAGES * (17 + 3));
	listing_clear(&listing);
	index_close(index);
}

START_TEST(a_damaged_index_loses_no_mail_and_comes_back)
{
	struct index *index;

	fill();
	damages[_i].damage();
	/* The first that meets it may have to go on without ... */
	assert_all_are_listed();
	/* ... and from then on there is one that is whole. */
	index = index_open(&box);
	ck_assert_ptr_nonnull(index);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(box_count(index), MESSAGES);
	index_close(index);
	ck_assert_int_eq(faccessat(box.root, "index.sqlite.bad", F_OK,
			     AT_SYMLINK_NOFOLLOW) == 0,
	    damages[_i].aside);
}
END_TEST

START_TEST(what_a_link_points_to_is_not_touched)
{
	fill();
	settle();
	put_link();
	ck_assert_int_eq(truncate("elsewhere.sqlite", 0), 0);
	assert_all_are_listed();

	struct stat st;

	ck_assert_int_eq(stat("elsewhere.sqlite", &st), 0);
	ck_assert_int_eq(st.st_size, 0);
}
END_TEST

START_TEST(a_newer_index_is_left_alone)
{
	struct stat before;
	struct stat after;

	fill();
	sql("box/index.sqlite", "PRAGMA user_version=1000");
	ck_assert_int_eq(stat("box/index.sqlite", &before), 0);
	ck_assert_ptr_null(index_open(&box));
	assert_all_are_listed();
	ck_assert_int_eq(stat("box/index.sqlite", &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_int_ne(access("box/index.sqlite.bad", F_OK), 0);
	/* And is used again by the version that made it. */
	sql("box/index.sqlite", "PRAGMA user_version=1");

	struct index *index = index_open(&box);

	ck_assert_int_eq(box_count(index), MESSAGES);
	index_close(index);
}
END_TEST

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
	remove_it();
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
	settle();
	put_garbage();
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
	static const struct sandbox_path paths[] = {
		{ "box", SB_ALL, "the mailbox" },
		{ .path = NULL },
	};
	static const struct sandbox sandbox = {
		.role = "test",
		.paths = paths,
		.calls = SB_CALL_SQLITE,
		.memory = (size_t)512 * 1024 * 1024,
		.files = 64,
	};
	struct index *index;

	message_library_init();
	if (sandbox_enter(&sandbox) == -1)
		return 1;
	index = index_open(&box);
	if (index == NULL)
		return 2;
	box_deliver(index, "Subject: =?KOI8-R?B?8A==?=\n\nx\n", &envelope);
	if (index_sync(index, &box) == -1)
		return 3;
	index_close(index);
	put_garbage();
	index = index_open(&box);
	if (index == NULL || index_sync(index, &box) == -1)
		return 4;
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

START_TEST(nothing_in_a_hostile_schema_runs)
{
	struct index *index;

	fill();
	sql("box/index.sqlite",
	    "CREATE TRIGGER evil AFTER INSERT ON message BEGIN"
	    " DELETE FROM message; END");
	index = index_open(&box);
	if (index != NULL) {
		box_deliver(index, "Subject: x\n\ntext\n", &envelope);
		ck_assert_int_eq(box_count(index), MESSAGES + 1);
	}
	index_close(index);
}
END_TEST

Suite *
index_damage_suite(void)
{
	Suite *suite = suite_create("index_damage");
	TCase *tc = tcase_create("index_damage");

	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_damaged_index_loses_no_mail_and_comes_back, 0,
	    COUNT(damages));
	tcase_add_test(tc, what_a_link_points_to_is_not_touched);
	tcase_add_test(tc, a_newer_index_is_left_alone);
	tcase_add_test(tc,
	    a_locked_index_delays_a_delivery_little_and_refuses_nothing);
	tcase_add_test(tc, a_read_only_mailbox_is_listed_without_an_index);
	tcase_add_loop_test(tc, a_full_disk_under_the_index_is_no_matter, 0,
	    30);
	tcase_add_test(tc, many_who_meet_a_broken_index_make_one_new_one);
	tcase_add_test(tc, the_index_works_in_the_sandbox_of_a_worker);
	tcase_add_test(tc, nothing_in_a_hostile_schema_runs);
	suite_add_tcase(suite, tc);
	return suite;
}
