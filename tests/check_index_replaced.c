/*
 * check_index_replaced.c - whatever is put in the place of an index that is in
 * use, no row of one comes into the other.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "maildir/index_repair.h"
#include "tests/check_box.h"
#include "tests/check_folder.h"
#include "tests/check_index_rows.h"
#include "tests/suites.h"

#define ASIDE ROWS_INDEX ".bad"

/* FILE copied to TO, as the command cp does. */
static void
copy(const char *file, const char *to)
{
	struct buf bytes = BUF_INIT;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	ck_assert_int_eq(buf_read(&bytes, fd, (size_t)1 << 24), 0);
	close(fd);
	fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_eq(write_all(fd, bytes.data, bytes.size), 0);
	close(fd);
	buf_clear(&bytes);
}

static void
remove_it(void)
{
	ck_assert_int_eq(unlink(ROWS_INDEX), 0);
}

static void
cut_to_nothing(void)
{
	ck_assert_int_eq(truncate(ROWS_INDEX, 0), 0);
}

/* A copy of it from long before comes back. */
static void
put_old_copy(void)
{
	ck_assert_int_eq(rename("old", ROWS_INDEX), 0);
}

/* One of what it was before the log: both together look good. */
static void
put_copy(void)
{
	ck_assert_int_eq(rename("copy", ROWS_INDEX), 0);
}

/* And as earlier programs had it. */
static void
put_copy_without_a_log(void)
{
	ck_assert_str_eq(rows_ask("copy", "PRAGMA journal_mode=DELETE"),
	    "delete");
	put_copy();
}

static void
put_foreign_file(void)
{
	remove_it();
	folder_write(ROWS_INDEX, "This is no SQLite file at all.\n");
}

static void
remove_log(void)
{
	ck_assert_int_eq(unlink(ROWS_INDEX "-wal"), 0);
}

/* What opening alone does not read. */
static void
remove_log_of_a_damaged_one(void)
{
	remove_log();
	rows_wipe_page(ROWS_INDEX, 5);
}

static void
remove_all_beside(void)
{
	remove_log();
	ck_assert_int_eq(unlink(ROWS_INDEX "-shm"), 0);
}

static const struct {
	void (*replace)(void);
	int rows;   /* in what is then used, before the folders are read */
	bool aside; /* what is there is no good */
} replacements[] = {
	/* clang-format off */
	{ remove_it, 0, false },
	{ cut_to_nothing, 0, false },
	{ put_old_copy, 10, false },
	{ put_copy, 30, false },
	{ put_copy_without_a_log, 30, false },
	{ put_foreign_file, 0, true },
	{ remove_log, 30, false }, /* what was brought into it */
	{ remove_log_of_a_damaged_one, 0, true },
	{ remove_all_beside, 30, false },
	/* clang-format on */
};

/* Another process that has it open, with rows that are in the log only. */
struct holder {
	pid_t pid;
	int pipe; /* closed when it shall close the index, and end */
};

static struct holder
hold(void)
{
	struct holder holder;
	int ready[2];
	int end[2];
	char byte;

	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(end, O_CLOEXEC), 0);
	holder = (struct holder){ fork(), end[1] };
	if (holder.pid == 0) {
		struct index *index = rows_open_in_log(30);
		bool there = index_is_there(index);

		close(ready[1]);
		close(end[1]);
		if (read(end[0], &byte, 1) != 0)
			there = false;
		/* mda asks before each delivery, the mua looks again. */
		there = there && !index_is_there(index) &&
		    index_sync(index, &box) == 0 && index_is_there(index) &&
		    box_count(index) == 61;
		index_close(index);
		_exit(there ? 0 : 1);
	}
	close(ready[1]);
	close(end[0]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 0);
	close(ready[0]);
	return holder;
}

static void
end_holding(struct holder holder)
{
	int status;

	close(holder.pipe);
	ck_assert_int_eq(waitpid(holder.pid, &status, 0), holder.pid);
	ck_assert_int_eq(status, 0);
}

static void
ignore(void *arg, enum survey_weight weight, const char *kind,
    const char *where, const char *what)
{
	(void)arg;
	(void)weight;
	(void)kind;
	(void)where;
	(void)what;
}

START_TEST(what_is_replaced_while_it_is_open_comes_back_whole)
{
	struct holder holder;
	struct index *other;

	index_close(rows_open(10));
	copy(ROWS_INDEX, "old");
	index_close(rows_open(20));
	copy(ROWS_INDEX, "copy");
	holder = hold();
	ck_assert_int_gt(rows_size(ROWS_INDEX "-wal"), 0);
	replacements[_i].replace();
	/* Who only looks changes nothing. */
	index_check(&box, &(struct survey_ear){ .finding = ignore });
	other = index_open(&box);
	ck_assert_int_eq(box_count(other), replacements[_i].rows);
	index_close(other);
	ck_assert_int_eq(access(ASIDE, F_OK) == 0, replacements[_i].aside);
	rows_assert_whole(60);
	other = rows_open(1);
	end_holding(holder);
	rows_deliver(other);
	index_close(other);
	rows_assert_whole(62);
}
END_TEST

/* A mailbox that was copied while mail came: opening alone does not see it. */
START_TEST(a_copy_is_examined_before_it_is_used)
{
	struct index *index;

	index_close(rows_open(200));
	copy(ROWS_INDEX, "copy");
	if (_i == 1)
		rows_wipe_page("copy", 10);
	ck_assert_int_eq(rename("copy", ROWS_INDEX), 0);
	index = index_open(&box);
	ck_assert_ptr_nonnull(index);
	index_close(index);
	ck_assert_int_eq(access(ASIDE, F_OK) == 0, _i == 1);
	rows_assert_whole(200);
}
END_TEST

static ino_t
inode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_ino;
}

/* A copy of FROM in the place of TO, with its inode number where that goes. */
static void
put_at_the_same_inode(const char *from, const char *to)
{
	ino_t wanted = inode_of(to);
	char name[32];
	ino_t got = 0;

	ck_assert_int_eq(unlink(to), 0);
	for (int i = 0; i < 500 && got != wanted; i++) {
		snprintf(name, sizeof(name), "copy%d", i);
		copy(from, name);
		got = inode_of(name);
	}
	ck_assert_int_eq(rename(name, to), 0);
}

/* An inode number that was given back may be that of the next file. */
START_TEST(what_is_put_back_after_a_kill_meets_no_log)
{
	struct index *index;
	pid_t child;
	int status;

	index_close(rows_open(30));
	copy(ROWS_INDEX, "copy");
	child = fork();
	if (child == 0) {
		(void)rows_open_in_log(30);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_gt(rows_size(ROWS_INDEX "-wal"), 0);
	put_at_the_same_inode("copy", ROWS_INDEX);
	index = index_open(&box);
	ck_assert_int_eq(box_count(index), 30);
	index_close(index);
	rows_assert_whole(60);
}
END_TEST

static int
skip(void *arg, const struct index_entry *entry)
{
	(void)arg;
	(void)entry;
	return 0;
}

static void
truncate_log(void)
{
	ck_assert_int_eq(truncate(ROWS_INDEX "-wal", 0), 0);
}

static void
truncate_log_of_a_damaged_one(void)
{
	truncate_log();
	rows_wipe_page(ROWS_INDEX, 5);
}

static void (*const faults[])(
    void) = { truncate_log, truncate_log_of_a_damaged_one };

/* Waits for a byte of FD, or its end. */
static void
wait_for(int fd)
{
	char byte;

	if (read(fd, &byte, 1) == -1)
		_exit(1);
}

/* An exit status: whether the index was found to be damaged. */
static int
read_when_told(int ready, int go)
{
	struct index *index = index_open(&box);
	int rc;

	close(ready);
	wait_for(go);
	rc = index_list_sizes(index, skip, NULL);
	index_close(index);
	return rc == -1 ? 0 : 1;
}

/* Damage that is in the log alone costs no row of the file. */
START_TEST(who_meets_damage_puts_away_what_is_damaged_without_the_log)
{
	int ready[2];
	int go[2];
	int status;
	pid_t child;
	struct index *index;

	index_close(rows_open(30));
	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(go, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		close(go[1]);
		_exit(read_when_told(ready[1], go[0]));
	}
	close(ready[1]);
	wait_for(ready[0]);
	index = rows_open_in_log(30);
	faults[_i]();
	close(go[1]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(access(ASIDE, F_OK) == 0, _i == 1);
	rows_stop_reading();
	index_close(index);
	rows_assert_whole(60);
}
END_TEST

Suite *
index_replaced_suite(void)
{
	Suite *suite = suite_create("index_replaced");
	TCase *tc = tcase_create("index_replaced");

	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc,
	    what_is_replaced_while_it_is_open_comes_back_whole, 0,
	    COUNT(replacements));
	tcase_add_loop_test(tc, a_copy_is_examined_before_it_is_used, 0, 2);
	tcase_add_test(tc, what_is_put_back_after_a_kill_meets_no_log);
	tcase_add_loop_test(tc,
	    who_meets_damage_puts_away_what_is_damaged_without_the_log, 0,
	    COUNT(faults));
	suite_add_tcase(suite, tc);
	return suite;
}
