/*
 * check_fetch.c - the list of what was fetched, across crashes and servers that
 * forget.  Fetching itself is in tests/mua_fetch.sh.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "mua/fetched.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static const char file[] = "mua-fetched.bob@pop.example";
static int folder;

static void
open_list(struct fetched *fetched)
{
	ck_assert_int_eq(fetched_open(fetched, folder, "bob", "pop.example"),
	    0);
}

START_TEST(what_was_noted_is_known_the_next_time)
{
	struct fetched fetched;

	open_list(&fetched);
	ck_assert_ptr_null(fetched_find(&fetched, "uid-1"));
	ck_assert_int_eq(fetched_add(&fetched, "uid-2"), 0);
	ck_assert_int_eq(fetched_add(&fetched, "uid-1"), 0);
	ck_assert_ptr_nonnull(fetched_find(&fetched, "uid-1"));
	ck_assert_int_eq(fetched_sync(&fetched), 0);
	fetched_close(&fetched);
	open_list(&fetched);
	ck_assert_uint_eq(fetched.count, 2);
	ck_assert_ptr_nonnull(fetched_find(&fetched, "uid-1"));
	ck_assert_ptr_nonnull(fetched_find(&fetched, "uid-2"));
	ck_assert_ptr_null(fetched_find(&fetched, "uid-"));
	ck_assert_ptr_null(fetched_find(&fetched, "uid-11"));
	fetched_close(&fetched);
}
END_TEST

START_TEST(a_line_that_was_cut_is_not_there_and_harms_no_other)
{
	struct fetched fetched;

	folder_write(file, "1795313597 whole\n1795313598 cu");
	open_list(&fetched);
	ck_assert_uint_eq(fetched.count, 1);
	ck_assert_int_eq(fetched_add(&fetched, "next"), 0);
	fetched_close(&fetched);
	open_list(&fetched);
	ck_assert_ptr_nonnull(fetched_find(&fetched, "whole"));
	ck_assert_ptr_nonnull(fetched_find(&fetched, "next"));
	/* Half a name may be taken for a name nobody has. */
	ck_assert_ptr_null(fetched_find(&fetched, "cut"));
	fetched_close(&fetched);
}
END_TEST

START_TEST(rubbish_in_the_file_is_no_message)
{
	struct fetched fetched;

	folder_write(file, "\n \nx y\n12\n12 \n-5 minus\n7 good\n");
	open_list(&fetched);
	ck_assert_uint_eq(fetched.count, 1);
	ck_assert_str_eq(fetched.items[0].uid, "good");
	fetched_close(&fetched);
}
END_TEST

START_TEST(one_at_a_time_has_the_list)
{
	struct fetched first;
	struct fetched second;

	open_list(&first);
	ck_assert_int_eq(fetched_open(&second, folder, "bob", "pop.example"),
	    -1);
	ck_assert_int_eq(errno, EWOULDBLOCK);
	fetched_close(&second);
	fetched_close(&first);
	open_list(&second);
	fetched_close(&second);
}
END_TEST

START_TEST(another_login_and_another_host_have_their_own)
{
	struct fetched fetched;

	open_list(&fetched);
	ck_assert_int_eq(fetched_add(&fetched, "1"), 0);
	fetched_close(&fetched);
	ck_assert_int_eq(fetched_open(&fetched, folder, "bob", "../x/other"),
	    0);
	ck_assert_ptr_null(fetched_find(&fetched, "1"));
	ck_assert_str_eq(fetched.name, "mua-fetched.bob@.._x_other");
	fetched_close(&fetched);
}
END_TEST

START_TEST(only_what_is_long_gone_is_forgotten)
{
	struct fetched fetched;
	struct buf text = BUF_INIT;

	for (int i = 0; i < 300; i++)
		buf_printf(&text, "1600000000 old-%d\n", i);
	buf_printf(&text, "%lld young\n", (long long)time(NULL) - 86400);
	folder_write(file, text.data);
	buf_clear(&text);
	open_list(&fetched);
	ck_assert_uint_eq(fetched.count, 301);
	/* The server still has one of the old ones. */
	fetched_find(&fetched, "old-7")->is_there = true;
	ck_assert_int_eq(fetched_tidy(&fetched), 0);
	ck_assert_int_eq(fetched_add(&fetched, "new"), 0);
	fetched_close(&fetched);
	open_list(&fetched);
	ck_assert_uint_eq(fetched.count, 3);
	ck_assert_ptr_nonnull(fetched_find(&fetched, "old-7"));
	ck_assert_ptr_nonnull(fetched_find(&fetched, "young"));
	ck_assert_ptr_nonnull(fetched_find(&fetched, "new"));
	fetched_close(&fetched);
}
END_TEST

static void
set_up(void)
{
	folder_enter();
	folder = open(".", O_RDONLY | O_DIRECTORY);
	ck_assert_int_ne(folder, -1);
}

static void
tear_down(void)
{
	close(folder);
	folder_leave();
}

Suite *
fetch_suite(void)
{
	Suite *suite = suite_create("fetch");
	TCase *tc = tcase_create("fetched");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, what_was_noted_is_known_the_next_time);
	tcase_add_test(tc, a_line_that_was_cut_is_not_there_and_harms_no_other);
	tcase_add_test(tc, rubbish_in_the_file_is_no_message);
	tcase_add_test(tc, one_at_a_time_has_the_list);
	tcase_add_test(tc, another_login_and_another_host_have_their_own);
	tcase_add_test(tc, only_what_is_long_gone_is_forgotten);
	suite_add_tcase(suite, tc);
	return suite;
}
