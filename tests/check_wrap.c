/*
 * check_wrap.c - text as a terminal counts it: widths, cutting, searching, and
 * the gate that nothing but characters passes.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "mua/cursor.h"
#include "mua/scroller.h"
#include "mua/text.h"
#include "tests/suites.h"

/* Columns: Unicode's East Asian Width (UAX #11), and marks that combine. */
static const struct {
	const char *text;
	int columns;
} widths[] = {
	/* clang-format off */
	{ "", 0 },
	{ "abc", 3 },
	{ "caf\u00e9", 4 },
	{ "cafe\u0301", 4 },
	{ "\u4f1a\u8b70", 4 },
	{ "a\u4f1a", 3 },
	{ "\uff21", 2 },     /* full width A */
	{ "\u05e9\u05dc", 2 },
	{ "\xff", 1 },       /* broken UTF-8 takes a place */
	{ "\xc3", 1 },
	/* clang-format on */
};

START_TEST(width_is_counted_in_columns)
{
	ck_assert_int_eq(text_columns(widths[_i].text, strlen(widths[_i].text)),
	    widths[_i].columns);
}
END_TEST

/* Pieces are separated by | in what is expected. */
static const struct {
	const char *text;
	int columns;
	enum style style;
	const char *pieces;
} wraps[] = {
	/* clang-format off */
	{ "", 10, STYLE_NORMAL, "" },
	{ "short", 10, STYLE_NORMAL, "short" },
	{ "exactly 10", 10, STYLE_NORMAL, "exactly 10" },
	{ "one two three", 8, STYLE_NORMAL, "one two|three" },
	{ "one two three", 7, STYLE_NORMAL, "one two|three" },
	{ "one two three", 6, STYLE_NORMAL, "one|two|three" },
	{ "unbreakable", 4, STYLE_NORMAL, "unbr|eaka|ble" },
	{ "a unbreakable", 6, STYLE_NORMAL, "a|unbrea|kable" },
	{ "\u4f1a\u8b70\u306f", 4, STYLE_NORMAL, "\u4f1a\u8b70|\u306f" },
	{ "\u4f1a\u8b70\u306f", 5, STYLE_NORMAL, "\u4f1a\u8b70|\u306f" },
	{ "\u4f1a\u8b70", 1, STYLE_NORMAL, "\u4f1a|\u8b70" },
	{ "cafe\u0301 au lait", 7, STYLE_NORMAL, "cafe\u0301 au|lait" },
	{ "abcde\u0301f", 5, STYLE_NORMAL, "abcde\u0301|f" },
	{ "a\tb", 9, STYLE_NORMAL, "a\tb" },
	{ "a\tb", 8, STYLE_NORMAL, "a\t|b" },
	/* a header's further pieces leave room for the mark */
	{ "X: abcdefgh", 6, STYLE_HEADER, "X:|abcde|fgh" },
	/* clang-format on */
};

START_TEST(lines_are_cut_where_a_person_would)
{
	struct lines lines = { 0 };
	struct wrapped wrapped = { 0 };
	struct buf got = BUF_INIT;

	lines_add(&lines, wraps[_i].style, wraps[_i].text,
	    strlen(wraps[_i].text));
	wrap_lines(&lines, wraps[_i].columns, &wrapped);
	for (size_t i = 0; i < wrapped.count; i++) {
		const struct piece *piece = &wrapped.pieces[i];

		if (i > 0)
			buf_addchar(&got, '|');
		buf_add(&got, lines.items[0].text + piece->start,
		    piece->end - piece->start);
	}
	ck_assert_str_eq(got.data, wraps[_i].pieces);
	buf_clear(&got);
	wrapped_clear(&wrapped);
	lines_clear(&lines);
}
END_TEST

/* Every byte but blanks at cuts is in some piece, at any width. */
START_TEST(cutting_loses_no_letter)
{
	static const char text[] =
	    "Lorem ipsum  dolor\tsit \u4f1a\u8b70\u306fcafe\u0301 amet,consectetur";
	struct lines lines = { 0 };
	struct wrapped wrapped = { 0 };
	size_t next = 0;

	lines_add(&lines, STYLE_NORMAL, text, strlen(text));
	wrap_lines(&lines, _i, &wrapped);
	for (size_t i = 0; i < wrapped.count; i++) {
		const struct piece *piece = &wrapped.pieces[i];

		for (; next < piece->start; next++)
			ck_assert_int_eq(text[next], ' ');
		next = piece->end;
	}
	ck_assert_uint_eq(next, strlen(text));
	wrapped_clear(&wrapped);
	lines_clear(&lines);
}
END_TEST

static const struct {
	const char *text;
	const char *needle;
	int at; /* -1: not there */
	size_t size;
} searches[] = {
	/* clang-format off */
	{ "Welcome to the course", "COURSE", 15, 6 },
	{ "Welcome", "x", -1, 0 },
	{ "Welcome", "Welcome!", -1, 0 },
	{ "", "a", -1, 0 },
	{ "El Cami\u00f3n", "CAMI\u00d3N", 3, 7 },
	{ "\u0395\u03bb\u03bb\u03b7", "\u03b5\u03bb\u03bb\u0397", 0, 8 },
	{ "aab", "ab", 1, 2 },
	/* clang-format on */
};

START_TEST(search_ignores_case_in_all_scripts)
{
	size_t size = 0;
	const char *text = searches[_i].text;
	const char *found = text_find(text, searches[_i].needle, &size);

	ck_assert_int_eq(found == NULL ? -1 : (int)(found - text),
	    searches[_i].at);
	ck_assert_uint_eq(size, searches[_i].size);
}
END_TEST

static const struct {
	int64_t octets;
	const char *text;
} sizes[] = {
	/* clang-format off */
	{ 0, "0" }, { 999, "999" }, { 1000, "1.0K" }, { 1229, "1.2K" },
	{ 10 * 1024, "10K" }, { 1023 * 1024, "1.0M" },
	{ 5 * 1024 * 1024, "5.0M" }, { INT64_C(3) << 40, "3.0T" },
	/* clang-format on */
};

START_TEST(sizes_are_short)
{
	char text[8];

	ck_assert_str_eq(text_size(sizes[_i].octets, text), sizes[_i].text);
}
END_TEST

static const struct {
	const char *from;
	const char *person;
} people[] = {
	/* clang-format off */
	{ "Alice Example <alice@campus.example>", "Alice Example" },
	{ "\"Eve, the auditor\" <eve@far.example>", "Eve, the auditor" },
	{ "<alice@campus.example>", "alice@campus.example" },
	{ "alice@campus.example", "alice@campus.example" },
	{ "", "" },
	{ "<", "" },
	/* clang-format on */
};

START_TEST(the_list_shows_the_name_of_a_sender)
{
	struct buf person = BUF_INIT;

	text_person(people[_i].from, &person);
	ck_assert_str_eq(person.data, people[_i].person);
	buf_clear(&person);
}
END_TEST

START_TEST(control_characters_do_not_reach_a_row)
{
	struct screen_text screen = { 0 };

	screen_text_reset(&screen, 2, 20);
	screen_add(&screen, 0, STYLE_NORMAL, "a\033[31mb\x07\x7f\xc2\x9bz");
	ck_assert_str_eq(screen.lines[0].text.data,
	    "a" TEXT_UNKNOWN "[31mb" TEXT_UNKNOWN TEXT_UNKNOWN TEXT_UNKNOWN
	    "z");
	ck_assert_int_eq(screen.lines[0].used, 11);
	screen_text_clear(&screen);
}
END_TEST

START_TEST(rows_are_cut_at_whole_characters)
{
	struct screen_text screen = { 0 };

	screen_text_reset(&screen, 1, 4);
	screen_add(&screen, 0, STYLE_NORMAL, "abc\u4f1a");
	ck_assert_str_eq(screen.lines[0].text.data, "abc");
	screen_add(&screen, 7, STYLE_NORMAL, "not on the screen");
	screen_text_reset(&screen, 1, 4);
	screen_field(&screen, 0, STYLE_NORMAL, "a\u4f1a\u8b70", 4);
	ck_assert_str_eq(screen.lines[0].text.data, "a\u4f1a ");
	ck_assert_int_eq(screen.lines[0].used, 4);
	screen_text_clear(&screen);
}
END_TEST

/* TEXT on a screen of COLUMNS is SHOWN. */
static void
ck_screen_shows(int columns, const char *text, const char *shown)
{
	struct screen_text screen = { 0 };

	screen_text_reset(&screen, 1, columns);
	screen_add(&screen, 0, STYLE_NORMAL, text);
	ck_assert_str_eq(screen.lines[0].text.data, shown);
	screen_text_clear(&screen);
}

/* More marks than a terminal can stack would smear over its neighbours. */
START_TEST(a_letter_carries_few_marks)
{
	ck_screen_shows(10,
	    "\u0301a\u0301\u0301\u0301\u0301\u0301\u0301\u0301b",
	    "a\u0301\u0301\u0301\u0301b");
}
END_TEST

/* Whoever adds text may have forgotten text_safe(). */
START_TEST(nothing_on_a_screen_turns_the_writing)
{
	ck_screen_shows(40, "a\u202eb\u2066c\u200fd\u061ce \x1b[2J e\u0301",
	    "abcde \ufffd[2J e\u0301");
}
END_TEST

/* Some terminals draw a family in two columns, and curses reckons with six. */
START_TEST(emoji_are_not_glued_together)
{
	ck_screen_shows(20,
	    "\U0001f468\u200d\U0001f469 \u2764\ufe0f \u0dc1\u200d\u0dbb",
	    "\U0001f468\U0001f469 \u2764 \u0dc1\u200d\u0dbb");
}
END_TEST

START_TEST(tabs_are_blanks_to_the_next_eighth_column)
{
	ck_screen_shows(12, "ab\tc\td", "ab      c   ");
}
END_TEST

/* Crlf, lf, and a last line without either. */
START_TEST(lines_end_at_both_line_ends)
{
	struct lines lines = { 0 };

	lines_add(&lines, STYLE_NORMAL, "a\r\nb\n\nc", 7);
	ck_assert_uint_eq(lines.count, 4);
	ck_assert_str_eq(lines.items[0].text, "a");
	ck_assert_uint_eq(lines.items[0].size, 1);
	ck_assert_str_eq(lines.items[1].text, "b");
	ck_assert_str_eq(lines.items[2].text, "");
	ck_assert_str_eq(lines.items[3].text, "c");
	lines_clear(&lines);
}
END_TEST

/* A new width shows the same words at the top. */
START_TEST(the_place_survives_a_new_width)
{
	struct scroller scroller = { 0 };
	struct screen_text screen = { 0 };
	struct lines lines = { 0 };

	for (int i = 0; i < 50; i++)
		lines_printf(&lines, STYLE_NORMAL,
		    "line %d with some words that need two rows on 20", i);
	scroller_set(&scroller, &lines);
	screen_text_reset(&screen, 13, 80);
	scroller_draw(&scroller, &screen, "");
	ck_assert(scroller_move(&scroller, 30));
	screen_text_reset(&screen, 13, 20);
	scroller_draw(&scroller, &screen, "");
	ck_assert_str_eq(screen.lines[1].text.data, "line 30 with some");
	screen_text_reset(&screen, 13, 80);
	scroller_draw(&scroller, &screen, "");
	ck_assert_ptr_nonnull(strstr(screen.lines[1].text.data, "line 30 "));
	screen_text_clear(&screen);
	scroller_clear(&scroller);
}
END_TEST

static const struct {
	size_t top, current, count;
	int height;
	size_t expected;
} tops[] = {
	/* clang-format off */
	{ 0, 0, 0, 10, 0 },
	{ 0, 9, 20, 10, 0 },
	{ 0, 10, 20, 10, 1 },
	{ 5, 3, 20, 10, 3 },
	{ 15, 19, 20, 10, 10 }, /* no empty rows at the end */
	{ 0, 3, 20, 0, 3 },     /* a screen without room */
	/* clang-format on */
};

START_TEST(the_cursor_is_always_on_the_screen)
{
	ck_assert_uint_eq(cursor_top(tops[_i].top, tops[_i].current,
			      tops[_i].count, tops[_i].height),
	    tops[_i].expected);
}
END_TEST

Suite *
wrap_suite(void)
{
	Suite *suite = suite_create("wrap");
	TCase *tc = tcase_create("text on a screen");

	tcase_add_unchecked_fixture(tc, text_use_utf8, NULL);
	tcase_add_loop_test(tc, width_is_counted_in_columns, 0, COUNT(widths));
	tcase_add_loop_test(tc, lines_are_cut_where_a_person_would, 0,
	    COUNT(wraps));
	tcase_add_loop_test(tc, cutting_loses_no_letter, 1, 60);
	tcase_add_loop_test(tc, search_ignores_case_in_all_scripts, 0,
	    COUNT(searches));
	tcase_add_loop_test(tc, sizes_are_short, 0, COUNT(sizes));
	tcase_add_loop_test(tc, the_list_shows_the_name_of_a_sender, 0,
	    COUNT(people));
	tcase_add_test(tc, control_characters_do_not_reach_a_row);
	tcase_add_test(tc, rows_are_cut_at_whole_characters);
	tcase_add_test(tc, a_letter_carries_few_marks);
	tcase_add_test(tc, nothing_on_a_screen_turns_the_writing);
	tcase_add_test(tc, emoji_are_not_glued_together);
	tcase_add_test(tc, tabs_are_blanks_to_the_next_eighth_column);
	tcase_add_test(tc, lines_end_at_both_line_ends);
	tcase_add_test(tc, the_place_survives_a_new_width);
	tcase_add_loop_test(tc, the_cursor_is_always_on_the_screen, 0,
	    COUNT(tops));
	suite_add_tcase(suite, tc);
	return suite;
}
