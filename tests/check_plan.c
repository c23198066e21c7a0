/*
 * check_plan.c - where a message has to be brought, whose turn it costs, and
 * what those are told whose destination sleeps.
 */
#include <string.h>

#include "smtpd/plan.h"
#include "tests/suites.h"

enum { NAP = 60 * 1000 };

static const struct config config = { .hostname = NULL };
static struct turns turns;
static struct queue_entry entry;

static void
begin(void)
{
	turns = (struct turns){ .lanes = { .limit = 5, .nap = NAP } };
	queue_entry_init(&entry, "0000000000000A",
	    &(struct queue_origin){ .sender = "a@campus.example" });
}

static void
end(void)
{
	queue_entry_clear(&entry);
	lanes_clear(&turns.lanes);
}

/* The lanes of ERRAND, each with a comma behind it. */
static const char *
names(const struct errand *errand)
{
	static char text[1000];

	*text = '\0';
	for (size_t i = 0; i < errand->count; i++) {
		strcat(text, errand->lanes[i]->name);
		strcat(text, ",");
	}
	return text;
}

static void
add(const char *address, bool local, int code)
{
	struct queue_recipient *rcpt = queue_entry_add(&entry, address, "");
	const struct reply r = reply(code, "said before");

	rcpt->local = local;
	if (code != 0)
		queue_decide(rcpt, &r);
	rcpt->fresh = false;
}

START_TEST(a_message_goes_once_to_each_place_where_somebody_waits)
{
	struct errand *errand;

	add("b@far.example", false, 0);
	add("c@campus.example", true, 0);
	add("d@FAR.example", false, 450);
	add("e@done.example", false, 250);
	add("f@failed.example", false, 550);
	add("g@near.example", false, 0);
	errand = plan_delivery(&turns, &config, &entry);
	ck_assert_str_eq(errand->id, "0000000000000A");
	ck_assert_str_eq(names(errand),
	    "far.example," DESTINATION_HERE ",near.example,");
	ck_assert(!errand->is_report);
	turns_close(&turns, errand);
}
END_TEST

START_TEST(a_report_is_brought_to_nobody_but_the_sender)
{
	struct errand *errand;

	add("b@far.example", false, 550);
	add("c@far.example", false, 0);
	errand = plan_report(&turns, &entry);
	ck_assert(errand->is_report);
	ck_assert_str_eq(names(errand), DESTINATION_SENDER ",");
	turns_close(&turns, errand);
}
END_TEST

/* Who logs in cannot have more turns by changing what he calls himself. */
static const struct {
	struct queue_origin one, other;
	bool same;
} origins[] = {
	/* clang-format off */
	{ { .sender = "a@x" },                .other = { .sender = "a@x" },
	  true },
	{ { .sender = "a@x" },                .other = { .sender = "b@x" },
	  false },
	{ { .sender = "a@x", .login = "u@x" },
	  { .sender = "b@x", .login = "u@x" }, true },
	{ { .sender = "a@x", .login = "u@x" },
	  { .sender = "a@x", .login = "v@x" }, false },
	{ { .sender = "a@x", .uid = "1000" },
	  { .sender = "b@x", .uid = "1000" }, true },
	{ { .sender = "a@x", .uid = "1000" },
	  { .sender = "a@x", .uid = "1001" }, false },
	{ { .sender = "a@x", .uid = "1000", .login = "u@x" },
	  { .sender = "b@x", .uid = "1001", .login = "u@x" }, true },
	/* clang-format on */
};

static struct errand *
plan_from(const struct queue_origin *origin)
{
	queue_entry_clear(&entry);
	queue_entry_init(&entry, "0000000000000A", origin);
	add("b@far.example", false, 0);
	return plan_delivery(&turns, &config, &entry);
}

START_TEST(turns_are_taken_by_login_then_by_user_then_by_address)
{
	struct errand *one = plan_from(&origins[_i].one);
	struct errand *other = plan_from(&origins[_i].other);

	ck_assert_int_eq(one->party == other->party, origins[_i].same);
	turns_close(&turns, one);
	turns_close(&turns, other);
}
END_TEST

/* Nobody gets through to NAME, WHY: it sleeps. */
static void
put_to_sleep(const char *name, const struct reply *why)
{
	struct lane *lane = lanes_use(&turns.lanes, name);

	lane_begin(lane);
	ck_assert(lane_end(&turns.lanes, lane, why, lane_clock()));
	lanes_leave(&turns.lanes, lane);
}

/* The trouble, and what is made of it: its status, first and once. */
static const struct {
	struct reply why;
	const char *told;
} troubles[] = {
	{ { 451, "4.4.1 connect to mx[192.0.2.1]:25: Connection refused" },
	    "4.4.1 not tried, as all mail to far.example waits: connect to "
	    "mx[192.0.2.1]:25: Connection refused" },
	{ { 451, "4.7.5 TLS with mx failed: x" },
	    "4.7.5 not tried, as all mail to far.example waits: TLS with mx "
	    "failed: x" },
	{ { 421, "go away" },
	    "4.0.0 not tried, as all mail to far.example waits: go away" },
};

START_TEST(who_waits_for_a_sleeper_is_told_why_and_others_are_not)
{
	struct errand *errand;
	const struct queue_recipient *rcpt;

	put_to_sleep("far.example", &troubles[_i].why);
	add("b@far.example", false, 0);
	add("c@near.example", false, 0);
	add("d@far.example", false, 250);
	add("e@far.example", false, 550);
	add("f@far.example", false, 450);
	errand = plan_delivery(&turns, &config, &entry);
	plan_skip_sleepers(&turns, &config, errand, &entry);
	rcpt = entry.recipients;
	ck_assert_str_eq(names(errand), "near.example,");
	for (size_t i = 0; i < 5; i++) {
		bool sleeps = i == 0 || i == 4;

		ck_assert_int_eq(rcpt[i].fresh, sleeps);
		if (!sleeps)
			continue;
		ck_assert_int_eq(rcpt[i].state, RCPT_PENDING);
		ck_assert_int_eq(rcpt[i].last.code, 451);
		ck_assert_str_eq(rcpt[i].last.text, troubles[_i].told);
		/* Our own words. */
		ck_assert_str_eq(rcpt[i].host, "");
	}
	ck_assert_int_eq(rcpt[1].last.code, 0);
	ck_assert_int_eq(rcpt[2].state, RCPT_DONE);
	ck_assert_int_eq(rcpt[3].state, RCPT_FAILED);
	turns_close(&turns, errand);
}
END_TEST

START_TEST(a_message_for_sleepers_alone_has_nowhere_to_go)
{
	struct errand *errand;

	put_to_sleep("far.example", &troubles[0].why);
	put_to_sleep("near.example", &troubles[0].why);
	add("b@far.example", false, 0);
	add("c@near.example", false, 0);
	errand = plan_delivery(&turns, &config, &entry);
	plan_skip_sleepers(&turns, &config, errand, &entry);
	ck_assert_uint_eq(errand->count, 0);
	ck_assert_int_eq(entry.recipients[0].last.code, 451);
	ck_assert_int_eq(entry.recipients[1].last.code, 451);
	turns_close(&turns, errand);
}
END_TEST

Suite *
plan_suite(void)
{
	Suite *suite = suite_create("plan");
	TCase *tc = tcase_create("plan");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc,
	    a_message_goes_once_to_each_place_where_somebody_waits);
	tcase_add_test(tc, a_report_is_brought_to_nobody_but_the_sender);
	tcase_add_loop_test(tc,
	    turns_are_taken_by_login_then_by_user_then_by_address, 0,
	    COUNT(origins));
	tcase_add_loop_test(tc,
	    who_waits_for_a_sleeper_is_told_why_and_others_are_not, 0,
	    COUNT(troubles));
	tcase_add_test(tc, a_message_for_sleepers_alone_has_nowhere_to_go);
	suite_add_tcase(suite, tc);
	return suite;
}
