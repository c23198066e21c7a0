/*
 * check_custody.c - mailbox, queue or refusal.
 *
 * Rows name recipients of check_smtpd_world.h, whose names say what their
 * mailboxes answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "smtpd/custody.h"
#include "smtpd/lane.h"
#include "smtpd/report.h"
#include "smtpd/verdict.h"
#include "tests/check_smtpd_world.h"
#include "tests/suites.h"

/* The states of the recipients in the queue's file: "done pending failed". */
static const char *
states_in_queue(const char *id)
{
	static const char *const names[] = { "pending", "done", "failed" };
	static char states[256];
	struct queue_entry entry;
	size_t at = 0;

	states[0] = '\0';
	if (queue_read(world_queue, id, false, &entry) == -1) {
		queue_entry_clear(&entry);
		return "";
	}
	for (size_t i = 0; i < entry.recipient_count; i++)
		at += (size_t)snprintf(states + at, sizeof(states) - at, "%s%s",
		    i == 0 ? "" : " ", names[entry.recipients[i].state]);
	if (entry.withdrawn)
		(void)snprintf(states, sizeof(states), "withdrawn");
	queue_entry_clear(&entry);
	return states;
}

/*
 * To whom; what the client hears; how many copies were made; what the queue
 * says afterwards ("" for nothing).
 */
static const struct {
	const char *names;
	const char *reply;
	int copies;
	const char *queue;
} cases[] = {
	/* clang-format off */
	/* one recipient: mda's word, and no queue unless it must wait */
	{ "bob",     "250 2.0.0 Ok: queued as ", 1, "" },
	{ "full",    "452 4.2.2 Mailbox full",   0, "" },
	{ "bigfull", "552 5.2.2 Mailbox full",   0, "" },
	{ "never",   "550 5.7.1 Never",          0, "" },
	{ "stranger", "550 5.1.1 Nobody",        0, "" },
	{ "later",   "250 2.0.0 Ok: queued as ", 0, "pending" },
	{ "gone",    "250 2.0.0 Ok: queued as ", 0, "pending" },
	{ "slow",    "250 2.0.0 Ok: queued as ", 0, "pending" },
	/* several: the queue knows who has it and who has not */
	{ "bob alice",        "250 2.0.0 Ok: queued as ", 2, "done done" },
	{ "bob later alice",  "250 2.0.0 Ok: queued as ", 2, "done pending done" },
	{ "bob full",         "250 2.0.0 Ok: queued as ", 1, "done pending" },
	{ "bob never",        "250 2.0.0 Ok: queued as ", 1, "done failed" },
	{ "stranger bob",     "250 2.0.0 Ok: queued as ", 1, "failed done" },
	{ "later never",      "250 2.0.0 Ok: queued as ", 0, "pending failed" },
	{ "bob slow",         "250 2.0.0 Ok: queued as ", 1, "done pending" },
	{ "bob gone alice",   "250 2.0.0 Ok: queued as ", 1, "done pending pending" },
	/* all are refused: the client keeps it, the queue owes nothing */
	{ "never stranger",   "550 5.7.1 Never",        0, "withdrawn" },
	{ "bigfull bigfull2 full", "250 2.0.0 Ok: queued as ", 1, "failed done pending" },
	{ "bigfull full",     "452 4.2.2 Mailbox full", 0, "withdrawn" },
	{ "never bigfull",    "550 5.7.1 Never",        0, "withdrawn" },
	/* an alias that stands for the others is nobody's mailbox */
	{ "bob alice =staff", "250 2.0.0 Ok: queued as ", 2, "done done done" },
	{ "never bigfull =staff", "550 5.7.1 Never",    0, "withdrawn" },
	/* clang-format on */
};

START_TEST(the_reply_is_true_of_every_recipient)
{
	struct queue_entry envelope;
	struct reply r;
	char text[REPLY_TEXT_MAX + 8];

	world_start_mda();
	r = world_take(cases[_i].names, &envelope);
	snprintf(text, sizeof(text), "%d %s", r.code, r.text);
	ck_assert_msg(strncmp(text, cases[_i].reply, strlen(cases[_i].reply)) ==
		0,
	    "%s: %s", cases[_i].names, text);
	ck_assert_int_eq(world_delivered("@"), cases[_i].copies);
	ck_assert_str_eq(states_in_queue(envelope.id), cases[_i].queue);
	queue_entry_clear(&envelope);
}
END_TEST

START_TEST(without_mda_mail_is_queued_for_an_early_attempt)
{
	struct queue_entry envelope;
	struct queue_entry entry;

	ck_assert_int_eq(world_take("bob alice", &envelope).code, 250);
	ck_assert_int_eq(queue_read(world_queue, envelope.id, false, &entry),
	    0);
	ck_assert_uint_eq(queue_count(&entry, RCPT_PENDING), 2);
	ck_assert_int_eq(entry.attempts, 1);
	ck_assert_int_le(entry.next, time(NULL) + 1);
	queue_entry_clear(&entry);
	queue_entry_clear(&envelope);
}
END_TEST

/* Nobody may have a copy of what the client will send again. */
static const char *const refused_for_now[] = { "later", "bob alice" };

static void
take(const char *names, int code)
{
	struct queue_entry envelope;

	ck_assert_int_eq(world_take(names, &envelope).code, code);
	queue_entry_clear(&envelope);
}

START_TEST(what_cannot_be_queued_is_451_and_nobody_has_it)
{
	world_start_mda();
	ck_assert_int_eq(rmdir("queue/incoming/spool"), 0);
	take(refused_for_now[_i], 451);
	ck_assert_int_eq(world_delivered("@"), 0);
	ck_assert_int_eq(world_count("queue/incoming", ".env"), 0);
}
END_TEST

START_TEST(mda_hears_id_and_original_recipient)
{
	struct queue_entry envelope = world_envelope("");
	char *line;
	int message = world_message();

	world_start_mda();
	queue_entry_add(&envelope, "bob@campus.example",
	    "Staff+a=b@campus.example")
	    ->local = true;
	ck_assert_int_eq(custody_take(&world_config, world_service.incoming,
			     &envelope, message)
			     .code,
	    250);
	line = xasprintf("%s bob@campus.example Staff+2Ba+3Db@campus.example\n",
	    envelope.id);
	ck_assert_int_eq(world_delivered(line), 1);
	free(line);
	close(message);
	queue_entry_clear(&envelope);
}
END_TEST

/* What an envelope needs next, by what it says. */
static const struct {
	const char *states; /* p, d, f: one a recipient */
	bool held;
	bool withdrawn;
	int attempts;
	int64_t age;
	int64_t next; /* from now */
	enum verdict verdict;
	const char *notify;
	unsigned told;
} verdicts[] = {
	/* clang-format off */
	{ "p",  false, false, 0, 0,   0,  VERDICT_DELIVER, "", 0 },
	{ "p",  false, false, 1, 0,   9,  VERDICT_WAIT, "", 0 },
	{ "p",  false, false, 1, 9,   0,  VERDICT_DELIVER, "", 0 },
	{ "dp", false, false, 1, 9,   -1, VERDICT_DELIVER, "", 0 },
	{ "dd", false, false, 1, 0,   9,  VERDICT_REMOVE, "", 0 },
	{ "f",  true,  false, 1, 0,   0,  VERDICT_KEEP, "", 0 },
	{ "p",  true,  false, 1, 999, 0,  VERDICT_KEEP, "", 0 },
	{ "p",  false, true,  0, 0,   0,  VERDICT_REMOVE, "", 0 },
	{ "f",  true,  true,  0, 0,   0,  VERDICT_REMOVE, "", 0 },
	/* the sender is told, once, and at once when somebody else waits on */
	{ "fp", false, false, 1, 9,   9,  VERDICT_REPORT, "", 0 },
	{ "fp", false, false, 1, 9,   9,  VERDICT_WAIT, "", 1 << REPORT_FAILED },
	{ "df", false, false, 1, 0,   9,  VERDICT_REPORT, "", 0 },
	{ "df", false, false, 1, 0,   9,  VERDICT_REMOVE, "", 1 << REPORT_FAILED },
	{ "f",  false, false, 1, 0,   0,  VERDICT_REMOVE, "NOTIFY=NEVER", 0 },
	{ "d",  false, false, 1, 0,   0,  VERDICT_REPORT, "NOTIFY=SUCCESS", 0 },
	{ "d",  false, false, 1, 0,   0,  VERDICT_REMOVE, "NOTIFY=SUCCESS", 1 << REPORT_DELIVERED },
	{ "p",  false, false, 1, 29,  9,  VERDICT_WAIT, "", 0 },
	{ "p",  false, false, 1, 30,  9,  VERDICT_REPORT, "", 0 },
	{ "p",  false, false, 1, 30,  9,  VERDICT_WAIT, "", 1 << REPORT_DELAYED },
	{ "p",  false, false, 1, 30,  9,  VERDICT_WAIT, "NOTIFY=FAILURE", 0 },
	/* he cannot be told: the postmaster is, or the operator */
	{ "f",  false, false, 1, 0,   0,  VERDICT_REPORT, "", 1 << REPORT_NONE },
	{ "f",  false, false, 1, 0,   0,  VERDICT_REMOVE, "", 1 << REPORT_NONE | 1 << REPORT_POSTMASTER },
	{ "f",  false, false, 1, 0,   0,  VERDICT_HOLD, "", 1 << REPORT_NONE | 1 << REPORT_NOBODY },
	{ "d",  false, false, 1, 0,   0,  VERDICT_REMOVE, "NOTIFY=SUCCESS", 1 << REPORT_NONE },
	{ "p",  false, false, 1, 30,  9,  VERDICT_WAIT, "", 1 << REPORT_NONE },
	/* too old: given up, but never without an attempt */
	{ "p",  false, false, 5, 61,  0,  VERDICT_REPORT, "", 0 },
	{ "dp", false, false, 5, 61,  9,  VERDICT_REPORT, "", 0 },
	{ "p",  false, false, 0, 61,  0,  VERDICT_DELIVER, "", 0 },
	{ "p",  false, false, 5, 60,  0,  VERDICT_DELIVER, "", 0 },
	/* clang-format on */
};

/*
 * What happens between two messages to bob, and how many connections they have.
 * Both are delivered, whatever it is.
 */
static void
a_refusal(void)
{
	take("never", 550);
}

static void
a_new_mda(void)
{
	world_stop_mda();
	world_start_mda();
}

static void
a_second(void)
{
	sleep(1);
}

static const struct {
	void (*between)(void);
	int visits;
} pauses[] = {
	{ NULL, 1 },
	{ a_refusal, 2 },
	{ a_new_mda, 2 },
	{ a_second, 2 },
};

/* Once more where this machine is too slow for "at once". */
START_TEST(the_connection_to_mda_serves_the_next_message_at_once_or_never)
{
	enum { KEPT = 500 /* milliseconds: smtpd/mda_link.c */ };
	int64_t begun;
	int visits, taken = 0;

	world_start_mda();
	do {
		a_second();
		begun = lane_clock();
		visits = world_visits();
		take("bob", 250);
		if (pauses[_i].between != NULL)
			pauses[_i].between();
		take("bob", 250);
		taken += 2;
		visits = world_visits() - visits;
	} while (pauses[_i].visits == 1 && taken < 40 &&
	    lane_clock() - begun >= KEPT);
	ck_assert_int_eq(world_delivered("bob@"), taken);
	ck_assert_int_eq(visits, pauses[_i].visits);
}
END_TEST

START_TEST(every_state_of_an_envelope_has_its_verdict)
{
	const char *names = strlen(verdicts[_i].states) == 1 ? "a" : "a b";
	const struct patience patience = { .lifetime = 60, .notice = 30 };
	const int64_t now = time(NULL);
	struct queue_entry entry;

	world_notify = verdicts[_i].notify;
	entry = world_envelope(names);
	for (size_t i = 0; i < entry.recipient_count; i++) {
		const char state = verdicts[_i].states[i];
		const struct reply r = reply(state == 'd' ? 250
			: state == 'f'                    ? 550
							  : 450,
		    "x");

		queue_decide(&entry.recipients[i], &r);
		entry.recipients[i].reported = verdicts[_i].told;
	}
	entry.held = verdicts[_i].held;
	entry.withdrawn = verdicts[_i].withdrawn;
	entry.attempts = verdicts[_i].attempts;
	entry.arrived = now - verdicts[_i].age;
	entry.next = now + verdicts[_i].next;
	ck_assert_int_eq(verdict_on(&entry, &patience, now),
	    verdicts[_i].verdict);
	queue_entry_clear(&entry);
}
END_TEST

/* Only the postmaster is told about what is from <>. */
START_TEST(a_report_that_fails_is_the_postmasters_and_then_kept)
{
	const struct patience patience = { .lifetime = 60, .notice = 30 };
	const struct reply r = reply(550, "5.1.1 x");
	struct queue_entry entry;

	world_sender = "";
	entry = world_envelope("a");
	queue_decide(&entry.recipients[0], &r);
	ck_assert_int_eq(verdict_on(&entry, &patience, time(NULL)),
	    VERDICT_REPORT);
	entry.recipients[0].reported = 1U << REPORT_NOBODY;
	ck_assert_int_eq(verdict_on(&entry, &patience, time(NULL)),
	    VERDICT_HOLD);
	entry.recipients[0].reported = 1U << REPORT_POSTMASTER;
	ck_assert_int_eq(verdict_on(&entry, &patience, time(NULL)),
	    VERDICT_REMOVE);
	queue_entry_clear(&entry);
}
END_TEST

/* The word about a delay does not wait for the next attempt. */
START_TEST(a_delay_is_told_in_its_time)
{
	const struct patience patience = { .lifetime = 60, .notice = 30 };
	const struct patience never = { .lifetime = 60, .notice = 0 };
	struct queue_entry entry = world_envelope("a");
	const int64_t now = entry.arrived;

	entry.attempts = 1;
	entry.next = now + 50;
	ck_assert_int_eq(verdict_until(&entry, &patience), now + 30);
	ck_assert_int_eq(verdict_until(&entry, &never), now + 50);
	entry.recipients[0].reported = 1U << REPORT_DELAYED;
	ck_assert_int_eq(verdict_until(&entry, &patience), now + 50);
	entry.next = now + 20;
	entry.recipients[0].reported = 0;
	ck_assert_int_eq(verdict_until(&entry, &patience), now + 20);
	queue_entry_clear(&entry);
}
END_TEST

/* What has to be reported when it succeeds goes through the queue. */
START_TEST(a_wanted_report_makes_an_envelope)
{
	struct queue_entry envelope;

	world_start_mda();
	world_notify = "NOTIFY=SUCCESS";
	ck_assert_int_eq(world_take("bob", &envelope).code, 250);
	ck_assert_int_eq(world_delivered(envelope.id), 1);
	ck_assert_int_eq(world_count("queue/incoming", ".env"), 1);
	queue_entry_clear(&envelope);
}
END_TEST

/* RFC 3461 5.2.1: it was asked for the report, and there is one in all. */
START_TEST(a_server_that_announces_dsn_makes_the_report_itself)
{
	struct queue_entry envelope;
	struct queue_entry entry;

	world_mda_offers = "DSN";
	world_start_mda();
	world_notify = "NOTIFY=SUCCESS";
	ck_assert_int_eq(world_take("bob", &envelope).code, 250);
	ck_assert_int_eq(queue_read(world_queue, envelope.id, false, &entry),
	    0);
	ck_assert_int_eq(entry.recipients[0].state, RCPT_DONE);
	ck_assert_int_eq(report_owed(&entry, 0, false), REPORT_NONE);
	queue_entry_clear(&entry);
	queue_entry_clear(&envelope);
}
END_TEST

Suite *
custody_suite(void)
{
	Suite *suite = suite_create("custody");
	TCase *tc = tcase_create("custody");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, smtpd_world_make, smtpd_world_remove);
	tcase_add_loop_test(tc, the_reply_is_true_of_every_recipient, 0,
	    COUNT(cases));
	tcase_add_test(tc, without_mda_mail_is_queued_for_an_early_attempt);
	tcase_add_loop_test(tc, what_cannot_be_queued_is_451_and_nobody_has_it,
	    0, COUNT(refused_for_now));
	tcase_add_test(tc, mda_hears_id_and_original_recipient);
	tcase_add_loop_test(tc,
	    the_connection_to_mda_serves_the_next_message_at_once_or_never, 0,
	    COUNT(pauses));
	tcase_add_loop_test(tc, every_state_of_an_envelope_has_its_verdict, 0,
	    COUNT(verdicts));
	tcase_add_test(tc,
	    a_report_that_fails_is_the_postmasters_and_then_kept);
	tcase_add_test(tc, a_delay_is_told_in_its_time);
	tcase_add_test(tc, a_wanted_report_makes_an_envelope);
	tcase_add_test(tc, a_server_that_announces_dsn_makes_the_report_itself);
	suite_add_tcase(suite, tc);
	return suite;
}
