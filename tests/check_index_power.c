/*
 * check_index_power.c - the index, which is never flushed, after a power cut.
 */
#include <unistd.h>

#include "common/buf.h"
#include "common/db.h"
#include "tests/check_box.h"
#include "tests/check_index_rows.h"
#include "tests/suites.h"

enum { MESSAGES = 200 };

static void
sql(const char *text)
{
	sqlite3 *db = db_open(ROWS_INDEX, DB_WRITE, false);

	ck_assert_int_eq(db_exec(db, text), 0);
	sqlite3_close(db);
}

/* As if the file had last been used before the machine was started. */
static void
start_machine(void)
{
	sql("UPDATE state SET value = 'the last run' ||"
	    " substr(value, instr(value, ' ')) WHERE name = 'boot'");
}

START_TEST(a_whole_index_is_used_and_the_folders_are_read)
{
	index_close(rows_open(MESSAGES));
	box_settle();
	rows_assert_whole(MESSAGES);
	/* The last row was lost, what was noted of the folders was not. */
	sql("DELETE FROM message WHERE uid = 7");
	start_machine();
	rows_assert_whole(MESSAGES);
	ck_assert_int_ne(access(ROWS_INDEX ".bad", F_OK), 0);
}
END_TEST

START_TEST(a_damaged_index_is_not_believed)
{
	struct index *index;

	index_close(rows_open(MESSAGES));
	start_machine();
	/* A page in the midst, which opening alone does not read. */
	rows_wipe_page(ROWS_INDEX, 10);
	index = index_open(&box);
	ck_assert_ptr_nonnull(index);
	ck_assert_int_eq(access(ROWS_INDEX ".bad", F_OK), 0);
	ck_assert_int_eq(box_count(index), 0);
	index_close(index);
	rows_assert_whole(MESSAGES);
}
END_TEST

Suite *
index_power_suite(void)
{
	Suite *suite = suite_create("index_power");
	TCase *tc = tcase_create("index_power");

	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_whole_index_is_used_and_the_folders_are_read);
	tcase_add_test(tc, a_damaged_index_is_not_believed);
	suite_add_tcase(suite, tc);
	return suite;
}
