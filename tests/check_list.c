/*
 * check_list.c - the list of messages: finding, limiting, tagging, order, and
 * saving to other folders.  Keys in, a screen and the Maildir out.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mua/account.h"
#include "mua/index_row.h"
#include "mua/views.h"
#include "tests/check_folder.h"
#include "tests/check_list_stage.h"
#include "tests/suites.h"

static const struct {
	int keys[2];
	const char *order;
	const char *status; /* at the right end of the status line */
} orders[] = {
	/* clang-format off */
	{ { 'o', 's' }, "answer budget lunch plan report", " by subject 5/5" },
	{ { 'O', 's' }, "report plan lunch budget answer",
	  " by subject, reversed 1/5" },
	{ { 'o', 'f' }, "report lunch budget plan answer", " by sender 1/5" },
	{ { 'O', 'a' }, "budget answer report lunch plan",
	  " by arrival, reversed 3/5" },
	{ { 'O', 'u' }, "budget answer report lunch plan",
	  " by arrival, reversed 3/5" },
	{ { 'o', 'd' }, "plan lunch report answer budget", " by date 3/5" },
	{ { 'o', 'z' }, "plan lunch answer report budget", " by size 4/5" },
	{ { 'o', 't' }, "plan lunch report answer budget", " by thread 3/5" },
	{ { 'o', K_ESCAPE }, "plan lunch report answer budget", " 3/5" },
	/* clang-format on */
};

/* The cursor stays on its message, which is the first unread one: report. */
START_TEST(the_list_is_sorted)
{
	const char *status;

	stage_run("box", 12, 80,
	    KEYS(orders[_i].keys[0], orders[_i].keys[1], K_RESIZED));
	ck_assert_str_eq(subjects(), orders[_i].order);
	status = stage_row(-2);
	ck_assert_uint_ge(strlen(status), strlen(orders[_i].status));
	ck_assert_str_eq(status + strlen(status) - strlen(orders[_i].status),
	    orders[_i].status);
}
END_TEST

START_TEST(l_limits_the_list)
{
	type(KEYS('l'), "from:eve", NO_KEYS);
	ck_assert_str_eq(subjects(), "plan answer");
	ck_assert_ptr_nonnull(
	    strstr(stage_row(-2), "5 messages, 2 new, limit: from:eve"));
	/* numbers are those of all messages */
	ck_assert_ptr_nonnull(strstr(stage_row(2), "   4 r  "));
	type(KEYS('l'), "from:eve", KEYS('l', 'a', 'l', 'l', K_RETURN));
	ck_assert_str_eq(subjects(), "plan lunch report answer budget");
	type(KEYS('l'), "is:unread", NO_KEYS);
	ck_assert_str_eq(subjects(), "report budget");
	type(KEYS('l'), "from:nobody", NO_KEYS);
	ck_assert_str_eq(stage_row(-1), "Nothing matches from:nobody");
	ck_assert_str_eq(subjects(), "plan lunch report answer budget");
	type(KEYS('l'), "before:nonsense", NO_KEYS);
	ck_assert_str_ne(stage_row(-1), "");
	ck_assert_str_eq(subjects(), "plan lunch report answer budget");
	type(KEYS('l'), "from:eve", KEYS('3', K_RETURN));
	ck_assert_str_eq(stage_row(-1), "Message 3 is not shown");
}
END_TEST

/* In the pager, too, the next message is the next that is shown. */
START_TEST(the_pager_follows_order_and_limit)
{
	type(KEYS('l'), "from:eve", KEYS(K_FIRST, K_RETURN, 'j'));
	ck_assert(stage_shows("Text of answer", NULL));
	stage_run("box", 12, 80, KEYS('o', 's', K_FIRST, K_RETURN, 'j', 'j'));
	ck_assert(stage_shows("Text of lunch", NULL));
}
END_TEST

START_TEST(search_goes_through_what_is_shown)
{
	type(KEYS(K_FIRST, '/'), "from:eve", KEYS('!'));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 4/5"));
	type(KEYS(K_FIRST, '/'), "from:eve", KEYS('n', '!'));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 1/5"));
	type(KEYS(K_FIRST, '/'), "is:unread", KEYS('n', '!'));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 5/5"));
	type(KEYS('l'), "from:eve",
	    KEYS('/', 'l', 'u', 'n', 'c', 'h', K_RETURN));
	ck_assert_str_eq(stage_row(-1),
	    "Found only in messages that are not shown");
}
END_TEST

START_TEST(tags_are_for_operations_on_many)
{
	stage_run("box", 12, 80, KEYS(K_FIRST, 't', 't', '!'));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "2 tagged"));
	ck_assert_ptr_nonnull(strstr(stage_row(1), "   1  * "));
	ck_assert_ptr_nonnull(strstr(stage_row(3), "   3 N  "));
	/* the mark is on both and the cursor stays */
	stage_run("box", 12, 80, KEYS(K_FIRST, 't', 't', ';', 'd', '!'));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "2 to remove"));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 3/5"));
	stage_run("box", 12, 80,
	    KEYS(K_FIRST, 't', 't', ';', 'd', ';', 'u', '!'));
	ck_assert_ptr_null(strstr(stage_row(-2), "to remove"));
	/* read and flagged: all, unless all are already */
	stage_run("box", 12, 80, KEYS('3', K_RETURN, 't', 't', ';', 'F'));
	ck_assert(stage_has("cur/1795313603.M1P1Q1.desk:2,F"));
	ck_assert(stage_has("cur/1795313604.M1P1Q1.desk:2,FRS"));
	stage_run("box", 12, 80, KEYS(K_FIRST, 't', ';', 't', ';', '!'));
	ck_assert_ptr_null(strstr(stage_row(-2), "tagged"));
}
END_TEST

START_TEST(a_prefix_without_tags_or_sense_says_so)
{
	stage_run("box", 12, 80, KEYS(';'));
	ck_assert_str_eq(stage_row(-1), "Nothing is tagged: t tags a message");
	stage_run("box", 12, 80, KEYS('t', ';', 'o'));
	ck_assert_str_eq(stage_row(-1), "This key cannot be used behind ;");
	stage_run("box", 12, 80, KEYS('t', ';', K_ESCAPE, 'd', '!'));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "1 to remove"));
}
END_TEST

START_TEST(patterns_tag_and_delete)
{
	type(KEYS('T'), "from:eve", NO_KEYS);
	ck_assert_str_eq(stage_row(-1), "2 tagged");
	type(KEYS('T'), "all",
	    KEYS('T' & 0x1f, 'i', 's', ':', 'r', 'e', 'a', 'd', K_RETURN));
	ck_assert_str_eq(stage_row(-1), "3 not tagged any more");
	type(KEYS('D'), "is:unread", NO_KEYS);
	ck_assert_str_eq(stage_row(-1), "2 marked for removal");
	ck_assert(type(KEYS('D'), "is:unread", KEYS('q', 'y')));
	ck_assert(!stage_has("new/1795313603.M1P1Q1.desk"));
	ck_assert(!stage_has("new/1795313605.M1P1Q1.desk"));
	ck_assert(stage_has("cur/1795313601.M1P1Q1.desk:2,S"));
	type(KEYS('D'), "all", KEYS('U', '.', K_RETURN, '!'));
	ck_assert_ptr_null(strstr(stage_row(-2), "to remove"));
}
END_TEST

/* With a limit a pattern is for what is shown. */
START_TEST(patterns_leave_what_is_not_shown_alone)
{
	type(KEYS('l'), "from:eve",
	    KEYS('D', 'a', 'l', 'l', K_RETURN, 'l', 'a', 'l', 'l', K_RETURN));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "2 to remove"));
	ck_assert_ptr_nonnull(strstr(stage_row(1), "   1 D"));
	ck_assert_ptr_nonnull(strstr(stage_row(2), "   2  !"));
}
END_TEST

START_TEST(a_limit_that_leaves_nothing_is_lifted)
{
	type(KEYS('l'), "from:eve",
	    KEYS('D', 'a', 'l', 'l', K_RETURN, '$', 'y'));
	ck_assert_str_eq(subjects(), "lunch report budget");
	ck_assert_str_eq(stage_row(-1),
	    "Nothing matches any more: all is shown");
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "/3"));
}
END_TEST

static void
deliver(void)
{
	stage_letter("1795313700.M1P1Q1.desk", "Eve <eve@e.example>", "fresh");
	stage_letter("1795313701.M1P1Q1.desk", "Bob <bob@b.example>", "other");
	sleep(2); /* on the stage the mua looks every second */
}

/* New mail joins the limited list when it belongs there; tags stay. */
START_TEST(new_mail_disturbs_neither_limit_nor_tags)
{
	stage_meanwhile(deliver);
	type(KEYS('t', 'l'), "from:eve", KEYS(STAGE_MEANWHILE, '!'));
	ck_assert_str_eq(subjects(), "plan answer fresh");
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "7 messages, 4 new"));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "1 tagged"));
}
END_TEST

static void
deliver_texts(void)
{
	stage_message("1795313700.M1P1Q1.desk",
	    "From: Eve <eve@e.example>\nSubject: news\n\nabout the plan\n");
	stage_message("1795313701.M1P1Q1.desk",
	    "From: Bob <bob@b.example>\nSubject: no plan\n\nnothing\n");
	sleep(2);
}

START_TEST(new_mail_joins_a_limit_by_its_text)
{
	stage_meanwhile(deliver_texts);
	type(KEYS('l'), "body:plan", KEYS(STAGE_MEANWHILE, '!'));
	ck_assert_str_eq(subjects(), "plan news");
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "7 messages"));
}
END_TEST

static void
deliver_many(void)
{
	for (int i = 0; i < 20; i++) {
		char *name = xasprintf("17953138%02d.M1P1Q1.desk", i);

		stage_letter(name, "Bob <bob@b.example>", "more");
		free(name);
	}
	sleep(2);
}

/* The newest first: what comes is put above the cursor, out of sight. */
START_TEST(new_mail_does_not_move_what_is_read)
{
	stage_meanwhile(deliver_many);
	stage_run("box", 8, 80, KEYS('O', 'a', STAGE_MEANWHILE, '!'));
	ck_assert_ptr_nonnull(strstr(stage_row(1), "budget"));
	ck_assert_ptr_nonnull(strstr(stage_row(5), "plan"));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 23/25"));
	stage_run("box", 12, 80, KEYS('O', 'a', K_LAST, '1', K_RETURN, '!'));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 25/25"));
}
END_TEST

/* In a list as wide as a screen: number, flags, date, whom it is with, size. */
START_TEST(our_own_messages_show_whom_they_are_to)
{
	struct account account = { .address = xstrdup("Carol@C.example") };
	char why[256];
	struct ui ui = {
		.mailbox = mailbox_open("box", why, sizeof(why)),
		.account = &account,
	};

	ck_assert_msg(ui.mailbox != NULL, "%s", why);
	ck_assert_int_eq(mailbox_load(ui.mailbox), 0);
	screen_text_reset(&ui.screen, 2, 80);
	index_row_draw(&ui, 3, 0, STYLE_NORMAL);
	index_row_draw(&ui, 4, 1, STYLE_NORMAL);
	ck_assert_ptr_nonnull(
	    strstr(ui.screen.lines[0].text.data, "22  Eve       "));
	ck_assert_ptr_nonnull(
	    strstr(ui.screen.lines[1].text.data, "22  To bob@campus.exampl  "));
	screen_text_clear(&ui.screen);
	mailbox_close(ui.mailbox);
	free(account.address);
}
END_TEST

Suite *
list_suite(void)
{
	Suite *suite = suite_create("list");
	TCase *tc = tcase_create("keys and screens");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, five_letters, folder_leave);
	tcase_add_loop_test(tc, the_list_is_sorted, 0, (int)COUNT(orders));
	tcase_add_test(tc, l_limits_the_list);
	tcase_add_test(tc, the_pager_follows_order_and_limit);
	tcase_add_test(tc, search_goes_through_what_is_shown);
	tcase_add_test(tc, tags_are_for_operations_on_many);
	tcase_add_test(tc, a_prefix_without_tags_or_sense_says_so);
	tcase_add_test(tc, patterns_tag_and_delete);
	tcase_add_test(tc, patterns_leave_what_is_not_shown_alone);
	tcase_add_test(tc, a_limit_that_leaves_nothing_is_lifted);
	tcase_add_test(tc, new_mail_disturbs_neither_limit_nor_tags);
	tcase_add_test(tc, new_mail_joins_a_limit_by_its_text);
	tcase_add_test(tc, new_mail_does_not_move_what_is_read);
	tcase_add_test(tc, our_own_messages_show_whom_they_are_to);
	suite_add_tcase(suite, tc);
	return suite;
}
