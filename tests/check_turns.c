/*
 * check_turns.c - whose message goes next.
 */
#include <stdio.h>
#include <string.h>

#include "smtpd/turns.h"
#include "tests/suites.h"

enum { WORKERS = 20 };

static struct turns turns;
static unsigned number;

static void
begin(void)
{
	turns = (struct turns){ .lanes = { .limit = 10, .nap = 60 * 1000 } };
}

static void
end(void)
{
	lanes_clear(&turns.lanes);
	ck_assert_ptr_null(turns.tree);
	ck_assert_ptr_null(turns.cursor);
	ck_assert_uint_eq(turns.waiting, 0);
}

/* A message of SENDER to blank-separated DESTINATIONS, in line. */
static struct errand *
put(const char *sender, const char *destinations)
{
	char id[QUEUE_ID_SIZE + 8];
	char words[256];
	struct errand *errand;
	char *next = words;
	char *word;

	snprintf(id, sizeof(id), "%014X", ++number);
	snprintf(words, sizeof(words), "%s", destinations);
	errand = turns_open(&turns, id, sender);
	while ((word = strsep(&next, " ")) != NULL)
		turns_add(&turns, errand, word);
	turns_wait(&turns, errand);
	return errand;
}

/* A worker with ERRAND has ended; the message is over unless it goes on. */
static void
finish(struct errand *errand)
{
	ck_assert(!turns_end(&turns, errand, NULL));
	turns_close(&turns, errand);
}

START_TEST(one_message_goes_out_among_five_hundred_of_another_sender)
{
	struct errand *busy[2];
	struct errand *one;
	int before = 0;

	for (int i = 0; i < 500; i++)
		put("mass@x.example", "far.example");
	for (size_t i = 0; i < COUNT(busy); i++)
		busy[i] = turns_begin(&turns, WORKERS - (int)i);
	/* The window of the destination is full when the one comes. */
	ck_assert_ptr_null(turns_begin(&turns, WORKERS - 2));
	one = put("person@x.example", "far.example");
	finish(busy[0]);
	finish(busy[1]);
	for (;; before++) {
		struct errand *errand = turns_begin(&turns, WORKERS);

		ck_assert_ptr_nonnull(errand);
		if (errand == one)
			break;
		finish(errand);
	}
	ck_assert_int_le(before, 1);
	finish(one);
	while ((one = turns_begin(&turns, WORKERS)) != NULL)
		finish(one);
}
END_TEST

START_TEST(messages_of_one_sender_go_in_the_order_of_their_coming)
{
	struct errand *errands[5];

	for (size_t i = 0; i < COUNT(errands); i++)
		errands[i] = put("a@x.example", "far.example");
	for (size_t i = 0; i < COUNT(errands); i++) {
		ck_assert_ptr_eq(turns_begin(&turns, WORKERS), errands[i]);
		finish(errands[i]);
	}
}
END_TEST

START_TEST(a_full_destination_holds_up_nobody_else)
{
	struct errand *slow[2];
	struct errand *other;

	for (int i = 0; i < 5; i++)
		put("a@x.example", "slow.example");
	other = put("a@x.example", "fast.example");
	slow[0] = turns_begin(&turns, WORKERS);
	ck_assert_ptr_eq(turns_begin(&turns, WORKERS), other);
	slow[1] = turns_begin(&turns, WORKERS);
	ck_assert_ptr_nonnull(slow[1]);
	ck_assert(!turns_is_ready(&turns, WORKERS));
	ck_assert_ptr_null(turns_begin(&turns, WORKERS));
	finish(other);
	finish(slow[0]);
	finish(slow[1]);
	while ((other = turns_begin(&turns, WORKERS)) != NULL)
		finish(other);
}
END_TEST

/* Each destination is another: only the sender's own share bounds him. */
START_TEST(no_sender_gets_more_workers_than_he_leaves)
{
	struct errand *busy[WORKERS];
	struct errand *errand;
	char name[64];
	int n = 0;

	for (int i = 0; i < 2 * WORKERS; i++) {
		snprintf(name, sizeof(name), "d%d.example", i);
		put("mass@x.example", name);
	}
	while ((errand = turns_begin(&turns, WORKERS - n)) != NULL)
		busy[n++] = errand;
	ck_assert_int_eq(n, WORKERS / 2);
	errand = put("person@x.example", "d0.example");
	ck_assert_ptr_eq(turns_begin(&turns, WORKERS - n), errand);
	finish(errand);
	while (n > 0)
		finish(busy[--n]);
	while ((errand = turns_begin(&turns, WORKERS)) != NULL)
		finish(errand);
}
END_TEST

START_TEST(a_message_goes_to_its_destinations_one_after_another)
{
	struct errand *errand = put("a@x.example", "one two one three");

	for (size_t left = 3; left > 0; left--) {
		ck_assert_uint_eq(errand->count, left);
		ck_assert_ptr_eq(turns_begin(&turns, WORKERS), errand);
		ck_assert_ptr_null(turns_begin(&turns, WORKERS));
		ck_assert(!turns_end(&turns, errand, NULL));
		if (left > 1)
			turns_wait(&turns, errand);
	}
	turns_close(&turns, errand);
}
END_TEST

START_TEST(who_waits_for_a_lane_that_falls_asleep_is_taken_out)
{
	const struct reply why = reply(451, "4.4.1 connect: refused");
	struct errand *first = put("a@x.example", "dead.example");
	struct errand *second = put("a@x.example", "dead.example");
	struct errand *third = put("b@x.example", "dead.example");
	struct errand *other = put("b@x.example", "far.example");
	struct lane *dead = first->lanes[0];

	ck_assert_ptr_eq(turns_begin(&turns, WORKERS), first);
	ck_assert(turns_end(&turns, first, &why));
	ck_assert_ptr_nonnull(lane_asleep(dead, lane_clock()));
	ck_assert_ptr_eq(turns_take_out(&turns, dead), third);
	ck_assert_ptr_eq(turns_take_out(&turns, dead), second);
	ck_assert_ptr_null(turns_take_out(&turns, dead));
	ck_assert_ptr_eq(turns_begin(&turns, WORKERS), other);
	turns_close(&turns, first);
	turns_close(&turns, second);
	turns_close(&turns, third);
	finish(other);
}
END_TEST

START_TEST(an_errand_leaves_its_line_wherever_it_stands)
{
	struct errand *errands[3];

	for (size_t i = 0; i < COUNT(errands); i++)
		errands[i] = put("a@x.example", "far.example");
	turns_close(&turns, errands[_i]);
	errands[_i] = put("a@x.example", "far.example");
	for (size_t i = 0; i < COUNT(errands); i++)
		finish(turns_begin(&turns, WORKERS));
	ck_assert_ptr_null(turns_begin(&turns, WORKERS));
}
END_TEST

START_TEST(what_was_not_begun_waits_again)
{
	struct errand *errand = put("a@x.example", "far.example");

	ck_assert_ptr_eq(turns_begin(&turns, 1), errand);
	turns_undo(&turns, errand);
	ck_assert_ptr_eq(turns_begin(&turns, 1), errand);
	finish(errand);
}
END_TEST

Suite *
turns_suite(void)
{
	Suite *suite = suite_create("turns");
	TCase *tc = tcase_create("turns");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc,
	    one_message_goes_out_among_five_hundred_of_another_sender);
	tcase_add_test(tc,
	    messages_of_one_sender_go_in_the_order_of_their_coming);
	tcase_add_test(tc, a_full_destination_holds_up_nobody_else);
	tcase_add_test(tc, no_sender_gets_more_workers_than_he_leaves);
	tcase_add_test(tc,
	    a_message_goes_to_its_destinations_one_after_another);
	tcase_add_test(tc, who_waits_for_a_lane_that_falls_asleep_is_taken_out);
	tcase_add_loop_test(tc, an_errand_leaves_its_line_wherever_it_stands, 0,
	    3);
	tcase_add_test(tc, what_was_not_begun_waits_again);
	suite_add_tcase(suite, tc);
	return suite;
}
