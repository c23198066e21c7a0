/*
 * check_arriving.c - what the last stop reads and changes in a header.
 */
#include <string.h>

#include "mda/arriving.h"
#include "tests/suites.h"

static const struct {
	const char *before;
	const char *after;
	int lines;
} return_paths[] = {
	/* clang-format off */
	{ "Return-Path: <a@x>\nTo: b\n\nhi\n",        "To: b\n\nhi\n", 1 },
	{ "return-path : <a@x>\nTo: b\n\nhi\n",       "To: b\n\nhi\n", 1 },
	{ "To: b\nReturn-Path:\n <a@x>\n\t\nCc: c\n\nhi\n",
	    "To: b\nCc: c\n\nhi\n", 3 },
	{ "Return-Path: <a>\nReturn-Path: <b>\nTo: b\nReturn-Path: <c>\n",
	    "To: b\n", 3 },
	/* what only looks like one stays */
	{ "To: b\n\nReturn-Path: <a@x>\n", "To: b\n\nReturn-Path: <a@x>\n", 0 },
	{ "no header\nReturn-Path: <a@x>\n", "no header\nReturn-Path: <a@x>\n", 0 },
	{ "X-Return-Path: <a@x>\n\n",      "X-Return-Path: <a@x>\n\n", 0 },
	{ "To: b\n Return-Path: <a@x>\n\n", "To: b\n Return-Path: <a@x>\n\n", 0 },
	{ "Return-Path <a@x>\n\n",         "Return-Path <a@x>\n\n", 0 },
	{ "",                              "", 0 },
	{ "\n",                            "\n", 0 },
	/* a field that is not whole yet */
	{ "To: b\nReturn-Path: <a",        "To: b\nReturn-Path: <a", 0 },
	/* clang-format on */
};

START_TEST(return_paths_leave_the_header_and_nothing_else)
{
	struct buf head = BUF_INIT;

	buf_addstr(&head, return_paths[_i].before);
	ck_assert_int_eq(arriving_drop_return_paths(&head),
	    return_paths[_i].lines);
	ck_assert_str_eq(head.data, return_paths[_i].after);
	ck_assert_uint_eq(head.size, strlen(return_paths[_i].after));
	buf_clear(&head);
}
END_TEST

static const struct {
	const char *head;
	bool loop;
} loops[] = {
	/* clang-format off */
	{ "Delivered-To: bob@campus.example\n\n",             true },
	{ "To: x\nDELIVERED-TO:\n\tBob@Campus.Example \n\n",  true },
	{ "Delivered-To: alice@campus.example\n"
	  "Delivered-To: bob@campus.example\n\n",             true },
	{ "Delivered-To: bob@campus.example.org\n\n",         false },
	{ "Delivered-To: notbob@campus.example\n\n",          false },
	{ "To: bob@campus.example\n\n",                       false },
	{ "To: x\n\nDelivered-To: bob@campus.example\n",      false },
	{ "Delivered-To:\n\n",                                false },
	{ "",                                                 false },
	/* clang-format on */
};

START_TEST(a_message_that_was_here_before_is_recognized)
{
	struct buf head = BUF_INIT;

	buf_addstr(&head, loops[_i].head);
	ck_assert(arriving_was_delivered_to(&head, "bob@campus.example") ==
	    loops[_i].loop);
	buf_clear(&head);
}
END_TEST

static const struct {
	const char *head;
	bool header;
} beginnings[] = {
	/* clang-format off */
	{ "Subject: x\n\nhi\n", true },
	{ "X-Odd_Name!: x\n",   true },
	{ "\nhi\n",             true },
	{ "hello\n",            false },
	{ "Hello Bob: how?\n",  false },
	{ ": x\n",              false },
	{ " Subject: x\n",      false },
	{ "\xC3\xA9: x\n",      false },
	{ "",                   false },
	/* clang-format on */
};

START_TEST(a_text_without_header_is_recognized)
{
	struct buf head = BUF_INIT;

	buf_addstr(&head, beginnings[_i].head);
	ck_assert(arriving_has_header(&head) == beginnings[_i].header);
	buf_clear(&head);
}
END_TEST

Suite *
arriving_suite(void)
{
	Suite *suite = suite_create("arriving");
	TCase *tc = tcase_create("arriving");

	tcase_add_loop_test(tc, return_paths_leave_the_header_and_nothing_else,
	    0, COUNT(return_paths));
	tcase_add_loop_test(tc, a_message_that_was_here_before_is_recognized, 0,
	    COUNT(loops));
	tcase_add_loop_test(tc, a_text_without_header_is_recognized, 0,
	    COUNT(beginnings));
	suite_add_tcase(suite, tc);
	return suite;
}
