/*
 * check_prompt.c - answers to questions: editing a line, the history,
 * completion.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mua/line_editor.h"
#include "mua/prompt.h"
#include "mua/text.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static const int *typed;
static struct ui ui;
static char last_row[256];
static char above[256];

static int
read_key(struct terminal *terminal, int seconds)
{
	(void)seconds;
	if (*typed == K_RESIZED) {
		terminal->rows = 4;
		terminal->columns = 20;
	}
	return *typed == 0 ? K_GONE : *typed++;
}

static void
show(struct terminal *terminal, const struct screen_text *screen)
{
	(void)terminal;
	copy_string(last_row, sizeof(last_row),
	    screen->lines[screen->rows - 1].text.data);
	copy_string(above, sizeof(above),
	    screen->lines[screen->rows - 3].text.data);
}

static struct terminal terminal = {
	.rows = 10,
	.columns = 60,
	.read_key = read_key,
	.show = show,
};

#define KEYS(...) (typed = (const int[]){ __VA_ARGS__, 0 })

static void
set_up(void)
{
	text_use_utf8();
	folder_enter();
	ui_init(&ui, &terminal, NULL);
}

static void
tear_down(void)
{
	ui_clear(&ui);
	folder_leave();
}

/* One row a case: keys, and what becomes of "one two" with them. */
static const struct {
	int keys[6];
	const char *text;
} edits[] = {
	/* clang-format off */
	{ { 'x' }, "one twox" },
	{ { CTRL_A, 'x' }, "xone two" },
	{ { CTRL_W }, "one " },
	{ { CTRL_W, CTRL_W }, "" },
	{ { CTRL_W, CTRL_W, CTRL_W, K_RUBOUT }, "" },
	{ { CTRL_U }, "" },
	{ { CTRL_B, CTRL_B, CTRL_K }, "one t" },
	{ { K_FIRST, CTRL_F, CTRL_D }, "oe two" },
	{ { K_FIRST, K_ARROW_LEFT, K_DELETE }, "ne two" },
	{ { K_LAST, K_ARROW_RIGHT, K_RUBOUT }, "one tw" },
	{ { 0x1f600, 0x301 }, "one two\U0001f600\u0301" },
	{ { 0xe9, K_RUBOUT, K_RUBOUT }, "one tw" },
	{ { K_PAGE_UP, K_OTHER, 0x7f, 0x0c }, "one two" },
	/* clang-format on */
};

START_TEST(the_line_is_edited)
{
	struct buf text = BUF_INIT;
	struct line_editor editor = { .text = &text };

	line_editor_set(&editor, "one two");
	for (int i = 0; i < 6 && edits[_i].keys[i] != 0; i++)
		line_editor_key(&editor, edits[_i].keys[i]);
	ck_assert_str_eq(text.data, edits[_i].text);
	ck_assert_uint_le(editor.cursor, text.size);
	buf_clear(&text);
}
END_TEST

/* Answers QUESTION with KEYS; what came of it. */
static const char *
answer_to(const char *question)
{
	static char given[256];
	struct buf answer = BUF_INIT;
	bool answered = prompt_line(&ui, question, &answer);

	copy_string(given, sizeof(given), answered ? answer.data : "(none)");
	buf_clear(&answer);
	return given;
}

START_TEST(the_arrows_bring_earlier_answers)
{
	KEYS('a', K_RETURN);
	ck_assert_str_eq(answer_to("To: "), "a");
	KEYS('b', K_RETURN);
	ck_assert_str_eq(answer_to("To: "), "b");
	KEYS('z', K_RETURN);
	ck_assert_str_eq(answer_to("Cc: "), "z");
	KEYS(K_ARROW_UP, K_RETURN);
	ck_assert_str_eq(answer_to("To: "), "b");
	KEYS(K_ARROW_UP, K_ARROW_UP, K_ARROW_UP, K_RETURN);
	ck_assert_str_eq(answer_to("To: "), "a");
	/* a is now the last one; what was typed comes back below it */
	KEYS('d', K_ARROW_UP, K_ARROW_UP, K_ARROW_DOWN, 'x', K_RETURN);
	ck_assert_str_eq(answer_to("To: "), "ax");
	KEYS('d', K_ARROW_UP, K_ARROW_DOWN, K_ARROW_DOWN, K_RETURN);
	ck_assert_str_eq(answer_to("To: "), "d");
	KEYS(K_ARROW_UP, K_RETURN);
	ck_assert_str_eq(answer_to("Nothing yet: "), "");
}
END_TEST

static void
complete_colour(void *arg, struct buf *text, struct lines *choices)
{
	ck_assert_ptr_eq(arg, &ui);
	if (strcmp(text->data, "g") == 0) {
		buf_addstr(text, "re");
		lines_printf(choices, STYLE_NORMAL, "green");
		lines_printf(choices, STYLE_NORMAL, "grey");
	} else if (strcmp(text->data, "gree") == 0) {
		buf_addchar(text, 'n');
		lines_printf(choices, STYLE_NORMAL, "green");
	}
}

START_TEST(tab_completes_what_stands_before_the_cursor)
{
	struct buf answer = BUF_INIT;

	buf_addstr(&answer, "g!");
	KEYS(K_ARROW_LEFT, K_TAB);
	ck_assert(!prompt_line_complete(&ui, "Colour: ", &answer,
	    complete_colour, &ui));
	ck_assert_str_eq(answer.data, "gre!");
	ck_assert_str_eq(last_row, "Colour: gre!");
	ck_assert_ptr_nonnull(strstr(above, "grey"));

	KEYS('e', K_TAB, K_RETURN);
	buf_reset(&answer);
	buf_addstr(&answer, "gre");
	ck_assert(prompt_line_complete(&ui, "Colour: ", &answer,
	    complete_colour, &ui));
	ck_assert_str_eq(answer.data, "green");
	buf_clear(&answer);
}
END_TEST

START_TEST(a_secret_is_neither_shown_nor_remembered)
{
	struct buf answer = BUF_INIT;

	KEYS('h', 'i', 'd', K_ARROW_UP, K_RETURN);
	ck_assert(prompt_secret(&ui, "Password: ", &answer));
	ck_assert_str_eq(answer.data, "hid");
	ck_assert_str_eq(last_row, "Password: ");
	ck_assert_uint_eq(ui.history.count, 0);
	buf_clear(&answer);
}
END_TEST

START_TEST(the_window_may_shrink_under_a_question)
{
	KEYS('a', 'b', K_RESIZED, 'c', K_RETURN);
	ck_assert_str_eq(answer_to("Now: "), "abc");
	ck_assert_str_eq(last_row, "Now: abc");
	ck_assert_int_eq(ui.screen.rows, 4);
	terminal.rows = 10;
	terminal.columns = 60;
}
END_TEST

/* One row a case: what is typed, what Tab makes of it, and the choices. */
static const struct {
	const char *typed;
	const char *completed;
	size_t choices;
} files[] = {
	/* clang-format off */
	{ "on", "one", 2 },
	{ "one", "one", 2 },
	{ "one.", "one.txt", 1 },
	{ "fo", "folder/", 1 },
	{ "folder/", "folder/in", 1 },
	{ "~/fo", "~/folder/", 1 },
	{ "x", "x", 0 },
	{ "nothing/x", "nothing/x", 0 },
	{ ".h", ".hidden", 1 },
	{ "\u00e9", "\u00e9\u00e8", 1 },
	/* clang-format on */
};

START_TEST(names_of_files_are_completed)
{
	struct buf text = BUF_INIT;
	struct lines choices = { 0 };

	folder_write("one", "");
	folder_write("one.txt", "");
	folder_write(".hidden", "");
	folder_write("\u00e9\u00e8", "");
	folder_write("xx\x1b[2J", "");
	ck_assert_int_eq(mkdir("folder", 0700), 0);
	folder_write("folder/in", "");
	setenv("HOME", ".", 1);
	buf_addstr(&text, files[_i].typed);
	/* the name with the escape sequence is the only one with x */
	prompt_complete_file(NULL, &text, &choices);
	ck_assert_str_eq(text.data, files[_i].completed);
	ck_assert_uint_eq(choices.count, files[_i].choices);
	lines_clear(&choices);
	buf_clear(&text);
}
END_TEST

Suite *
prompt_suite(void)
{
	Suite *suite = suite_create("prompt");
	TCase *tc = tcase_create("lines");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, the_line_is_edited, 0, (int)COUNT(edits));
	tcase_add_test(tc, the_arrows_bring_earlier_answers);
	tcase_add_test(tc, tab_completes_what_stands_before_the_cursor);
	tcase_add_test(tc, a_secret_is_neither_shown_nor_remembered);
	tcase_add_test(tc, the_window_may_shrink_under_a_question);
	tcase_add_loop_test(tc, names_of_files_are_completed, 0,
	    (int)COUNT(files));
	suite_add_tcase(suite, tc);
	return suite;
}
