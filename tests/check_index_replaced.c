/*
 * check_index_replaced.c - whatever is put in the place of an index that is in
 * use, no row of one comes into the other.
 */
#include <fcntl.h>
#include <stdio.h>
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

/* Zeros over page NUMBER. */
static void
wipe_page(const char *file, int number)
{
	static const char zeros[2048];
	int fd = open(file, O_RDWR | O_CLOEXEC);

	ck_assert_int_eq(pwrite(fd, zeros, sizeof(zeros),
			     (number - 1) * (off_t)sizeof(zeros)),
	    sizeof(zeros));
	close(fd);
}

/* What opening alone does not read. */
static void
remove_log_of_a_damaged_one(void)
{
	remove_log();
	wipe_page(ROWS_INDEX, 5);
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
		/* mda asks before each delivery. */
		there = there && !index_is_there(index);
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
		wipe_page("copy", 10);
	ck_assert_int_eq(rename("copy", ROWS_INDEX), 0);
	index = index_open(&box);
	ck_assert_ptr_nonnull(index);
	index_close(index);
	ck_assert_int_eq(access(ASIDE, F_OK) == 0, _i == 1);
	rows_assert_whole(200);
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
	suite_add_tcase(suite, tc);
	return suite;
}
