/*
 * check_threads.c - base subjects as RFC 5256 has them, and threads.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "maildir/base_subject.h"
#include "maildir/index.h"
#include "maildir/threads.h"
#include "tests/check_box.h"
#include "tests/suites.h"

/* By the grammar of RFC 5256 5, and words of other languages. */
static const struct {
	const char *subject;
	const char *base;
	bool reply;
} subjects[] = {
	/* clang-format off */
	{ "budget", "budget", false },
	{ "Re: budget", "budget", true },
	{ "RE:budget", "budget", true },
	{ "re : budget", "budget", true },
	{ "Fw: budget", "budget", true },
	{ "FWD: budget", "budget", true },
	{ "Re: Re: Fwd: budget", "budget", true },
	{ "Re[2]: budget", "budget", true },
	{ "Re [2] : budget", "budget", true },
	{ "[list] budget", "budget", false },
	{ "[list] Re: budget", "budget", true },
	{ "Re: [list] budget", "budget", true },
	{ "[a] [b] Re: [c] budget", "budget", true },
	{ "budget (fwd)", "budget", true },
	{ "budget (fwd) (FWD) ", "budget", true },
	{ "[fwd: budget]", "budget", true },
	{ "[Fwd: Re: [list] budget (fwd)]", "budget", true },
	{ "[list]", "[list]", false },
	{ "Re: [list]", "[list]", true },
	{ "Re:", "", true },
	{ "", "", false },
	{ "   ", "", false },
	{ "report: budget", "report: budget", false },
	{ "refund", "refund", false },
	{ "re budget", "re budget", false },
	{ "AW: WG: budget", "budget", true },
	{ "SV: budget", "budget", true },
	{ "[[x] budget", "[[x] budget", false },
	{ "[fwd:]", "", true },
	/* clang-format on */
};

START_TEST(a_base_subject_is_without_prefixes)
{
	struct base_subject base = base_subject_of(subjects[_i].subject);
	char *text = xasprintf("%.*s", (int)base.size, base.text);

	ck_assert_str_eq(text, subjects[_i].base);
	ck_assert_msg(base.reply == subjects[_i].reply, "%s",
	    subjects[_i].subject);
	free(text);
}
END_TEST

enum { MESSAGES_MAX = 6 };

/* Messages of uid 1 up; what comes out is "thread/parent" of each. */
static const struct {
	const char *what;
	struct threads_message messages[MESSAGES_MAX];
	const char *places;
} cases[] = {
	/* clang-format off */
	{ "answers and answers to these",
	  { { 1, "a", "", "", "x" }, { 2, "b", "a", "a", "Re: x" },
	    { 3, "c", "b", "a b", "Re: x" } }, "1/0 1/1 1/2 " },
	{ "In-Reply-To alone is enough",
	  { { 1, "a", "", "", "x" }, { 2, "b", "a", "", "y" } }, "1/0 1/1 " },
	{ "References count more than In-Reply-To",
	  { { 1, "a", "", "", "x" }, { 2, "b", "", "", "y" },
	    { 3, "c", "b", "a", "z" } }, "1/0 2/0 1/1 " },
	{ "an answer that came first finds its question",
	  { { 1, "b", "", "a", "Re: x" }, { 2, "a", "", "", "x" } },
	  "1/2 1/0 " },
	{ "two answers to what is not here are one thread",
	  { { 1, "b", "", "a", "y" }, { 2, "c", "", "a", "z" } },
	  "1/0 1/0 " },
	{ "who is gone is passed over",
	  { { 1, "a", "", "", "x" }, { 2, "d", "", "a b c", "y" } },
	  "1/0 1/1 " },
	{ "a late one joins two threads",
	  { { 1, "a", "", "", "x" }, { 2, "c", "", "b", "y" },
	    { 3, "b", "", "a", "z" } }, "1/0 1/3 1/1 " },
	{ "its own references count more than those of others",
	  { { 1, "a", "", "", "w" }, { 2, "d", "", "a c", "x" },
	    { 3, "b", "", "a", "y" }, { 4, "c", "", "a b", "z" } },
	  "1/0 1/4 1/1 1/3 " },
	{ "who answers himself",
	  { { 1, "a", "a", "a a", "x" } }, "1/0 " },
	{ "two who answer one another",
	  { { 1, "a", "", "b", "x" }, { 2, "b", "", "a", "y" } },
	  "1/2 1/0 " },
	{ "three in a circle",
	  { { 1, "a", "", "c", "x" }, { 2, "b", "", "a", "y" },
	    { 3, "c", "", "b", "z" } }, "1/3 1/1 1/0 " },
	{ "the same id twice",
	  { { 1, "a", "", "", "x" }, { 2, "a", "", "", "x" },
	    { 3, "b", "", "a", "y" } }, "1/0 1/1 1/1 " },
	{ "without ids",
	  { { 1, "", "", "", "x" }, { 2, "", "", "", "y" },
	    { 3, "", "", "", "" } }, "1/0 2/0 3/0 " },
	{ "an answer without ids goes by its subject",
	  { { 1, "a", "", "", "x" }, { 2, "b", "", "", "Re: X" } },
	  "1/0 1/1 " },
	{ "the same subject alone is no thread",
	  { { 1, "a", "", "", "x" }, { 2, "b", "", "", "x" } },
	  "1/0 2/0 " },
	{ "the last with that subject is meant",
	  { { 1, "a", "", "", "x" }, { 2, "b", "", "", "x" },
	    { 3, "c", "", "", "Re: x" }, { 4, "d", "", "", "x" } },
	  "1/0 2/0 2/2 4/0 " },
	{ "or the one that came behind",
	  { { 1, "a", "", "", "Re: x" }, { 2, "b", "", "", "x" } },
	  "1/2 1/0 " },
	{ "answers alone stand side by side",
	  { { 1, "a", "", "", "Re: x" }, { 2, "b", "", "", "Fwd: x" } },
	  "1/0 1/0 " },
	{ "an empty subject joins nothing",
	  { { 1, "a", "", "", "Re: " }, { 2, "b", "", "", "" } },
	  "1/0 2/0 " },
	{ "a thread below what is gone joins by its subject, too",
	  { { 1, "a", "", "", "x" }, { 2, "c", "", "b", "Re: x" },
	    { 3, "d", "", "c", "y" } }, "1/0 1/1 1/2 " },
	/* clang-format on */
};

START_TEST(messages_are_threaded)
{
	struct threads *threads = threads_new();
	struct buf places = BUF_INIT;

	for (size_t i = 0; i < MESSAGES_MAX && cases[_i].messages[i].uid != 0;
	     i++)
		threads_add(threads, &cases[_i].messages[i]);
	threads_settle(threads);
	for (size_t i = 0; i < threads_count(threads); i++) {
		struct threads_place place = threads_place(threads, i);

		ck_assert_int_eq(place.uid, (int)i + 1);
		buf_printf(&places, "%lld/%lld ", (long long)place.thread,
		    (long long)place.parent);
	}
	ck_assert_msg(strcmp(places.data, cases[_i].places) == 0, "%s: %s",
	    cases[_i].what, places.data);
	buf_clear(&places);
	threads_free(threads);
}
END_TEST

/* Each answers the next, so that the list of links is as long as can be. */
START_TEST(a_chain_that_comes_backwards_takes_no_square_of_time)
{
	enum { CHAIN = 50000 };
	struct threads *threads = threads_new();

	for (int64_t uid = 1; uid <= CHAIN; uid++) {
		char *id = xasprintf("%lld", (long long)uid);
		char *above = xasprintf("%lld", (long long)uid + 1);

		threads_add(threads,
		    &(struct threads_message){ uid, id, "", above, "x" });
		free(id);
		free(above);
	}
	threads_settle(threads);
	for (size_t i = 0; i < CHAIN; i++) {
		struct threads_place place = threads_place(threads, i);

		ck_assert_int_eq(place.thread, 1);
		ck_assert_int_eq(place.parent,
		    i + 1 == CHAIN ? 0 : (int64_t)i + 2);
	}
	threads_free(threads);
}
END_TEST

static int
add_place(void *arg, const struct index_entry *entry)
{
	buf_printf(arg, "%s %lld/%lld ", entry->message_id,
	    (long long)entry->thread, (long long)entry->parent);
	return 0;
}

static void
assert_places(struct index *index, const char *expected)
{
	struct buf places = BUF_INIT;

	ck_assert_int_eq(index_list(index, add_place, &places), 0);
	ck_assert_str_eq(places.data, expected);
	buf_clear(&places);
}

START_TEST(an_index_keeps_threads_up_as_mail_comes_and_goes)
{
	static const struct delivery envelope = { "", "", "", "", "", "", "",
		"" };
	struct index *index = index_open(&box);
	char first[MAILDIR_NAME_MAX + 1];

	box_deliver(index, "Message-ID: <a@x>\nSubject: x\n\n", &envelope);
	strcpy(first, box_name);
	assert_places(index, "a@x 1/0 ");
	box_deliver(index, "Message-ID: <c@x>\nReferences: <b@x>\n\n",
	    &envelope);
	assert_places(index, "a@x 1/0 c@x 2/0 ");
	box_deliver(index, "Message-ID: <b@x>\nIn-Reply-To: <a@x>\n\n",
	    &envelope);
	assert_places(index, "a@x 1/0 c@x 1/3 b@x 1/1 ");
	/* The last one goes, and another gets its uid. */
	ck_assert_int_eq(index_removed(index, box_name), 0);
	box_deliver(index, "Message-ID: <d@x>\nReferences: <c@x>\n\n",
	    &envelope);
	assert_places(index, "a@x 1/0 c@x 2/0 d@x 2/2 ");
	index_close(index);
}
END_TEST

Suite *
threads_suite(void)
{
	Suite *suite = suite_create("threads");
	TCase *tc = tcase_create("threads");

	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_add_loop_test(tc, a_base_subject_is_without_prefixes, 0,
	    COUNT(subjects));
	tcase_add_loop_test(tc, messages_are_threaded, 0, COUNT(cases));
	tcase_add_test(tc,
	    a_chain_that_comes_backwards_takes_no_square_of_time);
	tcase_add_test(tc, an_index_keeps_threads_up_as_mail_comes_and_goes);
	suite_add_tcase(suite, tc);
	return suite;
}
