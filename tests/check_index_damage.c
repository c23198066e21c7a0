/*
 * check_index_damage.c - an index file that is missing, broken, foreign, newer
 * or hostile: mail is listed all the same.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/db.h"
#include "maildir/index.h"
#include "maildir/listing.h"
#include "tests/check_box.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

enum { MESSAGES = 200 };

static const struct delivery envelope = { "a@x", "b@x", "", "", "", "", "",
	"" };

static void
sql(const char *file, const char *text)
{
	sqlite3 *db = db_open(file, DB_CREATE, false);

	ck_assert_ptr_nonnull(db);
	ck_assert_int_eq(db_exec(db, text), 0);
	sqlite3_close(db);
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

	ck_assert_int_eq(stat("box/index.sqlite", &st), 0);
	ck_assert_int_gt(st.st_size, 16384);
	ck_assert_int_eq(truncate("box/index.sqlite", st.st_size / 2), 0);
}

static void
cut_to_nothing(void)
{
	ck_assert_int_eq(truncate("box/index.sqlite", 0), 0);
}

/* Zeros over what is not the first page. */
static void
wipe_pages(void)
{
	static const char zeros[4096];
	struct stat st;
	int fd;

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
put_garbage_journal(void)
{
	folder_write("box/index.sqlite-journal", "garbage");
}

static void
put_journal_folder(void)
{
	ck_assert_int_eq(mkdir("box/index.sqlite-journal", 0700), 0);
}

static void
put_garbage_log(void)
{
	folder_write("box/index.sqlite-wal", "garbage");
}

static void
put_garbage_memory(void)
{
	folder_write("box/index.sqlite-shm", "garbage");
}

static void
put_log_folder(void)
{
	ck_assert_int_eq(unlink("box/index.sqlite-wal"), 0);
	ck_assert_int_eq(mkdir("box/index.sqlite-wal", 0700), 0);
}

static void
put_memory_link(void)
{
	ck_assert_int_eq(rename("box/index.sqlite-shm", "elsewhere"), 0);
	ck_assert_int_eq(symlink("../elsewhere", "box/index.sqlite-shm"), 0);
}

static void
lock_log_away(void)
{
	ck_assert_int_eq(chmod("box/index.sqlite-wal", 0), 0);
}

static void
lock_memory_away(void)
{
	ck_assert_int_eq(chmod("box/index.sqlite-shm", 0400), 0);
}

/* As earlier programs had it. */
static void
turn_to_journal(void)
{
	sql("box/index.sqlite", "PRAGMA journal_mode=PERSIST");
}

static void
turn_to_journal_beside_a_log(void)
{
	turn_to_journal();
	put_garbage_log();
	put_garbage_memory();
}

static void
remove_it(void)
{
	ck_assert_int_eq(unlink("box/index.sqlite"), 0);
}

static void
remove_what_lies_beside(void)
{
	ck_assert_int_eq(unlink("box/index.sqlite-wal"), 0);
	ck_assert_int_eq(unlink("box/index.sqlite-shm"), 0);
}

static void
write_a_negative_size(void)
{
	sql("box/index.sqlite", "UPDATE message SET octets = -7 WHERE uid = 9");
}

static void
lead_out_of_the_folder(void)
{
	sql("box/index.sqlite",
	    "UPDATE message SET name = '../../' || name WHERE uid = 9");
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
	{ put_link, true }, { put_garbage_journal, false },
	{ put_journal_folder, true }, { put_garbage_log, false },
	{ put_garbage_memory, false }, { put_log_folder, true },
	{ put_memory_link, true }, { lock_log_away, false },
	{ lock_memory_away, false }, { turn_to_journal, false },
	{ turn_to_journal_beside_a_log, false }, { remove_it, false },
	{ remove_what_lies_beside, false }, { write_a_negative_size, true },
	{ lead_out_of_the_folder, false },
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

START_TEST(the_log_of_an_earlier_one_aside_is_not_that_of_the_next)
{
	fill();
	folder_write("box/index.sqlite.bad", "the earlier one");
	folder_write("box/index.sqlite.bad-wal", "and its log");
	put_garbage();
	assert_all_are_listed();
	ck_assert_int_eq(access("box/index.sqlite.bad", F_OK), 0);
	ck_assert_int_ne(access("box/index.sqlite.bad-wal", F_OK), 0);
}
END_TEST

/* Landlock lets him rename files and folders, and no links. */
static void (*const of_another_kind[])(void) = { put_folder, put_fifo, put_link,
	put_journal_folder, put_log_folder, put_memory_link };

START_TEST(a_damaged_index_comes_back_to_a_worker_too)
{
	struct index *index;
	int status;
	pid_t child;

	fill();
	of_another_kind[_i]();
	child = fork();
	if (child == 0) {
		if (box_confine() == -1)
			_exit(1);
		assert_all_are_listed();
		index = index_open(&box);
		_exit(index == NULL || index_sync(index, &box) == -1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	index = index_open(&box);
	ck_assert_int_eq(box_count(index), MESSAGES);
	index_close(index);
}
END_TEST

START_TEST(what_a_link_points_to_is_not_touched)
{
	struct stat st;

	fill();
	put_link();
	ck_assert_int_eq(truncate("elsewhere.sqlite", 0), 0);
	assert_all_are_listed();
	ck_assert_int_eq(stat("elsewhere.sqlite", &st), 0);
	ck_assert_int_eq(st.st_size, 0);
}
END_TEST

static int
version_of_index(void)
{
	sqlite3 *db = db_open("box/index.sqlite", DB_READ, false);
	int version = db_version(db, "index");

	sqlite3_close(db);
	return version;
}

START_TEST(a_newer_index_is_left_alone)
{
	struct stat before;
	struct stat after;
	char *back;

	fill();
	back = xasprintf("PRAGMA user_version=%d", version_of_index());
	sql("box/index.sqlite", "PRAGMA user_version=1000");
	ck_assert_int_eq(stat("box/index.sqlite", &before), 0);
	ck_assert_ptr_null(index_open(&box));
	assert_all_are_listed();
	ck_assert_int_eq(stat("box/index.sqlite", &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_int_ne(access("box/index.sqlite.bad", F_OK), 0);
	/* And is used again by the version that made it. */
	sql("box/index.sqlite", back);
	free(back);

	struct index *index = index_open(&box);

	ck_assert_int_eq(box_count(index), MESSAGES);
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
	tcase_add_loop_test(tc, a_damaged_index_comes_back_to_a_worker_too, 0,
	    COUNT(of_another_kind));
	tcase_add_test(tc,
	    the_log_of_an_earlier_one_aside_is_not_that_of_the_next);
	tcase_add_test(tc, what_a_link_points_to_is_not_touched);
	tcase_add_test(tc, a_newer_index_is_left_alone);
	tcase_add_test(tc, nothing_in_a_hostile_schema_runs);
	suite_add_tcase(suite, tc);
	return suite;
}
