/*
 * check_lane.c - how many workers a destination gets, and when it is left in
 * peace.
 */
#include <stdio.h>
#include <string.h>

#include "smtpd/lane.h"
#include "smtpd/patience.h"
#include "tests/suites.h"

enum { MANY = 100, NAP = 60 * 1000 };

static struct lanes lanes;
static const struct reply refused = { 451, "4.4.1 connect: refused" };

static void
begin(void)
{
	lanes = (struct lanes){ .limit = 5, .nap = NAP };
}

static void
end(void)
{
	lanes_clear(&lanes);
}

START_TEST(a_destination_has_one_lane_whoever_asks)
{
	struct lane *lane = lanes_use(&lanes, "far.example");

	ck_assert_ptr_eq(lanes_use(&lanes, "far.example"), lane);
	ck_assert_ptr_ne(lanes_use(&lanes, "near.example"), lane);
	ck_assert_uint_eq(lanes.count, 2);
	lanes_leave(&lanes, lane);
	lanes_tidy(&lanes, lane_clock());
	ck_assert_uint_eq(lanes.count, 2);
	lanes_leave(&lanes, lane);
	lanes_tidy(&lanes, lane_clock());
	ck_assert_uint_eq(lanes.count, 1);
}
END_TEST

/* Begins work until there is no room; how many that are. */
static int
fill(struct lane *lane, int workers)
{
	int n = 0;

	for (; lane_has_room(lane, workers - n); n++)
		lane_begin(lane);
	return n;
}

START_TEST(a_window_grows_with_what_gets_through_up_to_its_limit)
{
	struct lane *lane = lanes_use(&lanes, "far.example");

	ck_assert_int_eq(fill(lane, MANY), 2);
	for (int i = 0; i < 20; i++) {
		lane_end(&lanes, lane, NULL, 0);
		lane_begin(lane);
	}
	fill(lane, MANY);
	ck_assert_int_eq(lane->busy, 5);
}
END_TEST

/* So many workers, one lane with a large window: how many it gets. */
static const struct {
	int workers, gets;
} shares[] = { { 1, 1 }, { 2, 1 }, { 3, 2 }, { 10, 5 }, { 20, 10 } };

START_TEST(no_lane_gets_more_workers_than_it_leaves)
{
	struct lane *lane = lanes_use(&lanes, "slow.example");

	lane->window = MANY;
	ck_assert_int_eq(fill(lane, shares[_i].workers), shares[_i].gets);
}
END_TEST

START_TEST(a_lane_sleeps_when_nobody_gets_through)
{
	struct lane *lane = lanes_use(&lanes, "dead.example");

	fill(lane, MANY);
	/* The other one may still get through. */
	ck_assert(!lane_end(&lanes, lane, &refused, 1000));
	ck_assert_ptr_null(lane_asleep(lane, 1000));
	ck_assert(!lane_has_room(lane, MANY));
	ck_assert(lane_end(&lanes, lane, &refused, 2000));
	ck_assert_str_eq(lane_asleep(lane, 2000)->text, refused.text);
	ck_assert_ptr_nonnull(lane_asleep(lane, 2000 + NAP - 1));
	ck_assert_ptr_null(lane_asleep(lane, 2000 + NAP));
}
END_TEST

START_TEST(after_its_sleep_one_worker_tries)
{
	struct lane *lane = lanes_use(&lanes, "dead.example");
	const int64_t woken = 2000 + NAP;

	lane_begin(lane);
	ck_assert(lane_end(&lanes, lane, &refused, 2000));
	ck_assert_int_eq(fill(lane, MANY), 1);
	ck_assert(lane_end(&lanes, lane, &refused, woken));
	ck_assert_ptr_nonnull(lane_asleep(lane, woken + 1));
	/* And when it gets through, all goes on as before. */
	lane_begin(lane);
	ck_assert(!lane_end(&lanes, lane, NULL, 2 * woken));
	ck_assert_ptr_null(lane_asleep(lane, 2 * woken));
	ck_assert_int_eq(fill(lane, MANY), 2);
}
END_TEST

START_TEST(whoever_sleeps_can_be_woken)
{
	struct lane *lane = lanes_use(&lanes, "dead.example");

	lane_begin(lane);
	ck_assert(lane_end(&lanes, lane, &refused, 2000));
	/* What it knows is kept without a user. */
	lanes_leave(&lanes, lane);
	lanes_tidy(&lanes, 2000);
	ck_assert_ptr_eq(lanes_use(&lanes, "dead.example"), lane);
	lanes_wake(&lanes);
	ck_assert_ptr_null(lane_asleep(lane, 2001));
}
END_TEST

/* Seconds by the configuration, the scale, seconds by the clock. */
static const struct {
	int configured, scale, real;
} times[] = {
	{ 300, 1, 300 },
	{ 300, 60, 5 },
	{ 14400, 3600, 4 },
	{ 300, 3600, 1 },
	{ 432000, 3600, 120 },
	{ 0, 3600, 0 },
};

START_TEST(one_scale_shortens_all_times)
{
	const struct config config = {
		.queue_retry_min = times[_i].configured,
		.queue_retry_max = times[_i].configured,
		.queue_delay_notice = times[_i].configured,
		.queue_lifetime = times[_i].configured,
		.queue_time_scale = times[_i].scale,
	};
	const struct patience patience = patience_of(&config);

	ck_assert_int_eq(patience.retry_min, times[_i].real);
	ck_assert_int_eq(patience.retry_max, times[_i].real);
	ck_assert_int_eq(patience.notice, times[_i].real);
	ck_assert_int_eq(patience.lifetime, times[_i].real);
}
END_TEST

Suite *
lane_suite(void)
{
	Suite *suite = suite_create("lane");
	TCase *tc = tcase_create("lane");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, a_destination_has_one_lane_whoever_asks);
	tcase_add_test(tc,
	    a_window_grows_with_what_gets_through_up_to_its_limit);
	tcase_add_loop_test(tc, no_lane_gets_more_workers_than_it_leaves, 0,
	    COUNT(shares));
	tcase_add_test(tc, a_lane_sleeps_when_nobody_gets_through);
	tcase_add_test(tc, after_its_sleep_one_worker_tries);
	tcase_add_test(tc, whoever_sleeps_can_be_woken);
	tcase_add_loop_test(tc, one_scale_shortens_all_times, 0, COUNT(times));
	suite_add_tcase(suite, tc);
	return suite;
}
