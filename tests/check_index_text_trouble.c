/*
 * check_index_text_trouble.c - a file of words that is missing, broken,
 * foreign, newer, locked, on a full disk, or left by one who was killed: mail
 * comes in, headers are found, and the words come back.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
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
#include "maildir/message.h"
#include "maildir/query.h"
#include "tests/check_box.h"
#include "tests/check_folder.h"
#include "tests/check_steps.h"
#include "tests/suites.h"

#define TEXT_FILE "box/index.sqlite.text"

enum { MESSAGES = 60, STEPS_MAX = 5000, DONE = 7, SKIPPED = 77 };

static const struct delivery envelope = { "", "", "", "", "", "", "", "" };

/* Not flushed, as deliveries are. */
static void
put_messages(int count)
{
	for (int i = 0; i < count; i++) {
		char *name = xasprintf("new/17000000%02d.x", i);

		box_put(name, "Subject: yak\n\nzebra stripes\n");
		free(name);
	}
}

static void
fill(void)
{
	struct index *index = index_open(&box);

	for (int i = 0; i < MESSAGES; i++)
		box_deliver(index, "Subject: yak\n\nzebra stripes\n",
		    &envelope);
	ck_assert_int_eq(index_fill_text(index, &box, 0, NULL), 0);
	index_close(index);
}

static int
count_one(void *arg, int64_t uid)
{
	(void)uid;
	++*(int *)arg;
	return 0;
}

static int
count_found(struct index *index, const char *text)
{
	char why[200];
	struct query *query = query_parse(text, why, sizeof(why));
	int count = 0;

	ck_assert_int_eq(index_search(index, query, count_one, &count), 0);
	query_free(query);
	return count;
}

static void
sql(const char *text)
{
	sqlite3 *db = db_open(TEXT_FILE, DB_CREATE, false);

	ck_assert_ptr_nonnull(db);
	ck_assert_int_eq(db_exec(db, text), 0);
	sqlite3_close(db);
}

static void
remove_it(void)
{
	ck_assert_int_eq(unlink(TEXT_FILE), 0);
}

static void
put_garbage(void)
{
	folder_write(TEXT_FILE, "This is no SQLite file at all.\n");
}

static void
cut_in_half(void)
{
	struct stat st;

	ck_assert_int_eq(stat(TEXT_FILE, &st), 0);
	ck_assert_int_eq(truncate(TEXT_FILE, st.st_size / 2), 0);
}

static void
cut_to_nothing(void)
{
	ck_assert_int_eq(truncate(TEXT_FILE, 0), 0);
}

/* Zeros over what is not the first page. */
static void
wipe_pages(void)
{
	static const char zeros[4096];
	struct stat st;
	int fd = open(TEXT_FILE, O_RDWR | O_CLOEXEC);

	ck_assert_int_eq(fstat(fd, &st), 0);
	for (off_t at = sizeof(zeros); at < st.st_size;
	     at += (off_t)sizeof(zeros))
		ck_assert_int_eq(pwrite(fd, zeros, sizeof(zeros), at),
		    sizeof(zeros));
	close(fd);
}

static void
put_folder(void)
{
	remove_it();
	ck_assert_int_eq(mkdir(TEXT_FILE, 0700), 0);
	folder_write(TEXT_FILE "/file", "x");
}

static void
put_fifo(void)
{
	remove_it();
	ck_assert_int_eq(mkfifo(TEXT_FILE, 0600), 0);
}

static void
put_link(void)
{
	ck_assert_int_eq(rename(TEXT_FILE, "elsewhere"), 0);
	ck_assert_int_eq(symlink("../elsewhere", TEXT_FILE), 0);
}

static void
put_index(void)
{
	char data[65536];
	int from = open("box/index.sqlite", O_RDONLY | O_CLOEXEC);
	int to = open(TEXT_FILE, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ssize_t n = read(from, data, sizeof(data));

	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(write_all(to, data, (size_t)n), 0);
	close(from);
	close(to);
}

static void
drop_documents(void)
{
	sql("DROP TABLE document");
}

static void
put_plain_table(void)
{
	sql("DROP TABLE words; CREATE TABLE words (cc, body, files)");
}

static void
put_garbage_journal(void)
{
	folder_write(TEXT_FILE "-journal", "garbage");
}

static void (*const damages[])(void) = { remove_it, put_garbage, cut_in_half,
	cut_to_nothing, wipe_pages, put_folder, put_fifo, put_link, put_index,
	drop_documents, put_plain_table, put_garbage_journal };

START_TEST(damaged_words_lose_no_mail_and_come_back)
{
	struct index *index;

	fill();
	damages[_i]();
	index = index_open(&box);
	box_deliver(index, "Subject: yak\n\nzebra\n", &envelope);
	ck_assert_int_eq(count_found(index, "subject:yak"), MESSAGES + 1);
	ck_assert_int_eq(count_found(index, "yak"), MESSAGES + 1);
	(void)count_found(index, "zebra");
	ck_assert_int_eq(index_removed(index, box_name), 0);
	index_close(index);
	/* Damage may be met only now; then the next time all is well. */
	index = index_open(&box);
	(void)index_fill_text(index, &box, 0, NULL);
	ck_assert_int_eq(index_fill_text(index, &box, 0, NULL), 0);
	ck_assert_int_eq(count_found(index, "body:zebra"), MESSAGES);
	index_close(index);
	/* The index had no part in it. */
	ck_assert_int_ne(access("box/index.sqlite.bad", F_OK), 0);
}
END_TEST

START_TEST(words_of_a_later_version_are_left_alone)
{
	struct index *index;
	struct stat before;
	struct stat after;

	fill();
	sql("PRAGMA user_version=1000");
	ck_assert_int_eq(stat(TEXT_FILE, &before), 0);
	index = index_open(&box);
	ck_assert_int_eq(index_fill_text(index, &box, 0, NULL), -1);
	ck_assert_int_eq(count_found(index, "yak"), MESSAGES);
	ck_assert_int_eq(count_found(index, "zebra"), 0);
	ck_assert_int_eq(index_removed(index, "1700000000.x"), 0);
	index_close(index);
	ck_assert_int_eq(stat(TEXT_FILE, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_int_eq(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}
END_TEST

START_TEST(a_lock_on_the_words_is_waited_for_a_little)
{
	struct index *index;
	struct timespec start;
	struct timespec end;
	sqlite3 *db;

	fill();
	index = index_open(&box);
	db = db_open(TEXT_FILE, DB_WRITE, false);
	ck_assert_int_eq(db_exec(db, "BEGIN EXCLUSIVE"), 0);
	clock_gettime(CLOCK_MONOTONIC, &start);
	/* A delivery does not even look at it. */
	box_deliver(index, "Subject: yak\n\nzebra\n", &envelope);
	ck_assert_int_eq(index_fill_text(index, &box, 0, NULL), -1);
	ck_assert_int_eq(count_found(index, "yak"), MESSAGES + 1);
	clock_gettime(CLOCK_MONOTONIC, &end);
	ck_assert_int_le(end.tv_sec - start.tv_sec, 10);
	sqlite3_close(db);
	ck_assert_int_eq(index_fill_text(index, &box, 0, NULL), 0);
	ck_assert_int_eq(count_found(index, "body:zebra"), MESSAGES + 1);
	index_close(index);
}
END_TEST

/* A file system of 512 KiB of which FREE pages are left for the words. */
static int
use_small_disk(int free_pages)
{
	static const char page[4096];
	struct maildir small;
	struct index *index;
	off_t size = 0;
	int fd;

	if (unshare(CLONE_NEWNS | (geteuid() == 0 ? 0 : CLONE_NEWUSER)) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mkdir("disk", 0700) == -1 ||
	    mount("tmpfs", "disk", "tmpfs", 0, "size=512k") == -1)
		return SKIPPED;
	if (maildir_open(AT_FDCWD, "disk/box", true, &small) == -1)
		return 1;
	index = index_open(&small);
	for (int i = 0; i < 20; i++) {
		char *name = xasprintf("disk/box/new/17000000%02d.x", i);

		folder_write(name, "Subject: yak\n\nzebra\n");
		free(name);
	}
	if (index_sync(index, &small) == -1)
		return 2;
	fd = open("disk/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (write(fd, page, sizeof(page)) == sizeof(page))
		size += (off_t)sizeof(page);
	size -= (off_t)sizeof(page) * free_pages;
	if (ftruncate(fd, size < 0 ? 0 : size) == -1)
		return 3;
	(void)index_fill_text(index, &small, 0, NULL);
	if (count_found(index, "yak") != 20)
		return 4;
	if (ftruncate(fd, 0) == -1)
		return 5;
	(void)index_fill_text(index, &small, 0, NULL);
	if (index_fill_text(index, &small, 0, NULL) != 0 ||
	    count_found(index, "body:zebra") != 20)
		return 6;
	index_close(index);
	return 0;
}

START_TEST(a_full_disk_under_the_words_is_no_matter)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(use_small_disk(2 * _i));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) != SKIPPED)
		ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* Reads the texts. */
static int
fill_all(void *arg)
{
	struct index *index;

	(void)arg;
	message_library_init();
	index = index_open(&box);
	raise(SIGSTOP);
	return index_fill_text(index, &box, 0, NULL) == 0 ? DONE : EXIT_FAILURE;
}

START_TEST(one_who_is_killed_while_he_reads_does_no_harm)
{
	struct index *index = index_open(&box);
	int status = 0;
	int stops = 0;

	put_messages(5);
	ck_assert_int_eq(index_sync(index, &box), 0);
	for (int stop = 1; stop < STEPS_MAX && status == 0; stop += 9) {
		unlink(TEXT_FILE);
		unlink(TEXT_FILE "-journal");
		status = steps_run_until(stop, fill_all, NULL);
		ck_assert_int_eq(index_fill_text(index, &box, 0, NULL), 0);
		ck_assert_int_eq(count_found(index, "body:zebra"), 5);
		stops++;
	}
	ck_assert_int_eq(status, DONE);
	ck_assert_int_gt(stops, 20);
	/* FTS5's own opinion of what is there now. */
	sql("INSERT INTO words (words) VALUES ('integrity-check')");
	ck_assert_int_ne(access(TEXT_FILE ".bad", F_OK), 0);
	index_close(index);
}
END_TEST

Suite *
index_text_trouble_suite(void)
{
	Suite *suite = suite_create("index_text_trouble");
	TCase *tc = tcase_create("index_text_trouble");

	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, damaged_words_lose_no_mail_and_come_back, 0,
	    COUNT(damages));
	tcase_add_test(tc, words_of_a_later_version_are_left_alone);
	tcase_add_test(tc, a_lock_on_the_words_is_waited_for_a_little);
	tcase_add_loop_test(tc, a_full_disk_under_the_words_is_no_matter, 0,
	    24);
	tcase_add_test(tc, one_who_is_killed_while_he_reads_does_no_harm);
	suite_add_tcase(suite, tc);
	return suite;
}
