/*
 * check_colours.c - the colours of mua.conf.
 */
#include <check.h>

#include "mua/colours.h"
#include "tests/suites.h"

START_TEST(styles_get_the_colours_named)
{
	short colours[STYLE_COUNT];
	char why[128];

	ck_assert(colours_read("  quote=green new=white error=default ",
	    colours, why, sizeof(why)));
	ck_assert_int_eq(colours[STYLE_QUOTE], 2); /* ECMA-48: SGR 32 */
	ck_assert_int_eq(colours[STYLE_NEW], 7);
	ck_assert_int_eq(colours[STYLE_ERROR], COLOUR_OWN);
	ck_assert_int_eq(colours[STYLE_BAR], COLOUR_UNSAID);
	ck_assert(colours_read("", colours, why, sizeof(why)));
	ck_assert_int_eq(colours[STYLE_QUOTE], COLOUR_UNSAID);
}
END_TEST

static const struct {
	const char *text;
	const char *why;
} faults[] = {
	/* clang-format off */
	{ "quot=green", "there is no style quot to colour" },
	{ "new=red =green", "there is no style  to colour" },
	{ "quote", "quote: want a style=colour" },
	{ "quote=", "quote=: want a style=colour" },
	{ "quote=pink", "quote=pink: want a style=colour" },
	{ "quote=re", "quote=re: want a style=colour" },
	{ "quote=red,new=red", "quote=red,new=red: want a style=colour" },
	/* clang-format on */
};

START_TEST(what_makes_no_sense_is_named)
{
	short colours[STYLE_COUNT];
	char why[128];

	ck_assert(!colours_read(faults[_i].text, colours, why, sizeof(why)));
	ck_assert_str_eq(why, faults[_i].why);
}
END_TEST

Suite *
colours_suite(void)
{
	Suite *suite = suite_create("colours");
	TCase *tc = tcase_create("settings");

	tcase_add_test(tc, styles_get_the_colours_named);
	tcase_add_loop_test(tc, what_makes_no_sense_is_named, 0,
	    (int)COUNT(faults));
	suite_add_tcase(suite, tc);
	return suite;
}
