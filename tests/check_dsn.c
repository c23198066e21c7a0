/*
 * check_dsn.c - what is asked for in RCPT, and what becomes of it where an
 * alias stands for several (RFC 3461 4.1, 5.2.7.3).
 */
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/mem.h"
#include "smtpd/custody.h"
#include "smtpd/dsn.h"
#include "smtpd/report.h"
#include "tests/check_session_world.h"
#include "tests/suites.h"

/* What was asked of an alias; of its members. */
static const struct {
	const char *asked;
	const char *members;
} shares[] = {
	/* clang-format off */
	{ "",                           "" },
	{ "ORCPT=rfc822;x@y",           "ORCPT=rfc822;x@y" },
	{ "NOTIFY=NEVER",               "NOTIFY=NEVER" },
	{ "NOTIFY=FAILURE",             "NOTIFY=FAILURE" },
	{ "NOTIFY=SUCCESS",             "NOTIFY=NEVER" },
	{ "NOTIFY=SUCCESS,FAILURE",     "NOTIFY=FAILURE" },
	{ "NOTIFY=DELAY,SUCCESS",       "NOTIFY=DELAY" },
	{ "NOTIFY=success,delay,failure ORCPT=rfc822;x@y",
	  "NOTIFY=FAILURE,DELAY ORCPT=rfc822;x@y" },
	{ "ORCPT=rfc822;NOTIFY NOTIFY=SUCCESS",
	  "ORCPT=rfc822;NOTIFY NOTIFY=NEVER" },
	/* clang-format on */
};

START_TEST(members_of_an_alias_are_asked_for_no_success)
{
	char *members = dsn_of_members(shares[_i].asked);

	ck_assert_str_eq(members, shares[_i].members);
	ck_assert(!dsn_wants(members, "SUCCESS"));
	ck_assert_int_eq(dsn_wants(members, "FAILURE"),
	    dsn_wants(shares[_i].asked, "FAILURE"));
	ck_assert_int_eq(dsn_wants(members, "DELAY"),
	    dsn_wants(shares[_i].asked, "DELAY"));
	free(members);
}
END_TEST

/* One line a recipient: address, as typed, parameters. */
static char *
recipients(void)
{
	const struct queue_entry *entry = &world_session.transaction.envelope;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < entry->recipient_count; i++) {
		const struct queue_recipient *rcpt = &entry->recipients[i];

		buf_printf(&text, "%s%s [%s] %s\n",
		    rcpt->expanded ? "alias " : "", rcpt->address,
		    rcpt->original, rcpt->parameters);
	}
	return buf_steal(&text);
}

#define C "@campus.example"

/* staff stands for alice and bob, alice+x for alice alone. */
static const struct {
	const char *commands[3];
	const char *recipients;
} expansions[] = {
	/* clang-format off */
	{ { "staff" C "> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;s@x" },
	  "alice" C " [staff" C "] NOTIFY=FAILURE ORCPT=rfc822;s@x\n"
	  "bob" C " [staff" C "] NOTIFY=FAILURE ORCPT=rfc822;s@x\n"
	  "alias staff" C " [] NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;s@x\n" },
	/* (c): without SUCCESS no report of expansion */
	{ { "staff" C "> NOTIFY=DELAY" },
	  "alice" C " [staff" C "] NOTIFY=DELAY\n"
	  "bob" C " [staff" C "] NOTIFY=DELAY\n" },
	{ { "staff" C ">" },
	  "alice" C " [staff" C "] \nbob" C " [staff" C "] \n" },
	/* 5.2.7.2: an alias of one passes all of it on */
	{ { "alice+x" C "> NOTIFY=SUCCESS" },
	  "alice" C " [alice+x" C "] NOTIFY=SUCCESS\n" },
	/* named again, and by himself: he who asks for more is answered */
	{ { "staff" C "> NOTIFY=SUCCESS", "STAFF" C "> NOTIFY=SUCCESS",
	    "Alice" C "> NOTIFY=SUCCESS" },
	  "alice" C " [Alice" C "] NOTIFY=SUCCESS\n"
	  "bob" C " [staff" C "] NOTIFY=NEVER\n"
	  "alias staff" C " [] NOTIFY=SUCCESS\n" },
	{ { "bob" C ">", "staff" C "> NOTIFY=SUCCESS", NULL },
	  "bob" C " [] \n"
	  "alice" C " [staff" C "] NOTIFY=NEVER\n"
	  "alias staff" C " [] NOTIFY=SUCCESS\n" },
	{ { "staff" C "> NOTIFY=NEVER", "bob" C ">" },
	  "alice" C " [staff" C "] NOTIFY=NEVER\nbob" C " [] \n" },
	{ { "staff" C "> NOTIFY=NEVER", "bob" C "> NOTIFY=DELAY" },
	  "alice" C " [staff" C "] NOTIFY=NEVER\nbob" C " [] NOTIFY=DELAY\n" },
	/* clang-format on */
};

START_TEST(an_alias_of_several_is_reported_itself)
{
	char line[128];
	char *found;

	world_bring_to(SENDER);
	for (size_t i = 0; i < COUNT(expansions[_i].commands) &&
	     expansions[_i].commands[i] != NULL;
	     i++) {
		(void)snprintf(line, sizeof(line), "RCPT TO:<%s",
		    expansions[_i].commands[i]);
		ck_assert_int_eq(world_say(line).code, 250);
	}
	found = recipients();
	ck_assert_str_eq(found, expansions[_i].recipients);
	free(found);
}
END_TEST

START_TEST(the_report_about_an_alias_says_expanded)
{
	struct queue_entry *entry = &world_session.transaction.envelope;

	world_bring_to(SENDER);
	world_say("RCPT TO:<staff@campus.example> NOTIFY=SUCCESS");
	ck_assert_uint_eq(entry->recipient_count, 3);
	ck_assert_uint_eq(queue_count_people(entry), 2);
	ck_assert(report_is_wanted(entry));
	ck_assert_int_eq(report_owed(entry, 2, false), REPORT_EXPANDED);
	/* Nothing is tried at it, and members succeed in silence. */
	ck_assert_uint_eq(queue_count(entry, RCPT_PENDING), 2);
	for (size_t i = 0; i < 2; i++) {
		const struct reply ok = reply(250, "2.0.0 Saved");

		queue_decide(&entry->recipients[i], &ok);
		ck_assert_int_eq(report_owed(entry, i, false), REPORT_NONE);
	}
	entry->recipients[2].reported = 1U << REPORT_EXPANDED;
	ck_assert(!report_is_owed(entry, false));
}
END_TEST

Suite *
dsn_suite(void)
{
	Suite *suite = suite_create("dsn");
	TCase *tc = tcase_create("dsn");

	tcase_add_checked_fixture(tc, session_world_make, session_world_remove);
	tcase_add_loop_test(tc, members_of_an_alias_are_asked_for_no_success, 0,
	    COUNT(shares));
	tcase_add_loop_test(tc, an_alias_of_several_is_reported_itself, 0,
	    COUNT(expansions));
	tcase_add_test(tc, the_report_about_an_alias_says_expanded);
	suite_add_tcase(suite, tc);
	return suite;
}
