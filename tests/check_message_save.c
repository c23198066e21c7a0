/*
 * check_message_save.c - messages saved and copied to other folders, from the
 * list and from the pager.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/check_folder.h"
#include "tests/check_list_stage.h"
#include "tests/suites.h"

static char *
read_file(const char *path)
{
	static char text[4096];
	FILE *file = fopen(path, "re");
	size_t n;

	ck_assert_msg(file != NULL, "%s", path);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	return text;
}

/* RFC 4155: a From_ line, the message, an empty line. */
START_TEST(s_saves_to_an_mbox)
{
	const char *text;
	struct stat st;

	type(KEYS('2', K_RETURN, 's'), "kept", KEYS('b', '!'));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "1 to remove"));
	text = read_file("kept");
	/* 1795313602 is 2026-11-22 02:13:22 UTC */
	ck_assert_ptr_eq(strstr(text,
			     "From MAILER-DAEMON Sun Nov 22 02:13:22 2026\n"),
	    text);
	ck_assert_ptr_nonnull(strstr(text, "\nX-Status: F\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n\nText of lunch\n\n"));
	ck_assert_int_eq(stat("kept", &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	/* the next goes behind it, without a question */
	type(KEYS('1', K_RETURN, 'C'), "kept", KEYS('!'));
	ck_assert_ptr_null(strstr(stage_row(-2), "to remove"));
	text = read_file("kept");
	ck_assert_ptr_nonnull(strstr(text, "Text of lunch\n\nFrom MAILER"));
	ck_assert_ptr_nonnull(strstr(text, "Text of plan\n\n"));
}
END_TEST

START_TEST(s_saves_tagged_messages_to_a_maildir)
{
	type(KEYS('1', K_RETURN, 't', 't', ';', 's'), "other/box",
	    KEYS('m', '!'));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "2 to remove"));
	stage_run("other/box", 12, 80, KEYS('!'));
	ck_assert_str_eq(subjects(), "plan lunch");
	ck_assert_ptr_nonnull(strstr(stage_row(2), "   2  ! "));
	/* and what is there is used without a question */
	ck_assert(type(KEYS('3', K_RETURN, 's'), "other/box", KEYS('q', 'y')));
	ck_assert(!stage_has("new/1795313603.M1P1Q1.desk"));
	stage_run("other/box", 12, 80, KEYS('!'));
	ck_assert_str_eq(subjects(), "plan lunch report");
	ck_assert_ptr_nonnull(strstr(stage_row(3), "   3 N  "));
}
END_TEST

START_TEST(what_cannot_be_saved_is_not_marked)
{
	folder_write("notes", "no mbox\n");
	type(KEYS('s'), "notes", KEYS('!'));
	ck_assert_ptr_null(strstr(stage_row(-2), "to remove"));
	ck_assert_str_eq(read_file("notes"), "no mbox\n");
	type(KEYS('s'), "notes", NO_KEYS);
	ck_assert_str_eq(stage_row(-1),
	    "notes is neither a Maildir nor an mbox");
	type(KEYS('s'), "notes/x", NO_KEYS);
	ck_assert_str_eq(stage_row(-1),
	    "notes/x is neither a Maildir nor an mbox");
	type(KEYS('s'), "new one", KEYS(K_ESCAPE));
	ck_assert_int_eq(access("new one", F_OK), -1);
	type(KEYS('s'), "no/folder", KEYS('b'));
	ck_assert_str_eq(stage_row(-1),
	    "0 of 1 saved to no/folder: No such file or directory");
}
END_TEST

START_TEST(from_the_pager_s_saves_and_goes_on)
{
	type(KEYS('2', K_RETURN, K_RETURN, 's'), "kept", KEYS('b'));
	ck_assert_ptr_nonnull(strstr(read_file("kept"), "Text of lunch"));
	type(KEYS('2', K_RETURN, K_RETURN, 's'), "kept", NO_KEYS);
	ck_assert(stage_shows("Text of report", NULL));
}
END_TEST

START_TEST(a_pipe_gets_the_bytes_of_all_that_are_tagged)
{
	const char *text;

	type(KEYS('1', K_RETURN, 't', 't', ';', '|'), "cat >piped; echo done",
	    NO_KEYS);
	ck_assert_str_eq(stage_row(1), "done");
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "2 messages | cat"));
	text = read_file("piped");
	ck_assert_ptr_eq(strstr(text, "From: Eve <eve@e.example>\n"), text);
	ck_assert_ptr_nonnull(
	    strstr(text, "\n\nText of plan\nFrom: Bob <bob@b.example>\n"));
	type(KEYS('2', K_RETURN, K_RETURN, '|'), "wc -l", NO_KEYS);
	ck_assert_str_eq(stage_row(1), "6");
}
END_TEST

START_TEST(what_is_typed_while_a_command_runs_comes_behind_it)
{
	type(KEYS('1', K_RETURN, '|'), "sleep 2; echo done",
	    KEYS(STAGE_IMPATIENT, 'q', 'j'));
	ck_assert(!stage_shows("done", NULL));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 2/"));
}
END_TEST

/* The q asks whether to remove it; y was typed before anybody saw that. */
START_TEST(what_is_typed_ahead_answers_no_question)
{
	ck_assert(!type(KEYS('1', K_RETURN, 'd', '1', K_RETURN, '|'),
	    "sleep 2; echo done",
	    KEYS(STAGE_IMPATIENT, 'q', STAGE_IMPATIENT, 'q', STAGE_IMPATIENT,
		'y')));
	ck_assert_ptr_nonnull(strstr(stage_row(-1), "Remove 1 message"));
}
END_TEST

START_TEST(a_command_is_broken_off_with_control_c)
{
	type(KEYS('1', K_RETURN, '|'), "sleep 600",
	    KEYS(STAGE_IMPATIENT, K_CANCEL));
	ck_assert_str_eq(stage_row(-1), "Ended by signal 15");
}
END_TEST

Suite *
message_save_suite(void)
{
	Suite *suite = suite_create("message_save");
	TCase *tc = tcase_create("folders");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, five_letters, folder_leave);
	tcase_add_test(tc, s_saves_to_an_mbox);
	tcase_add_test(tc, s_saves_tagged_messages_to_a_maildir);
	tcase_add_test(tc, what_cannot_be_saved_is_not_marked);
	tcase_add_test(tc, from_the_pager_s_saves_and_goes_on);
	tcase_add_test(tc, a_pipe_gets_the_bytes_of_all_that_are_tagged);
	tcase_add_test(tc, what_is_typed_while_a_command_runs_comes_behind_it);
	tcase_add_test(tc, what_is_typed_ahead_answers_no_question);
	tcase_add_test(tc, a_command_is_broken_off_with_control_c);
	suite_add_tcase(suite, tc);
	return suite;
}
