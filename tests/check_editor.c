/*
 * check_editor.c - the model of the built-in editor.
 */
#include <check.h>
#include <string.h>

#include "mua/editor.h"
#include "mua/text.h"
#include "tests/suites.h"

enum { COLUMNS = 10 };

static struct editor editor;
static struct buf text;

static void
begin(const char *content)
{
	struct buf given = BUF_INIT;

	text_use_utf8();
	text = (struct buf)BUF_INIT;
	buf_addstr(&given, content);
	editor_init(&editor, &given);
	buf_clear(&given);
}

static void
ck_text_is(const char *expected)
{
	buf_reset(&text);
	editor_text(&editor, &text);
	ck_assert_str_eq(text.data, expected);
}

static void
end(void)
{
	editor_clear(&editor);
	buf_clear(&text);
}

static const struct {
	const char *line;
	size_t ends[4]; /* of its rows, 0 behind the last */
} rows[] = {
	/* clang-format off */
	{ "short", { 5 } },
	{ "ten column", { 10 } },
	{ "one two three", { 8, 13 } },
	{ "0123456789abcdefghijkl", { 10, 20, 22 } },
	{ "0123456789    b", { 14, 15 } },     /* blanks hang over */
	{ "\t\tx", { 1, 3 } },
	/* wide: five of them fill a row; a wide one is not cut in two */
	{ "\u65e5\u672c\u8a9e\u65e5\u672c\u8a9e", { 15, 18 } },
	{ "a\u65e5\u672c\u8a9e\u65e5\u672c", { 13, 16 } },
	/* combining marks take no column */
	{ "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301"
	  "e\u0301", { 30 } },
	/* clang-format on */
};

START_TEST(a_long_line_is_cut_into_rows)
{
	struct buf line = BUF_INIT;
	size_t from = 0;

	text_use_utf8();
	buf_addstr(&line, rows[_i].line);
	for (int i = 0; i < 4 && rows[_i].ends[i] != 0; i++) {
		size_t stop = editor_row_end(&line, from, COLUMNS);

		ck_assert_uint_eq(stop, rows[_i].ends[i]);
		ck_assert_uint_eq(editor_row_of(&line, from, COLUMNS), from);
		from = stop;
	}
	ck_assert_uint_eq(from, line.size);
	buf_clear(&line);
}
END_TEST

START_TEST(typing_inserts_at_the_cursor)
{
	begin("ac\n");
	editor_right(&editor);
	editor_insert(&editor, "\u00fc", 2);
	ck_text_is("a\u00fcc\n");
	editor_break(&editor);
	editor_insert(&editor, "x", 1);
	ck_text_is("a\u00fc\nxc\n");
	editor_rub_out(&editor);
	editor_rub_out(&editor); /* joins the lines again */
	ck_text_is("a\u00fcc\n");
	editor_rub_out(&editor);
	ck_text_is("ac\n");
	end();
}
END_TEST

START_TEST(a_character_goes_with_its_marks)
{
	begin("e\u0301\u65e5x\n");
	editor_right(&editor);
	ck_assert_uint_eq(editor.offset, 3);
	editor_right(&editor);
	ck_assert_uint_eq(editor.offset, 6);
	editor_left(&editor);
	editor_left(&editor);
	ck_assert_uint_eq(editor.offset, 0);
	editor_delete(&editor);
	ck_text_is("\u65e5x\n");
	end();
}
END_TEST

START_TEST(at_both_ends_nothing_happens)
{
	begin("");
	editor_left(&editor);
	editor_rub_out(&editor);
	editor_delete(&editor);
	editor_kill(&editor);
	editor_yank(&editor);
	editor_rub_out_word(&editor);
	editor_rows(&editor, COLUMNS, -5);
	editor_rows(&editor, COLUMNS, 5);
	editor_right(&editor);
	ck_text_is("");
	ck_assert_uint_eq(editor.count, 1);
	end();
}
END_TEST

START_TEST(killed_lines_come_back)
{
	begin("one\ntwo\nthree\n");
	editor_kill(&editor);
	ck_text_is("\ntwo\nthree\n");
	editor_kill(&editor);
	editor_kill(&editor);
	ck_text_is("\nthree\n");
	editor_last(&editor);
	editor_yank(&editor);
	ck_text_is("\nthreeone\ntwo\n");
	/* another movement between two kills begins anew */
	editor_first(&editor);
	editor_kill(&editor);
	editor_yank(&editor);
	ck_text_is("\nthreeone\ntwo\n");
	end();
}
END_TEST

START_TEST(up_and_down_go_by_rows_and_keep_the_column)
{
	begin("one two three\nab\n0123456789\n");
	editor_last(&editor);
	ck_assert_uint_eq(editor.line, 2);
	editor_rows(&editor, COLUMNS, -1);
	ck_assert_uint_eq(editor.line, 1);
	ck_assert_uint_eq(editor.offset, 2);
	editor_rows(&editor, COLUMNS, -1);
	ck_assert_uint_eq(editor.line, 0);
	ck_assert_uint_eq(editor.offset, 13);
	editor_rows(&editor, COLUMNS, -1); /* the row above in that line */
	ck_assert_uint_eq(editor.line, 0);
	ck_assert_uint_eq(editor.offset, 7);
	editor_rows(&editor, COLUMNS, 99);
	ck_assert_uint_eq(editor.line, 2);
	ck_assert_uint_eq(editor.offset, 10);
	end();
}
END_TEST

START_TEST(words_and_tabs)
{
	begin("one  two three\n");
	editor_line_end(&editor);
	editor_rub_out_word(&editor);
	editor_rub_out_word(&editor);
	ck_text_is("one  \n");
	editor_insert_tab(&editor);
	ck_text_is("one     \n");
	end();
}
END_TEST

Suite *
editor_suite(void)
{
	Suite *suite = suite_create("editor");
	TCase *tc = tcase_create("editor");

	tcase_add_loop_test(tc, a_long_line_is_cut_into_rows, 0, COUNT(rows));
	tcase_add_test(tc, typing_inserts_at_the_cursor);
	tcase_add_test(tc, a_character_goes_with_its_marks);
	tcase_add_test(tc, at_both_ends_nothing_happens);
	tcase_add_test(tc, killed_lines_come_back);
	tcase_add_test(tc, up_and_down_go_by_rows_and_keep_the_column);
	tcase_add_test(tc, words_and_tabs);
	suite_add_tcase(suite, tc);
	return suite;
}
