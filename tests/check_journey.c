/*
 * check_journey.c - the way of a message judged: whose words, what delays, and
 * when a reader is warned.
 *
 * Rules: RFC 5321 4.4 (trace fields), RFC 8601 5 (whom to believe).
 */
#include <check.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mua/journey.h"
#include "tests/suites.h"

#define DELIVERED                                                              \
	"Return-Path: <alice@far.example>\n"                                   \
	"Delivered-To: bob@campus.example\n"
#define OWN                                                                    \
	"Received: from mx1.far.example (mx1.far.example [192.0.2.1])\n"       \
	"\tby mail.campus.example (Postlab) with ESMTPS id A1;\n"              \
	"\tSun, 22 Nov 2026 02:13:27 +0000\n"
#define FAR                                                                    \
	"Received: from desk ([192.0.2.9]) by mx1.far.example with ESMTP\n"    \
	"\tid B1; Sun, 22 Nov 2026 03:13:17 +0100\n"
#define DATE "Date: Sun, 22 Nov 2026 02:13:15 +0000\n"
#define FAIL                                                                   \
	"Authentication-Results: mail.campus.example; spf=fail\n"              \
	"\tsmtp.mailfrom=far.example; dkim=none; dmarc=fail\n"
#define PASS                                                                   \
	"Authentication-Results: mail.campus.example; spf=fail; dmarc=pass\n"
#define STRANGER "Authentication-Results: evil.example; dmarc=fail\n"

static void
read_text(const char *text, struct journey *journey)
{
	int fd = memfd_create("message", MFD_CLOEXEC);
	struct message *message;

	ck_assert_int_eq(write_all(fd, text, strlen(text)), 0);
	message = message_open(fd);
	journey_read(message, journey);
	message_close(message);
}

START_TEST(hops_are_in_the_order_of_travel_with_their_delays)
{
	struct journey journey;

	read_text(DELIVERED OWN FAR DATE "\nx\n", &journey);
	ck_assert_uint_eq(journey.count, 2);
	ck_assert_str_eq(journey.hops[0].received.id, "B1");
	ck_assert_str_eq(journey.hops[1].received.id, "A1");
	ck_assert_int_eq(journey.hops[0].delay, 2);
	ck_assert_int_eq(journey.hops[1].delay, 10);
	ck_assert_str_eq(journey.own, "mail.campus.example");
	ck_assert(!journey.hops[0].own);
	ck_assert(journey.hops[1].own);
	journey_clear(&journey);
}
END_TEST

START_TEST(what_others_have_written_is_said_to_be_theirs)
{
	struct journey journey;

	read_text(OWN FAR DATE "\nx\n", &journey);
	ck_assert_ptr_nonnull(
	    strstr(journey.hops[0].notes.data, "nothing of it can be checked"));
	ck_assert_int_gt(journey.hops[0].doubts, 0);
	ck_assert_int_eq(journey.hops[1].doubts, 0);
	journey_clear(&journey);
}
END_TEST

/* A relay within the own domain, seen by the own side: its line is our own. */
START_TEST(our_own_relay_is_believed_and_a_false_one_is_not)
{
	static const char inner[] =
	    "Received: from relay.campus.example (relay.campus.example "
	    "[192.0.2.30]) by mail.campus.example with ESMTP id A; "
	    "Sun, 22 Nov 2026 02:13:27 +0000\n"
	    "Received: from x ([192.0.2.66]) by relay.campus.example with "
	    "ESMTP id B; Sun, 22 Nov 2026 02:13:26 +0000\n\n";
	static const char forged[] =
	    "Received: from evil (evil.example [192.0.2.66]) by "
	    "mail.campus.example with ESMTP id A; "
	    "Sun, 22 Nov 2026 02:13:27 +0000\n"
	    "Received: from bank ([192.0.2.80]) by relay.campus.example with "
	    "ESMTP id B; Sun, 22 Nov 2026 02:13:26 +0000\n\n";
	struct journey journey;

	read_text(inner, &journey);
	ck_assert(journey.hops[0].own && journey.hops[1].own);
	journey_clear(&journey);
	read_text(forged, &journey);
	ck_assert(!journey.hops[0].own && journey.hops[1].own);
	journey_clear(&journey);
}
END_TEST

static const struct {
	const char *text;
	size_t hop;
	const char *note;
} notes[] = {
	/* clang-format off */
	{ "Received: from a (unknown [192.0.2.1]) by b; "
	  "Sun, 22 Nov 2026 02:13:27 +0000\n\n", 0, "has no name in DNS" },
	{ "Received: from a (x.example [192.0.2.1]) by b; "
	  "Sun, 22 Nov 2026 02:13:27 +0000\n\n", 0,
	  "It called itself a; DNS has x.example" },
	{ "Received: from a (x [192.0.2.1] (may be forged)) by b; "
	  "Sun, 22 Nov 2026 02:13:27 +0000\n\n", 0, "may be forged" },
	{ "Received: from a by b; Sun, 22 Nov 2026 02:13:27 +0000\n\n", 0,
	  "Its address was not noted" },
	{ "Received: from a ([192.0.2.1]) by b; yesterday\n\n", 0,
	  "no time in it" },
	{ "Received: from a ([192.0.2.1]) by b; "
	  "Sun, 22 Nov 2026 02:13:27 +0000\nDate: Sun, 22 Nov 2026 02:14:27 "
	  "+0000\n\n", 0, "It came 1 min 0 s before it left" },
	{ "Received: from other.example ([192.0.2.1]) by b.example; "
	  "Sun, 22 Nov 2026 02:13:27 +0000\n"
	  "Received: from a ([192.0.2.2]) by first.test; "
	  "Sun, 22 Nov 2026 02:13:27 +0000\n\n", 1,
	  "The line before is by first.test" },
	{ "Received: whatever\n\n", 0, "which server has written it" },
	/* clang-format on */
};

START_TEST(what_is_odd_about_a_hop_is_noted)
{
	struct journey journey;

	read_text(notes[_i].text, &journey);
	ck_assert_msg(strstr(journey.hops[notes[_i].hop].notes.data,
			  notes[_i].note) != NULL,
	    "%s", journey.hops[notes[_i].hop].notes.data);
	journey_clear(&journey);
}
END_TEST

static const struct {
	const char *name;
	const char *text;
	bool warns;
} warnings[] = {
	/* clang-format off */
	{ "our own side says fail", FAIL OWN FAR "\n", true },
	{ "it says so in a field of its own",
	  "Authentication-Results: campus.example; dkim=none\n"
	  "Authentication-Results: campus.example; spf=fail\n" OWN "\n", true },
	{ "dmarc passes: a forwarder", PASS OWN FAR "\n", false },
	{ "the sender has brought it along", OWN FAIL FAR "\n", false },
	{ "of a stranger's host, on top", STRANGER OWN FAR "\n", false },
	{ "no server has had the message", FAIL "\n", false },
	{ "softfail is no fail",
	  "Authentication-Results: mail.campus.example; spf=softfail\n" OWN
	  "\n", false },
	{ "a pass of the sender's own does not outweigh ours",
	  FAIL OWN "Authentication-Results: mail.campus.example; dmarc=pass\n"
	  "\n", true },
	{ "nothing was checked", OWN FAR "\n", false },
	/* clang-format on */
};

START_TEST(a_reader_is_warned_by_his_own_side_alone)
{
	struct buf warning = BUF_INIT;
	struct journey journey;

	read_text(warnings[_i].text, &journey);
	journey_warning(&journey, &warning);
	ck_assert_msg((warning.size > 0) == warnings[_i].warns, "%s: %s",
	    warnings[_i].name, warning.data);
	buf_clear(&warning);
	journey_clear(&journey);
}
END_TEST

START_TEST(a_thousand_hops_are_cut)
{
	struct buf text = BUF_INIT;
	struct journey journey;

	for (int i = 0; i < 1000; i++)
		buf_addstr(&text, FAR);
	read_text(text.data, &journey);
	ck_assert_uint_eq(journey.count, HOPS_MAX);
	ck_assert(journey.more);
	journey_clear(&journey);
	buf_clear(&text);
}
END_TEST

START_TEST(spans_are_said_in_two_units)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = { { 0, "0 s" }, { -5, "-5 s" }, { 185, "3 min 5 s" },
		{ 7620, "2 h 7 min" }, { 442800, "5 d 3 h" } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf text = BUF_INIT;

		journey_span(rows[i].seconds, &text);
		ck_assert_str_eq(text.data, rows[i].text);
		buf_clear(&text);
	}
}
END_TEST

Suite *
journey_suite(void)
{
	Suite *suite = suite_create("journey");
	TCase *tc = tcase_create("journey");

	tcase_add_test(tc, hops_are_in_the_order_of_travel_with_their_delays);
	tcase_add_test(tc, what_others_have_written_is_said_to_be_theirs);
	tcase_add_test(tc, our_own_relay_is_believed_and_a_false_one_is_not);
	tcase_add_loop_test(tc, what_is_odd_about_a_hop_is_noted, 0,
	    COUNT(notes));
	tcase_add_loop_test(tc, a_reader_is_warned_by_his_own_side_alone, 0,
	    COUNT(warnings));
	tcase_add_test(tc, a_thousand_hops_are_cut);
	tcase_add_test(tc, spans_are_said_in_two_units);
	suite_add_tcase(suite, tc);
	return suite;
}
