/*
 * check_compose.c - writing as a person meets it: keys in, a screen out, and
 * what lies in Drafts then.
 */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "mua/external_editor.h"
#include "mua/views.h"
#include "tests/check_folder.h"
#include "tests/check_mua_stage.h"
#include "tests/suites.h"

#define KEYS(...) ((const int[]){ __VA_ARGS__, 0 })
enum { CTRL_K = 0x0b, CTRL_U = 0x15, CTRL_X = 0x18, CTRL_Y = 0x19 };

static void
one_letter(void)
{
	folder_enter();
	stage_box();
	setenv("HOME", ".", 1);
	setenv("EMAIL", "bob@campus.example", 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("VISUAL");
	unsetenv("EDITOR");
	stage_message("1795313597.M1P1Q1.desk:2,S",
	    "From: Alice <alice@a.example>\nTo: bob@campus.example, "
	    "carol@c.example\nMessage-ID: <1@a.example>\n"
	    "Date: Sun, 22 Nov 2026 02:13:17 +0000\nSubject: greetings\n\n"
	    "Dear Bob,\nhow are you?\n");
}

/* The one file in FOLDER; its text is appended to TO.  How many there are. */
static size_t
read_only_file(const char *folder, struct buf *to)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	size_t count = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		int fd;

		if (entry->d_name[0] == '.')
			continue;
		fd = openat(dirfd(dir), entry->d_name, O_RDONLY);
		buf_reset(to);
		ck_assert_int_ge(buf_read(to, fd, SIZE_MAX), 0);
		close(fd);
		count++;
	}
	if (dir != NULL)
		closedir(dir);
	return count;
}

static const char drafts[] = "box/.Drafts/new";

START_TEST(r_replies_with_the_text_quoted)
{
	stage_run("box", 24, 80, KEYS('r', '!'));
	ck_assert(
	    stage_shows("On Sun, 22 Nov 2026 02:13:17 +0000, Alice wrote:",
		NULL));
	ck_assert(stage_shows("> Dear Bob,", NULL));
	ck_assert_ptr_nonnull(strstr(stage_row(0), "F1:Help"));
	stage_run("box", 24, 80, KEYS('r', CTRL_X, '!'));
	ck_assert(stage_shows("    From: bob@campus.example", NULL));
	ck_assert(stage_shows("      To: Alice <alice@a.example>", NULL));
	ck_assert(stage_shows("      Cc: ", NULL));
	ck_assert(stage_shows(" Subject: Re: greetings", NULL));
	ck_assert_ptr_nonnull(strstr(stage_row(0), "y:Send"));
}
END_TEST

START_TEST(g_replies_to_all_but_oneself)
{
	stage_run("box", 24, 80, KEYS('g', CTRL_X, '!'));
	ck_assert(stage_shows("      To: Alice <alice@a.example>", NULL));
	ck_assert(stage_shows("      Cc: carol@c.example", NULL));
}
END_TEST

START_TEST(m_asks_to_and_subject_and_opens_the_editor)
{
	stage_run("box", 24, 80,
	    KEYS('m', 'c', '@', 'd', '.', 'e', K_RETURN, 'h', 'i', K_RETURN,
		'o', 'n', 'e', K_RETURN, 0xfc, 'x', K_RUBOUT, 0x65e5, CTRL_X,
		'!'));
	ck_assert(stage_shows("      To: c@d.e", NULL));
	ck_assert(stage_shows(" Subject: hi", NULL));
	ck_assert(stage_shows("the text: 2 lines", NULL));
}
END_TEST

START_TEST(postponed_it_lies_in_drafts_and_r_takes_it_up)
{
	struct buf text = BUF_INIT;

	stage_run("box", 24, 80,
	    KEYS('m', 'c', '@', 'd', '.', 'e', K_RETURN, 'h', 'i', K_RETURN,
		'o', 'n', 'e', CTRL_X, 'P', '!'));
	ck_assert_uint_eq(read_only_file(drafts, &text), 1);
	ck_assert_ptr_nonnull(strstr(text.data, "\nTo: c@d.e\n"));
	ck_assert_ptr_nonnull(strstr(text.data, "\n\none\n"));
	stage_run("box", 24, 80, KEYS('R', '!'));
	ck_assert(stage_shows("c@d.e", NULL));
	stage_run("box", 24, 80,
	    KEYS('R', K_RETURN, 'e', 't', 'w', 'o', CTRL_X, 'P', '!'));
	ck_assert_uint_eq(read_only_file(drafts, &text), 1);
	ck_assert_ptr_nonnull(strstr(text.data, "\n\ntwoone\n"));
	buf_clear(&text);
}
END_TEST

START_TEST(a_terminal_that_goes_away_loses_nothing)
{
	struct buf text = BUF_INIT;

	/* The keys end within the editor: the terminal is gone. */
	stage_run("box", 24, 80,
	    KEYS('m', 'c', '@', 'd', '.', 'e', K_RETURN, K_RETURN, 's', 'a',
		'f', 'e'));
	ck_assert_uint_eq(read_only_file(drafts, &text), 1);
	ck_assert_ptr_nonnull(strstr(text.data, "\n\nsafe\n"));
	buf_clear(&text);
}
END_TEST

START_TEST(q_asks_before_it_throws_anything_away)
{
	struct buf text = BUF_INIT;

	stage_run("box", 24, 80, KEYS('r', CTRL_X, 'q'));
	ck_assert_ptr_nonnull(strstr(stage_row(-1), "Keep this letter"));
	stage_run("box", 24, 80, KEYS('r', CTRL_X, 'q', K_ESCAPE, '!'));
	ck_assert(stage_shows("Subject: Re: greetings", NULL));
	/* Both times the terminal went away. */
	ck_assert_uint_eq(read_only_file(drafts, &text), 2);
	stage_run("box", 24, 80, KEYS('R', 'd', 'n', 'd', 'y', 'd', 'y'));
	ck_assert_uint_eq(read_only_file(drafts, &text), 0);
	ck_assert(stage_run("box", 24, 80, KEYS('r', CTRL_X, 'q', 'n', 'q')));
	ck_assert_uint_eq(read_only_file(drafts, &text), 0);
	buf_clear(&text);
}
END_TEST

START_TEST(what_was_cut_is_pasted_and_help_is_at_f1)
{
	stage_run("box", 24, 80,
	    KEYS('r', CTRL_K, CTRL_K, K_ARROW_DOWN, CTRL_Y, '?', '!'));
	ck_assert_str_eq(stage_row(1), "> Dear Bob,");
	ck_assert(stage_shows("?!> how are you?", NULL));
	stage_run("box", 24, 80, KEYS('r', K_HELP, '!'));
	ck_assert(stage_shows("done: back to the letter", NULL));
}
END_TEST

START_TEST(without_an_account_nothing_is_sent_and_nothing_lost)
{
	stage_run("box", 24, 80, KEYS('r', CTRL_X, 'y'));
	ck_assert_ptr_nonnull(strstr(stage_row(-1), "No account"));
	ck_assert(stage_shows("Subject: Re: greetings", NULL));
}
END_TEST

START_TEST(a_letter_to_nobody_is_not_sent)
{
	stage_run("box", 24, 80, KEYS('m', K_RETURN, K_RETURN, CTRL_X, 'y'));
	ck_assert_ptr_nonnull(strstr(stage_row(-1), "Nobody to send it to"));
	stage_run("box", 24, 80,
	    KEYS('r', CTRL_X, 't', CTRL_U, 'a', '@', '@', K_RETURN, 'y'));
	ck_assert_ptr_nonnull(strstr(stage_row(-1), "a@@ is no address"));
}
END_TEST

START_TEST(attachments_come_and_go)
{
	folder_write("notes.txt", "some notes\n");
	stage_run("box", 24, 80,
	    KEYS('r', CTRL_X, 'a', 'n', 'o', 't', 'e', 's', '.', 't', 'x', 't',
		K_RETURN, '!'));
	ck_assert(stage_shows("   2  notes.txt, 11 (text/plain)", NULL));
	stage_run("box", 24, 80,
	    KEYS('r', CTRL_X, 'a', 'n', 'o', 't', 'e', 's', '.', 't', 'x', 't',
		K_RETURN, 'D', '!'));
	ck_assert(!stage_shows("notes.txt", NULL));
	stage_run("box", 24, 80,
	    KEYS('r', CTRL_X, 'a', 'n', 'o', 'n', 'e', K_RETURN));
	ck_assert_ptr_nonnull(strstr(stage_row(-1), "Cannot attach none: No "));
}
END_TEST

START_TEST(the_own_editor_gets_the_text_in_a_private_file)
{
	struct buf text = BUF_INIT;
	struct stat st;

	folder_write("editor",
	    "#!/bin/sh\nstat -c %a \"$1\" \"$(dirname \"$1\")\" >modes\n"
	    "echo \"$1\" >path\ncp \"$1\" seen\necho changed >\"$1\"\n"
	    "echo junk >\"$1~\"\n");
	ck_assert_int_eq(chmod("editor", 0755), 0);
	setenv("EDITOR", "./editor", 1);
	stage_run("box", 24, 80, KEYS('r', 'P', '!'));
	ck_assert_uint_eq(read_only_file(drafts, &text), 1);
	ck_assert_ptr_nonnull(strstr(text.data, "\n\nchanged\n"));
	ck_assert_uint_eq(read_only_file("box/.Drafts/tmp", &text), 0);
	buf_reset(&text);
	int fd = open("modes", O_RDONLY);
	ck_assert_int_eq(buf_read(&text, fd, 100), 0);
	close(fd);
	ck_assert_str_eq(text.data, "600\n700\n");
	buf_reset(&text);
	fd = open("path", O_RDONLY);
	ck_assert_int_eq(buf_read(&text, fd, 1000), 0);
	close(fd);
	text.data[strcspn(text.data, "\n")] = '\0';
	ck_assert_int_eq(stat(text.data, &st), -1);
	*strrchr(text.data, '/') = '\0';
	ck_assert_int_eq(stat(text.data, &st), -1);
	buf_clear(&text);
}
END_TEST

START_TEST(an_editor_that_fails_keeps_the_draft)
{
	static const char *const editors[] = { "false", "/nothing/there",
		"sh -c 'kill -9 $$' #" };

	setenv("EDITOR", editors[_i], 1);
	stage_run("box", 24, 80, KEYS('r', '!'));
	ck_assert(stage_shows("the text: 3 lines", NULL));
	stage_run("box", 24, 80, KEYS('r'));
	stage_run("box", 24, 80, KEYS('R', '!'));
	ck_assert(stage_shows("Re: greetings", NULL));
}
END_TEST

START_TEST(it_fits_into_any_size)
{
	static const int sizes[][2] = { { 10, 40 }, { 4, 12 }, { 1, 1 },
		{ 3, 5 } };

	for (size_t i = 0; i < COUNT(sizes); i++) {
		stage_run("box", sizes[i][0], sizes[i][1],
		    KEYS('g', K_LAST, K_PAGE_DOWN, CTRL_X, 'j', 'j', 'k', 'q',
			'n'));
		stage_run("box", sizes[i][0], sizes[i][1],
		    KEYS('g', CTRL_X, 'P', 'R', 'j', 'd', 'y'));
	}
}
END_TEST

Suite *
compose_suite(void)
{
	Suite *suite = suite_create("compose");
	TCase *tc = tcase_create("compose");

	tcase_add_checked_fixture(tc, one_letter, folder_leave);
	tcase_add_test(tc, r_replies_with_the_text_quoted);
	tcase_add_test(tc, g_replies_to_all_but_oneself);
	tcase_add_test(tc, m_asks_to_and_subject_and_opens_the_editor);
	tcase_add_test(tc, postponed_it_lies_in_drafts_and_r_takes_it_up);
	tcase_add_test(tc, a_terminal_that_goes_away_loses_nothing);
	tcase_add_test(tc, q_asks_before_it_throws_anything_away);
	tcase_add_test(tc, what_was_cut_is_pasted_and_help_is_at_f1);
	tcase_add_test(tc, without_an_account_nothing_is_sent_and_nothing_lost);
	tcase_add_test(tc, a_letter_to_nobody_is_not_sent);
	tcase_add_test(tc, attachments_come_and_go);
	tcase_add_test(tc, the_own_editor_gets_the_text_in_a_private_file);
	tcase_add_loop_test(tc, an_editor_that_fails_keeps_the_draft, 0, 3);
	tcase_add_test(tc, it_fits_into_any_size);
	suite_add_tcase(suite, tc);
	return suite;
}
