/*
 * check_mua.c - the mua as a person meets it: keys in, a screen out, and what
 * has become of the Maildir.  No terminal is needed.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mua/views.h"
#include "tests/check_folder.h"
#include "tests/check_mua_stage.h"
#include "tests/suites.h"

#define KEYS(...) ((const int[]){ __VA_ARGS__, 0 })

static void
three_letters(void)
{
	folder_enter();
	stage_box();
	stage_letter("1795313597.M1P1Q1.desk:2,S", "Alice <alice@a.example>",
	    "first letter");
	stage_letter("1795313598.M1P1Q1.desk", "Carol <carol@c.example>",
	    "second");
	stage_letter("1795313599.M1P1Q1.desk", "Dave <dave@d.example>",
	    "third");
}

static const char file_1[] = "cur/1795313597.M1P1Q1.desk:2,S";
static const char file_2[] = "new/1795313598.M1P1Q1.desk";
static const char file_2_read[] = "cur/1795313598.M1P1Q1.desk:2,S";
static const char file_3[] = "new/1795313599.M1P1Q1.desk";

START_TEST(the_list_begins_at_the_first_unread_message)
{
	enum style style;

	ck_assert(!stage_run("box", 10, 80, KEYS('!')));
	ck_assert(stage_shows("first letter", &style));
	ck_assert_int_eq(style, STYLE_NORMAL);
	ck_assert(stage_shows("second", &style));
	ck_assert_int_eq(style, STYLE_SELECTED);
	ck_assert(stage_shows("third", &style));
	ck_assert_int_eq(style, STYLE_NEW);
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "3 messages, 2 new"));
	ck_assert_ptr_nonnull(strstr(stage_row(0), "?:Help"));
}
END_TEST

START_TEST(reading_a_message_marks_it_read)
{
	stage_run("box", 20, 80, KEYS(K_RETURN));
	ck_assert(stage_shows("Text of second", NULL));
	ck_assert(!stage_has(file_2));
	ck_assert(stage_has(file_2_read));
	ck_assert(stage_has(file_3));
}
END_TEST

START_TEST(h_toggles_all_headers_as_stored)
{
	stage_message("1795313600.M1P1Q1.desk",
	    "Return-Path: <sender@far.example>\nX-Typed:   as is\n"
	    "From: x@far.example\nSubject: =?UTF-8?Q?caf=C3=A9?=\n\nbody\n");
	stage_run("box", 20, 80, KEYS(K_LAST, K_RETURN));
	ck_assert(!stage_shows("X-Typed", NULL));
	ck_assert(stage_shows("Subject: caf\u00e9", NULL));

	stage_run("box", 20, 80, KEYS(K_LAST, K_RETURN, 'h'));
	/* 1795313600 is 2026-11-22 02:13:20 UTC */
	ck_assert_str_eq(stage_row(1),
	    "From sender@far.example Sun Nov 22 02:13:20 2026");
	ck_assert_str_eq(stage_row(2), "Return-Path: <sender@far.example>");
	ck_assert_str_eq(stage_row(3), "X-Typed:   as is");
	ck_assert_str_eq(stage_row(5), "Subject: =?UTF-8?Q?caf=C3=A9?=");

	stage_run("box", 20, 80, KEYS(K_LAST, K_RETURN, 'h', 'h'));
	ck_assert(!stage_shows("X-Typed", NULL));
}
END_TEST

START_TEST(q_in_the_list_leaves)
{
	ck_assert(stage_run("box", 10, 80, KEYS('q')));
	ck_assert(stage_run("box", 10, 80, KEYS(K_RETURN, 'q', 'q')));
	ck_assert(!stage_run("box", 10, 80, KEYS(K_RETURN, 'q')));
}
END_TEST

START_TEST(deletion_waits_for_a_yes)
{
	ck_assert(!stage_run("box", 10, 80, KEYS('d', 'q')));
	ck_assert_ptr_nonnull(strstr(stage_row(-1), "Remove 1 message"));
	ck_assert(stage_has(file_2));
	/* thought better of it: still there, and not left */
	ck_assert(!stage_run("box", 10, 80, KEYS('d', 'q', K_ESCAPE)));
	ck_assert(stage_has(file_2));
	/* a stray key is no answer */
	ck_assert(!stage_run("box", 10, 80, KEYS('d', 'q', 'a', ' ')));
	ck_assert(stage_has(file_2));
	ck_assert(stage_run("box", 10, 80, KEYS('d', 'q', 'n')));
	ck_assert(stage_has(file_2));
	ck_assert(stage_run("box", 10, 80, KEYS('d', 'q', 'y')));
	ck_assert(!stage_has(file_2));
	ck_assert(stage_has(file_1));
	ck_assert(stage_has(file_3));
	stage_run("box", 10, 80, KEYS('!'));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "2 messages"));
	ck_assert(!stage_shows("second", NULL));
}
END_TEST

START_TEST(undelete_and_exit_remove_nothing)
{
	ck_assert(stage_run("box", 10, 80, KEYS('d', 'k', 'u', 'q')));
	ck_assert(stage_run("box", 10, 80, KEYS('d', 'd', 'x')));
	ck_assert(stage_has(file_2));
	ck_assert(stage_has(file_3));
}
END_TEST

/* Another program has marked it as trashed: q asks, u takes it back. */
START_TEST(a_trashed_message_is_marked_for_removal)
{
	stage_letter("1795313600.M1P1Q1.desk:2,ST", "E <e@e.example>", "old");
	ck_assert(!stage_run("box", 10, 80, KEYS('q')));
	ck_assert_ptr_nonnull(strstr(stage_row(-1), "Remove 1 message"));
	ck_assert(stage_run("box", 10, 80, KEYS(K_LAST, 'u', 'q')));
	ck_assert(stage_has("cur/1795313600.M1P1Q1.desk:2,S"));
}
END_TEST

START_TEST(the_pager_moves_between_messages)
{
	stage_run("box", 20, 80, KEYS(K_FIRST, K_RETURN, 'j'));
	ck_assert(stage_shows("Text of second", NULL));
	stage_run("box", 20, 80, KEYS(K_FIRST, K_RETURN, 'j', 'j', 'k', 'k'));
	ck_assert(stage_shows("Text of first letter", NULL));
	stage_run("box", 20, 80, KEYS(K_FIRST, K_RETURN, ' '));
	ck_assert(stage_shows("Text of second", NULL));
	stage_run("box", 20, 80, KEYS(K_LAST, K_RETURN, 'j'));
	ck_assert_str_eq(stage_row(-1), "This is the last message");
	/* a message marked for removal is passed over */
	stage_run("box", 20, 80,
	    KEYS('2', K_RETURN, 'd', '1', K_RETURN, K_RETURN, 'j'));
	ck_assert(stage_shows("Text of third", NULL));
	/* and the list follows the pager */
	stage_run("box", 20, 80, KEYS(K_FIRST, K_RETURN, 'j', 'q'));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 2/3"));
}
END_TEST

START_TEST(search_finds_senders_and_subjects)
{
	stage_run("box", 10, 80,
	    KEYS(K_FIRST, '/', 'T', 'H', 'I', 'R', 'D', K_RETURN));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 3/3"));
	stage_run("box", 10, 80,
	    KEYS(K_LAST, '/', 'a', 'l', 'i', 'c', 'e', K_RETURN));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 1/3"));
	ck_assert_str_eq(stage_row(-1), "Search went on at the top");
	stage_run("box", 10, 80, KEYS(K_FIRST, '/', 'z', 'z', K_RETURN));
	ck_assert_str_eq(stage_row(-1), "Not found: zz");
	stage_run("box", 10, 80, KEYS(K_FIRST, '/', 'z', K_ESCAPE));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 1/3"));
}
END_TEST

START_TEST(search_in_a_message_marks_what_it_found)
{
	enum style style;

	stage_run("box", 20, 80,
	    KEYS(K_RETURN, '/', 't', 'e', 'x', 't', K_RETURN));
	ck_assert(stage_shows("Text of second", &style));
	ck_assert_int_eq(style, STYLE_MATCH);
}
END_TEST

START_TEST(the_line_editor_edits)
{
	/* "tird" with an h put in, an x rubbed out, the front taken off */
	stage_run("box", 10, 80,
	    KEYS(K_FIRST, '/', 'q', 'q', 0x15, 't', 'i', 'r', 'd', K_ARROW_LEFT,
		K_ARROW_LEFT, K_ARROW_LEFT, 'h', 'x', K_RUBOUT, K_RETURN));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 3/3"));
	stage_run("box", 10, 80, KEYS('/', 0xe9, 0x4f1a));
	ck_assert_str_eq(stage_row(-1), "Search for: \u00e9\u4f1a");
}
END_TEST

static void
deliver(void)
{
	stage_letter("1795313700.M1P1Q1.desk", "Eve <eve@e.example>", "fresh");
	sleep(2); /* on the stage the mua looks every second */
}

START_TEST(new_mail_appears_by_itself)
{
	stage_meanwhile(deliver);
	stage_run("box", 10, 80, KEYS('3', K_RETURN, STAGE_MEANWHILE));
	ck_assert(stage_shows("fresh", NULL));
	ck_assert_str_eq(stage_row(-1), "1 new message");
	/* the cursor has stayed on its message */
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 3/4"));
}
END_TEST

static void
other_program(void)
{
	ck_assert_int_eq(unlink("box/new/1795313599.M1P1Q1.desk"), 0);
	ck_assert_int_eq(rename("box/new/1795313598.M1P1Q1.desk",
			     "box/cur/1795313598.M1P1Q1.desk:2,F"),
	    0);
}

/* Another program works on the same Maildir between two keys. */
START_TEST(messages_may_move_and_vanish)
{
	stage_meanwhile(other_program);
	stage_run("box", 20, 80, KEYS(STAGE_MEANWHILE, K_RETURN));
	ck_assert(stage_shows("Text of second", NULL));
	ck_assert(stage_has("cur/1795313598.M1P1Q1.desk:2,FS"));
	stage_letter("1795313599.M1P1Q1.desk", "Dave <dave@d.example>",
	    "third");
	ck_assert_int_eq(rename("box/cur/1795313598.M1P1Q1.desk:2,FS",
			     "box/new/1795313598.M1P1Q1.desk"),
	    0);
	stage_run("box", 20, 80, KEYS(STAGE_MEANWHILE, K_LAST, K_RETURN));
	ck_assert_str_eq(stage_row(-1),
	    "Another program has removed this message");
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "2 messages"));
}
END_TEST

/* No key crashes or writes past the screen, however small that is. */
START_TEST(every_key_works_on_every_screen)
{
	static const int sizes[][2] = { { 1, 1 }, { 2, 5 }, { 3, 40 }, { 4, 3 },
		{ 10, 40 }, { 24, 80 } };
	int keys[2 * 0x200];
	size_t n = 0;

	stage_message("1795313600.M1P1Q1.desk",
	    "Subject: \xe4\xbc\x9a\xe8\xad\xb0\nContent-Type: "
	    "multipart/mixed; boundary=b\n\n--b\n\nhello \xe4\xbc\x9a\n"
	    "--b\nContent-Type: image/png; name=\"\xe4\xbc\x9a.png\"\n\nx\n");
	for (int key = 0x20; key < 0x7f; key++) {
		if (key == 's' || key == 'q' || key == 'x')
			continue;
		keys[n++] = key;
		keys[n++] = K_ESCAPE; /* out of a question */
	}
	for (int key = K_ARROW_UP; key <= K_OTHER; key++)
		if (key != K_GONE)
			keys[n++] = key;
	keys[n++] = 'v';
	keys[n++] = K_LAST;
	keys[n++] = K_RETURN;
	keys[n++] = K_PAGE_DOWN;
	keys[n] = 0;
	stage_run("box", sizes[_i][0], sizes[_i][1], keys);
}
END_TEST

START_TEST(help_names_every_key_of_the_list)
{
	stage_run("box", 90, 80, KEYS('?'));
	ck_assert(stage_shows("mark it for removal", NULL));
	ck_assert(stage_shows("Enter Space Right", NULL));
	ck_assert(stage_shows("show this page", NULL));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "Keys of the list"));
}
END_TEST

START_TEST(an_empty_mailbox_is_no_trouble)
{
	ck_assert_int_eq(unlink("box/cur/1795313597.M1P1Q1.desk:2,S"), 0);
	ck_assert_int_eq(unlink("box/new/1795313598.M1P1Q1.desk"), 0);
	ck_assert_int_eq(unlink("box/new/1795313599.M1P1Q1.desk"), 0);
	ck_assert(!stage_run("box", 10, 80,
	    KEYS(K_RETURN, 'd', 'u', 'N', 'j', 'k', K_LAST, K_TAB, '1', 'n',
		'v', 'h')));
	ck_assert_str_eq(stage_row(-1), "There is no message here");
	ck_assert(stage_shows("No mail here", NULL));
	ck_assert(stage_run("box", 10, 80, KEYS('q')));
}
END_TEST

START_TEST(a_file_with_one_message_can_only_be_read)
{
	folder_write("one.eml", "From: a@b.example\nSubject: single\n\nhi\n");
	stage_run("one.eml", 10, 80, KEYS('d'));
	ck_assert_ptr_nonnull(strstr(stage_row(-1), "can only be read"));
	stage_run("one.eml", 10, 80, KEYS(K_RETURN));
	ck_assert(stage_shows("Subject: single", NULL));
	ck_assert(stage_run("one.eml", 10, 80, KEYS('q')));
}
END_TEST

START_TEST(N_makes_a_message_unread_again)
{
	ck_assert(stage_run("box", 10, 80, KEYS(K_FIRST, 'N', 'q')));
	ck_assert(stage_has("cur/1795313597.M1P1Q1.desk:2,"));
	stage_run("box", 10, 80, KEYS('!'));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "3 new"));
}
END_TEST

START_TEST(F_flags_and_unflags)
{
	ck_assert(stage_run("box", 10, 80, KEYS(K_FIRST, 'F', 'q')));
	ck_assert(stage_has("cur/1795313597.M1P1Q1.desk:2,FS"));
	ck_assert(stage_run("box", 10, 80, KEYS(K_FIRST, 'F', 'q')));
	ck_assert(stage_has(file_1));
}
END_TEST

START_TEST(dollar_removes_at_once_after_a_yes)
{
	stage_run("box", 10, 80, KEYS('d', '$', 'n'));
	ck_assert(stage_has(file_2));
	ck_assert(!stage_run("box", 10, 80, KEYS('d', '$', 'y', '!')));
	ck_assert(!stage_has(file_2));
	ck_assert(stage_has(file_3));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "2 messages, 1 new"));
}
END_TEST

/* Ctrl-C neither kills nor leaves. */
START_TEST(ctrl_c_says_how_to_leave)
{
	ck_assert(!stage_run("box", 10, 80, KEYS(K_CANCEL)));
	stage_run("box", 10, 80, KEYS(K_CANCEL));
	ck_assert_str_eq(stage_row(-1), "q leaves");
}
END_TEST

Suite *
mua_suite(void)
{
	Suite *suite = suite_create("mua");
	TCase *tc = tcase_create("keys and screens");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, three_letters, folder_leave);
	tcase_add_test(tc, the_list_begins_at_the_first_unread_message);
	tcase_add_test(tc, reading_a_message_marks_it_read);
	tcase_add_test(tc, h_toggles_all_headers_as_stored);
	tcase_add_test(tc, q_in_the_list_leaves);
	tcase_add_test(tc, deletion_waits_for_a_yes);
	tcase_add_test(tc, undelete_and_exit_remove_nothing);
	tcase_add_test(tc, a_trashed_message_is_marked_for_removal);
	tcase_add_test(tc, the_pager_moves_between_messages);
	tcase_add_test(tc, search_finds_senders_and_subjects);
	tcase_add_test(tc, search_in_a_message_marks_what_it_found);
	tcase_add_test(tc, the_line_editor_edits);
	tcase_add_test(tc, new_mail_appears_by_itself);
	tcase_add_test(tc, messages_may_move_and_vanish);
	tcase_add_loop_test(tc, every_key_works_on_every_screen, 0, 6);
	tcase_add_test(tc, help_names_every_key_of_the_list);
	tcase_add_test(tc, an_empty_mailbox_is_no_trouble);
	tcase_add_test(tc, a_file_with_one_message_can_only_be_read);
	tcase_add_test(tc, N_makes_a_message_unread_again);
	tcase_add_test(tc, F_flags_and_unflags);
	tcase_add_test(tc, dollar_removes_at_once_after_a_yes);
	tcase_add_test(tc, ctrl_c_says_how_to_leave);
	suite_add_tcase(suite, tc);
	return suite;
}
