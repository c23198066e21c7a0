/*
 * check_mua_parts.c - the part tree of a message on the screen, and saving.
 */
#include <check.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mua/views.h"
#include "tests/check_folder.h"
#include "tests/check_mua_stage.h"
#include "tests/suites.h"

#define KEYS(...) ((const int[]){ __VA_ARGS__, 0 })

static const char with_parts[] =
    "From: a@b.example\nSubject: parts\nMIME-Version: 1.0\n"
    "Content-Type: multipart/mixed; boundary=b\n\n"
    "--b\nContent-Type: text/plain\n\nhello\n"
    "--b\nContent-Type: image/png; name=\"../../dot.png\"\n"
    "Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b--\n";

START_TEST(the_part_tree_views_and_saves)
{
	struct stat st;

	stage_run("box", 20, 80, KEYS(K_LAST, 'v'));
	ck_assert(stage_shows("multipart/mixed", NULL));
	ck_assert(stage_shows("\u2514\u2500image/png", NULL));
	stage_run("box", 20, 80, KEYS(K_LAST, 'v', K_LAST, K_RETURN));
	ck_assert(stage_shows("89 50 4e 47 0d 0a 1a 0a", NULL));
	/* the name that is offered is in this folder */
	stage_run("box", 20, 80, KEYS(K_LAST, 'v', K_LAST, 's'));
	ck_assert_str_eq(stage_row(-1), "Save to file: dot.png");
	stage_run("box", 20, 80, KEYS(K_LAST, 'v', K_LAST, 's', K_RETURN));
	ck_assert_str_eq(stage_row(-1), "Saved 8 to dot.png");
	ck_assert_int_eq(stat("dot.png", &st), 0);
	ck_assert_int_eq(st.st_size, 8);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
}
END_TEST

START_TEST(saving_asks_before_it_replaces_a_file)
{
	struct stat st;

	folder_write("dot.png", "precious");
	folder_write("precious", "12345");
	stage_run("box", 20, 80, KEYS(K_LAST, 'v', K_LAST, 's', K_RETURN, 'n'));
	ck_assert_str_eq(stage_row(-1), "Not saved");
	ck_assert_int_eq(stat("dot.png", &st), 0);
	ck_assert_int_eq(unlink("dot.png"), 0);
	ck_assert_int_eq(symlink("precious", "dot.png"), 0);
	stage_run("box", 20, 80, KEYS(K_LAST, 'v', K_LAST, 's', K_RETURN, 'n'));
	ck_assert_int_eq(stat("precious", &st), 0);
	ck_assert_int_eq(st.st_size, 5);
}
END_TEST

START_TEST(a_damaged_part_says_what_is_wrong)
{
	stage_message("1795313601.M1P1Q1.desk",
	    "Subject: bad\nMIME-Version: 1.0\n"
	    "Content-Type: multipart/mixed; boundary=b\n\n"
	    "--b\nContent-Type: image/png; name=a.png\n"
	    "Content-Transfer-Encoding: base64\n\n****\n--b--\n");
	stage_run("box", 10, 80, KEYS(K_LAST, 'v', 'j'));
	ck_assert(stage_shows("a.png", NULL));
	ck_assert(stage_shows("Fault: The base64", NULL));
}
END_TEST

/* What only holds other parts has nothing to view or save. */
START_TEST(a_multipart_is_no_part_to_save)
{
	stage_run("box", 20, 80, KEYS('v', 's'));
	ck_assert_str_eq(stage_row(-1),
	    "This part only holds the parts below it");
	stage_run("box", 20, 80, KEYS('v', K_RETURN));
	ck_assert_str_eq(stage_row(-1),
	    "This part only holds the parts below it");
}
END_TEST

START_TEST(saving_can_be_given_up_or_fail)
{
	stage_run("box", 20, 80, KEYS('v', K_LAST, 's', K_ESCAPE));
	ck_assert_str_eq(stage_row(-1), "Not saved");
	ck_assert_int_eq(access("dot.png", F_OK), -1);
	stage_run("box", 20, 80,
	    KEYS('v', K_LAST, 's', 0x15, 'n', 'o', '/', 'x', K_RETURN));
	ck_assert_str_eq(stage_row(-1),
	    "Cannot save no/x: No such file or directory");
}
END_TEST

static void
set_up(void)
{
	folder_enter();
	stage_box();
	stage_message("1795313600.M1P1Q1.desk", with_parts);
}

Suite *
mua_parts_suite(void)
{
	Suite *suite = suite_create("mua_parts");
	TCase *tc = tcase_create("parts");

	tcase_add_checked_fixture(tc, set_up, folder_leave);
	tcase_add_test(tc, the_part_tree_views_and_saves);
	tcase_add_test(tc, saving_asks_before_it_replaces_a_file);
	tcase_add_test(tc, a_damaged_part_says_what_is_wrong);
	tcase_add_test(tc, a_multipart_is_no_part_to_save);
	tcase_add_test(tc, saving_can_be_given_up_or_fail);
	suite_add_tcase(suite, tc);
	return suite;
}
