/*
 * check_thread_tree.c - threads: how they are drawn, collapsed and handled as a
 * whole, with an index and without one.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mua/mailbox_rows.h"
#include "mua/thread_tree.h"
#include "tests/check_folder.h"
#include "tests/check_mua_stage.h"
#include "tests/suites.h"

#define KEYS(...) ((const int[]){ __VA_ARGS__, 0 })

/* Message NUMBER, arrived in its order, with "id NUMBER" as its id. */
static void
letter(int number, const char *references, const char *subject)
{
	char *name = xasprintf("179531360%d.M1P1Q1.desk:2,S", number);
	char *text = xasprintf("From: Writer %d <w@w.example>\n"
			       "Message-ID: <%d@w.example>\n"
			       "%s%s%sSubject: %s\n\nText %d\n",
	    number, number,
	    *references == '\0' ? "" : "References: ", references,
	    *references == '\0' ? "" : "\n", subject, number);

	stage_message(name, text);
	free(name);
	free(text);
}

/*
 * 1 plan <- 2 <- 4, 1 <- 5; 3 lunch <- 6 by the subject alone; 7 answers 4, but
 * names an id that is not here as the nearest.
 */
static void
two_threads(void)
{
	folder_enter();
	stage_box();
	letter(1, "", "plan");
	letter(2, "<1@w.example>", "Re: plan");
	letter(3, "", "lunch");
	letter(4, "<1@w.example> <2@w.example>", "Re: plan");
	letter(5, "<1@w.example>", "another one");
	letter(6, "", "Re: lunch");
	letter(7, "<2@w.example> <4@w.example> <99@w.example>", "Re: plan");
}

/* The row shows the message NUMBER, and TREE is drawn before its subject. */
static void
expect_row(int row, int number, const char *tree)
{
	char *person = xasprintf("Writer %d", number);
	const char *line = stage_row(row);
	const char *size = strstr(line, person);

	ck_assert_msg(size != NULL, "row %d: %s", row, line);
	size += strlen(person);
	size += strspn(size, " 0123456789");
	ck_assert_msg(strncmp(size, tree, strlen(tree)) == 0,
	    "row %d: \"%s\", not \"%s\"", row, size, tree);
	size += strlen(tree);
	ck_assert_msg(strspn(size, " ") == strlen(size), "row %d: \"%s\"", row,
	    size);
	free(person);
}

START_TEST(threads_are_drawn_as_trees)
{
	stage_run("box", 12, 80, KEYS('o', 't'));
	/* the thread that has been quiet for longest is the first */
	expect_row(1, 3, "lunch");
	expect_row(2, 6, "\u2514\u2500*>");
	expect_row(3, 1, "plan");
	expect_row(4, 2, "\u251c\u2500>");
	expect_row(5, 4, "\u2502 \u2514\u2500>");
	expect_row(6, 7, "\u2502   \u2514\u2500>");
	expect_row(7, 5, "\u2514\u2500>another one");
	stage_run("box", 12, 80, KEYS('O', 't'));
	expect_row(1, 1, "plan");
	expect_row(6, 3, "lunch");
	/* deep in a narrow window the subject keeps its room */
	stage_run("box", 12, 30, KEYS('o', 't'));
	ck_assert_ptr_nonnull(strstr(stage_row(6), "\u2514\u2500>"));
}
END_TEST

START_TEST(a_thread_is_collapsed_and_expanded)
{
	stage_run("box", 12, 80, KEYS('o', 't', '4', K_RETURN, '-'));
	expect_row(3, 1, "[+4] plan");
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " by thread 3/3"));
	stage_run("box", 12, 80, KEYS('o', 't', '4', K_RETURN, '-', '-'));
	expect_row(5, 4, "\u2502 \u2514\u2500>");
	stage_run("box", 12, 80, KEYS('o', 't', '_'));
	expect_row(1, 3, "[+1] lunch");
	expect_row(2, 1, "[+4] plan");
	stage_run("box", 12, 80, KEYS('o', 't', '_', K_META | 'V'));
	expect_row(7, 5, "\u2514\u2500>another one");
	/* Esc and V typed one after the other are the same */
	stage_run("box", 12, 80, KEYS('o', 't', K_ESCAPE, 'V'));
	expect_row(2, 1, "[+4] plan");
}
END_TEST

/* What the limit leaves hangs on what is left. */
START_TEST(a_limit_keeps_the_trees)
{
	stage_run("box", 12, 80,
	    KEYS('o', 't', 'D', 'p', 'l', 'a', 'n', K_RETURN, 'l', '-', 'f',
		'r', 'o', 'm', ':', '"', 'w', 'r', 'i', 't', 'e', 'r', ' ', '2',
		'"', K_RETURN));
	expect_row(3, 1, "plan");
	expect_row(4, 4, "\u251c\u2500>");
	expect_row(5, 7, "\u2502 \u2514\u2500>");
	expect_row(6, 5, "\u2514\u2500>another one");
}
END_TEST

START_TEST(whole_threads_are_tagged_marked_and_read)
{
	stage_run("box", 12, 80, KEYS('o', 't', '4', K_RETURN, K_META | 't'));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "5 tagged"));
	stage_run("box", 12, 80, KEYS('o', 't', '4', K_RETURN, 'D' & 0x1f));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), "5 to remove"));
	stage_run("box", 12, 80,
	    KEYS('o', 't', '4', K_RETURN, 'D' & 0x1f, 'U' & 0x1f));
	ck_assert_ptr_null(strstr(stage_row(-2), "to remove"));
	/* also while it is collapsed */
	stage_run("box", 12, 80,
	    KEYS('o', 't', '4', K_RETURN, '-', K_META | 't', ';', 'N'));
	ck_assert(stage_has("cur/1795313607.M1P1Q1.desk:2,"));
	stage_run("box", 12, 80, KEYS('o', 't', '4', K_RETURN, 'R' & 0x1f));
	ck_assert(stage_has("cur/1795313607.M1P1Q1.desk:2,S"));
}
END_TEST

START_TEST(the_cursor_goes_from_thread_to_thread)
{
	stage_run("box", 12, 80, KEYS('o', 't', K_FIRST, 'N' & 0x1f));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 3/7"));
	stage_run("box", 12, 80, KEYS('o', 't', K_LAST, 'P' & 0x1f));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 3/7"));
	stage_run("box", 12, 80, KEYS('o', 't', '4', K_RETURN, 'P'));
	ck_assert_ptr_nonnull(strstr(stage_row(-2), " 4/7"));
	stage_run("box", 12, 80, KEYS('o', 't', K_LAST, 'N' & 0x1f));
	ck_assert_str_eq(stage_row(-1), "There are no more threads");
	stage_run("box", 12, 80, KEYS('-'));
	ck_assert_str_eq(stage_row(-1),
	    "Threads are not shown: o and t show them");
}
END_TEST

START_TEST(without_an_index_threads_are_the_same)
{
	static const size_t expected[] = { 3, 6, 1, 2, 4, 7, 5 };
	char why[256];
	struct mailbox *mailbox = mailbox_open("box", why, sizeof(why));

	ck_assert_msg(mailbox != NULL, "%s", why);
	index_close(mailbox->index);
	mailbox->index = NULL;
	ck_assert_int_eq(mailbox_load(mailbox), 0);
	mailbox->sort = SORT_THREADS;
	mailbox_arrange(mailbox);
	ck_assert_uint_eq(mailbox->row_count, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++)
		ck_assert_uint_eq(mailbox->rows[i] + 1, expected[i]);
	mailbox_close(mailbox);
}
END_TEST

static struct mailbox *
many(size_t count)
{
	struct mailbox *mailbox = xcalloc(1, sizeof(*mailbox));

	mailbox->entries = xcalloc(count, sizeof(*mailbox->entries));
	mailbox->count = count;
	mailbox->whole = true;
	mailbox->sort = SORT_THREADS;
	for (size_t i = 0; i < count; i++) {
		mailbox->entries[i].uid = (int64_t)i + 1;
		mailbox->entries[i].summarised = true;
		mailbox->entries[i].refers = true;
		mailbox->entries[i].subject = "";
		mailbox->entries[i].from = "";
	}
	return mailbox;
}

static void
free_many(struct mailbox *mailbox)
{
	free(mailbox->entries);
	free(mailbox->rows);
	free(mailbox->threads);
	free(mailbox);
}

/* An index that says that two messages answer each other is not believed. */
START_TEST(circles_are_cut)
{
	struct mailbox *mailbox = many(3);

	mailbox->entries[0].parent = 3;
	mailbox->entries[1].parent = 1;
	mailbox->entries[2].parent = 2;
	mailbox->entries[1].thread = 2;
	mailbox_arrange(mailbox);
	ck_assert_uint_eq(mailbox->row_count, 3);
	mailbox->entries[1].parent = 2;
	mailbox_arrange(mailbox);
	ck_assert_uint_eq(mailbox->row_count, 3);
	free_many(mailbox);
}
END_TEST

/* A thread as deep as the mailbox, every second message limited away. */
START_TEST(a_thread_may_be_as_deep_as_it_likes)
{
	enum { DEEP = 200000 };
	struct mailbox *mailbox = many(DEEP);
	struct buf drawn = BUF_INIT;

	for (size_t i = 1; i < DEEP; i++)
		mailbox->entries[i].parent = (int64_t)i;
	mailbox_arrange(mailbox);
	ck_assert_uint_eq(mailbox->row_count, DEEP);
	ck_assert_uint_eq(mailbox->threads[0].size, DEEP);
	ck_assert_uint_eq(mailbox->rows[DEEP - 1], DEEP - 1);
	thread_tree_draw(mailbox, DEEP - 1, 20, &drawn);
	ck_assert_str_eq(drawn.data, "                \u2514\u2500>");
	for (size_t i = 0; i < DEEP; i += 2)
		mailbox->entries[i].limited = true;
	mailbox_arrange(mailbox);
	ck_assert_uint_eq(mailbox->row_count, DEEP / 2);
	ck_assert_uint_eq(mailbox->threads[3].parent, 1);
	buf_clear(&drawn);
	free_many(mailbox);
}
END_TEST

Suite *
thread_tree_suite(void)
{
	Suite *suite = suite_create("thread_tree");
	TCase *tc = tcase_create("threads");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, two_threads, folder_leave);
	tcase_add_test(tc, threads_are_drawn_as_trees);
	tcase_add_test(tc, a_thread_is_collapsed_and_expanded);
	tcase_add_test(tc, a_limit_keeps_the_trees);
	tcase_add_test(tc, whole_threads_are_tagged_marked_and_read);
	tcase_add_test(tc, the_cursor_goes_from_thread_to_thread);
	tcase_add_test(tc, without_an_index_threads_are_the_same);
	tcase_add_test(tc, circles_are_cut);
	tcase_add_test(tc, a_thread_may_be_as_deep_as_it_likes);
	suite_add_tcase(suite, tc);
	return suite;
}
