/*
 * check_index_log.c - the write-ahead log of the index: nobody waits for a
 * reader, and nothing is lost in it.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "maildir/query.h"
#include "tests/check_box.h"
#include "tests/check_index_rows.h"
#include "tests/suites.h"

START_TEST(both_files_have_a_log)
{
	struct index *index = rows_open(1);

	ck_assert_int_eq(index_fill_text(index, &box, 0, NULL), 0);
	index_close(index);
	ck_assert_str_eq(rows_ask(ROWS_INDEX, "PRAGMA journal_mode"), "wal");
	ck_assert_str_eq(rows_ask(ROWS_INDEX ".text", "PRAGMA journal_mode"),
	    "wal");
}
END_TEST

/* At the first row somebody else delivers, and it is not listed yet. */
static int
deliver_meanwhile(void *arg, const struct index_entry *entry)
{
	int *count = arg;

	(void)entry;
	if ((*count)++ == 0)
		index_close(rows_open(1));
	return 0;
}

START_TEST(who_delivers_does_not_wait_for_who_reads)
{
	struct index *index = rows_open(3);
	int count = 0;

	ck_assert_int_eq(index_list_sizes(index, deliver_meanwhile, &count), 0);
	ck_assert_int_eq(count, 3);
	ck_assert_int_eq(box_count(index), 4);
	index_close(index);
}
END_TEST

START_TEST(what_was_written_is_there_after_a_kill)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		(void)rows_open_in_log(20);
		_exit(0); /* and nothing is closed */
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_gt(rows_size(ROWS_INDEX "-wal"), 0);

	struct index *index = index_open(&box);

	ck_assert_int_eq(box_count(index), 20);
	index_close(index);
	/* Who closes last leaves nothing in it. */
	ck_assert_int_eq(rows_size(ROWS_INDEX "-wal"), 0);
}
END_TEST

START_TEST(the_log_of_one_who_stays_does_not_grow_for_good)
{
	struct index *index = rows_open(1000);

	ck_assert_int_gt(rows_size(ROWS_INDEX), 100000);
	ck_assert_int_lt(rows_size(ROWS_INDEX "-wal"), 100000);
	index_close(index);
}
END_TEST

START_TEST(who_lost_the_shared_memory_knows_it)
{
	struct index *index = rows_open(1);

	ck_assert(index_is_there(index));
	ck_assert_int_eq(unlink(ROWS_INDEX "-shm"), 0);
	ck_assert(!index_is_there(index));
	index_close(rows_open(5));
	/* And opens it again when it looks. */
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert(index_is_there(index));
	ck_assert_int_eq(box_count(index), 6);
	rows_deliver(index);
	index_close(index);
	rows_assert_whole(7);
}
END_TEST

Suite *
index_log_suite(void)
{
	Suite *suite = suite_create("index_log");
	TCase *tc = tcase_create("index_log");

	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, both_files_have_a_log);
	tcase_add_test(tc, who_delivers_does_not_wait_for_who_reads);
	tcase_add_test(tc, what_was_written_is_there_after_a_kill);
	tcase_add_test(tc, the_log_of_one_who_stays_does_not_grow_for_good);
	tcase_add_test(tc, who_lost_the_shared_memory_knows_it);
	suite_add_tcase(suite, tc);
	return suite;
}
