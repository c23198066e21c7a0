/*
 * check_mailbox.c - the mua's model: with an index, without one, and while
 * other programs work on the same Maildir.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mua/mailbox.h"
#include "tests/check_folder.h"
#include "tests/check_mua_stage.h"
#include "tests/suites.h"

static struct mailbox *mailbox;

static void
open_box(void)
{
	char why[256];

	mailbox = mailbox_open("box", why, sizeof(why));
	ck_assert_msg(mailbox != NULL, "%s", why);
	ck_assert_int_eq(mailbox_load(mailbox), 0);
}

static void
set_up(void)
{
	folder_enter();
	stage_box();
	stage_letter("100.M1P1Q1.h:2,S", "a@a.example", "one");
	stage_letter("200.M1P1Q1.h", "b@b.example", "two");
	stage_letter("300.M1P1Q1.h:2,FRS", "c@c.example", "three");
	stage_letter("400.M1P1Q1.h", "d@d.example", "four");
}

static void
tear_down(void)
{
	mailbox_close(mailbox);
	mailbox = NULL;
	folder_leave();
}

/* The index, a missing one, or none that could be made. */
static void
spoil_index(int way)
{
	if (way == 1)
		folder_write("box/index.sqlite", "this is no database");
	if (way == 2)
		ck_assert_int_eq(mkdir("box/index.sqlite", 0700), 0);
}

START_TEST(the_list_is_the_same_with_and_without_an_index)
{
	static const char *const subjects[] = { "one", "two", "three", "four" };

	spoil_index(_i);
	open_box();
	ck_assert_uint_eq(mailbox->count, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct mailbox_entry *entry = mailbox_entry(mailbox, i);

		ck_assert_str_eq(entry->subject, subjects[i]);
		ck_assert_int_eq(entry->date, 1795313597);
		ck_assert_int_eq(entry->received, 100 * ((int)i + 1));
		ck_assert_int_gt(entry->octets, 100);
	}
	ck_assert_uint_eq(mailbox_unread(mailbox), 2);
	ck_assert(mailbox_has_flag(mailbox_entry(mailbox, 2), 'F'));
	ck_assert(!mailbox_has_flag(mailbox_entry(mailbox, 0), 'F'));
	ck_assert_uint_eq(mailbox->current, 1);
}
END_TEST

START_TEST(flags_are_set_and_taken_away)
{
	spoil_index(_i);
	open_box();
	ck_assert_int_eq(mailbox_set_flag(mailbox, 1, 'S', true), 0);
	ck_assert(stage_has("cur/200.M1P1Q1.h:2,S"));
	ck_assert_int_eq(mailbox_set_flag(mailbox, 2, 'R', false), 0);
	ck_assert(stage_has("cur/300.M1P1Q1.h:2,FS"));
	/* what is so already is left where it is */
	ck_assert_int_eq(mailbox_set_flag(mailbox, 3, 'S', false), 0);
	ck_assert(stage_has("new/400.M1P1Q1.h"));
	ck_assert_int_eq(mailbox_load(mailbox), 0);
	ck_assert_uint_eq(mailbox->count, 4);
	ck_assert_uint_eq(mailbox_unread(mailbox), 1);
	ck_assert_uint_eq(mailbox->arrivals, 0);
}
END_TEST

START_TEST(a_change_of_our_own_is_not_news)
{
	open_box();
	sleep(2);
	ck_assert_int_eq(mailbox_load(mailbox), 0);
	ck_assert_int_eq(mailbox_set_flag(mailbox, 1, 'S', true), 0);
	ck_assert(!mailbox_changed(mailbox));
	stage_letter("500.M1P1Q1.h", "e@e.example", "five");
	ck_assert(mailbox_changed(mailbox));
}
END_TEST

START_TEST(a_reload_keeps_marks_and_place)
{
	spoil_index(_i);
	open_box();
	mailbox->current = 2;
	mailbox_mark_deleted(mailbox, 1, true);
	mailbox_mark_deleted(mailbox, 3, true);
	ck_assert_int_eq(unlink("box/cur/100.M1P1Q1.h:2,S"), 0);
	ck_assert_int_eq(rename("box/new/400.M1P1Q1.h",
			     "box/cur/400.M1P1Q1.h:2,S"),
	    0);
	stage_letter("500.M1P1Q1.h", "e@e.example", "five");
	ck_assert_int_eq(mailbox_load(mailbox), 0);
	ck_assert_uint_eq(mailbox->count, 4);
	ck_assert_uint_eq(mailbox->arrivals, 1);
	ck_assert_str_eq(mailbox_entry(mailbox, mailbox->current)->subject,
	    "three");
	ck_assert_uint_eq(mailbox_deleted(mailbox), 2);
	ck_assert(mailbox->entries[0].deleted);
	ck_assert(mailbox->entries[2].deleted);
	ck_assert(!mailbox->entries[3].deleted);
}
END_TEST

/* The message at the cursor is gone: the one after it takes its place. */
START_TEST(the_next_message_takes_the_place_of_a_lost_one)
{
	open_box();
	mailbox->current = 2;
	ck_assert_int_eq(unlink("box/cur/300.M1P1Q1.h:2,FRS"), 0);
	ck_assert_int_eq(mailbox_load(mailbox), 0);
	ck_assert_uint_eq(mailbox->count, 3);
	ck_assert_str_eq(mailbox_entry(mailbox, mailbox->current)->subject,
	    "four");
	ck_assert_int_eq(unlink("box/new/400.M1P1Q1.h"), 0);
	ck_assert_int_eq(mailbox_load(mailbox), 0);
	ck_assert_str_eq(mailbox_entry(mailbox, mailbox->current)->subject,
	    "two");
}
END_TEST

START_TEST(purge_removes_what_is_marked_and_nothing_else)
{
	spoil_index(_i);
	open_box();
	mailbox->current = 3;
	mailbox_mark_deleted(mailbox, 0, true);
	mailbox_mark_deleted(mailbox, 1, true);
	mailbox_mark_deleted(mailbox, 2, true);
	mailbox_mark_deleted(mailbox, 2, false);
	ck_assert_uint_eq(mailbox_purge(mailbox), 0);
	ck_assert(!stage_has("cur/100.M1P1Q1.h:2,S"));
	ck_assert(!stage_has("new/200.M1P1Q1.h"));
	ck_assert(stage_has("cur/300.M1P1Q1.h:2,FRS"));
	ck_assert(stage_has("new/400.M1P1Q1.h"));
	ck_assert_uint_eq(mailbox->count, 2);
	ck_assert_uint_eq(mailbox->current, 1);
	ck_assert_int_eq(mailbox_load(mailbox), 0);
	ck_assert_uint_eq(mailbox->count, 2);
}
END_TEST

/* A message that another program has moved is still found and removed. */
START_TEST(purge_finds_a_message_that_moved)
{
	open_box();
	mailbox_mark_deleted(mailbox, 1, true);
	ck_assert_int_eq(rename("box/new/200.M1P1Q1.h",
			     "box/cur/200.M1P1Q1.h:2,FS"),
	    0);
	ck_assert_uint_eq(mailbox_purge(mailbox), 0);
	ck_assert(!stage_has("cur/200.M1P1Q1.h:2,FS"));
}
END_TEST

START_TEST(a_wrong_path_is_explained)
{
	char why[256];

	ck_assert_ptr_null(mailbox_open("nothing", why, sizeof(why)));
	ck_assert_str_eq(why, "cannot open nothing: No such file or directory");
	ck_assert_int_eq(mkdir("plain", 0700), 0);
	ck_assert_ptr_null(mailbox_open("plain", why, sizeof(why)));
	ck_assert_str_eq(why, "plain is not a Maildir: it has no folder new/");
	ck_assert_int_eq(mkdir("plain/new", 0700), 0);
	ck_assert_ptr_null(mailbox_open("plain", why, sizeof(why)));
	ck_assert_str_eq(why, "plain is not a Maildir: it has no folder cur/");
	ck_assert(!mailbox_is_maildir("plain"));
	ck_assert(mailbox_is_maildir("box"));
}
END_TEST

Suite *
mailbox_suite(void)
{
	Suite *suite = suite_create("mailbox");
	TCase *tc = tcase_create("the model");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, the_list_is_the_same_with_and_without_an_index,
	    0, 3);
	tcase_add_loop_test(tc, flags_are_set_and_taken_away, 0, 3);
	tcase_add_test(tc, a_change_of_our_own_is_not_news);
	tcase_add_loop_test(tc, a_reload_keeps_marks_and_place, 0, 3);
	tcase_add_test(tc, the_next_message_takes_the_place_of_a_lost_one);
	tcase_add_loop_test(tc, purge_removes_what_is_marked_and_nothing_else,
	    0, 3);
	tcase_add_test(tc, purge_finds_a_message_that_moved);
	tcase_add_test(tc, a_wrong_path_is_explained);
	suite_add_tcase(suite, tc);
	return suite;
}
