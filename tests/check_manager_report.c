/*
 * check_manager_report.c - what the queue manager has told to whom.
 *
 * The recipients are those of check_smtpd_world.h.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/directory.h"
#include "tests/check_manager_world.h"
#include "tests/check_smtpd_world.h"
#include "tests/suites.h"

START_TEST(a_failure_is_told_to_the_sender)
{
	struct queue_entry envelope;

	world_start_mda();
	world_take("bob never", &envelope);
	manager_test_start();
	manager_test_await(0);
	ck_assert_int_eq(world_count("queue", ".msg"), 0);
	ck_assert_int_eq(world_delivered(envelope.id), 1);
	/* to bob, and the report to alice */
	ck_assert_int_eq(world_delivered("bob@"), 1);
	ck_assert_int_eq(world_delivered("alice@"), 1);
	manager_test_stop();
	queue_entry_clear(&envelope);
}
END_TEST

START_TEST(success_is_told_where_it_was_asked_for)
{
	struct queue_entry envelope;

	world_notify = "NOTIFY=SUCCESS,FAILURE";
	world_start_mda();
	world_take("bob", &envelope);
	manager_test_start();
	manager_test_await(0);
	ck_assert_int_eq(world_delivered("bob@"), 1);
	ck_assert_int_eq(world_delivered("alice@"), 1);
	manager_test_stop();
	queue_entry_clear(&envelope);
}
END_TEST

START_TEST(a_delay_is_told_and_the_message_waits_on)
{
	struct queue_entry envelope;

	world_config.queue_delay_notice = 1;
	world_config.queue_retry_min = 1000;
	world_config.queue_retry_max = 1000;
	world_start_mda();
	world_take("later", &envelope);
	manager_test_start();
	for (int i = 0; i < 100 && world_delivered("alice@") == 0; i++)
		usleep(100 * 1000);
	ck_assert_int_eq(world_delivered("alice@"), 1);
	manager_test_await(1);
	manager_test_stop();
	queue_entry_clear(&envelope);
}
END_TEST

static int
find_held(void *arg, const char *id)
{
	struct queue_entry *entry = arg;

	queue_entry_clear(entry);
	return queue_read(world_queue, id, false, entry) == 0 && entry->held;
}

/* Whoever is called so gets what nobody else can be told. */
static void
make_postmaster(void)
{
	struct directory *directory = directory_open(true);
	struct address from, to;
	const char *why = "";

	ck_assert(address_parse("postmaster@campus.example", &from));
	ck_assert(address_parse("bob@campus.example", &to));
	ck_assert_msg(directory_add_alias(directory, &from, &to, &why) == 0,
	    "%s", why);
	directory_close(directory);
}

START_TEST(a_report_that_fails_is_the_postmasters)
{
	struct queue_entry envelope;

	make_postmaster();
	world_sender = "somebody@far.invalid";
	world_start_mda();
	world_take("bob never", &envelope);
	manager_test_start();
	manager_test_await(0);
	/* the message, and the report */
	ck_assert_int_eq(world_delivered("bob@"), 2);
	ck_assert_int_eq(world_delivered("@"), 2);
	ck_assert_int_eq(world_count("queue", ".msg"), 0);
	manager_test_stop();
	queue_entry_clear(&envelope);
}
END_TEST

/* What the operator sends back, sent back. */
START_TEST(the_operator_may_send_a_message_back)
{
	const struct reply r = reply(554, "5.0.0 sent back");
	struct queue_entry envelope, entry;
	int fd;

	world_start_mda();
	world_take("bob later", &envelope);
	ck_assert_int_eq(queue_take_in(world_queue, envelope.id), 0);
	fd = queue_read(world_queue, envelope.id, true, &entry);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(queue_hold(fd), 0);
	ck_assert_int_eq(queue_bounce(fd, &entry, &r), 0);
	close(fd);
	manager_test_start();
	manager_test_await(0);
	ck_assert_int_eq(world_delivered("bob@"), 1);
	ck_assert_int_eq(world_delivered("alice@"), 1);
	manager_test_stop();
	queue_entry_clear(&entry);
	queue_entry_clear(&envelope);
}
END_TEST

/* Whose host had refused it is not said to have been refused by us. */
START_TEST(who_had_failed_keeps_the_reason)
{
	const struct reply operators = reply(554, "5.0.0 sent back");
	const struct reply hosts = reply(550, "5.1.1 no such user");
	struct queue_entry envelope, entry;
	int fd;

	world_take("bob later", &envelope);
	ck_assert_int_eq(queue_take_in(world_queue, envelope.id), 0);
	fd = queue_read(world_queue, envelope.id, true, &entry);
	ck_assert_int_ne(fd, -1);
	queue_decide(&entry.recipients[0], &hosts);
	queue_credit(&entry.recipients[0], "mx.far.example");
	ck_assert_int_eq(queue_settle(fd, &entry), 0);
	ck_assert_int_eq(queue_bounce(fd, &entry, &operators), 0);
	close(fd);
	queue_entry_clear(&entry);
	ck_assert_int_eq(queue_read(world_queue, envelope.id, false, &entry),
	    0);
	ck_assert_uint_eq(queue_count(&entry, RCPT_FAILED), 2);
	ck_assert_str_eq(entry.recipients[0].last.text, hosts.text);
	ck_assert_str_eq(entry.recipients[0].host, "mx.far.example");
	ck_assert_str_eq(entry.recipients[1].last.text, operators.text);
	queue_entry_clear(&entry);
	queue_entry_clear(&envelope);
}
END_TEST

/* The report has a way, into a domain that is none: it fails as well. */
START_TEST(a_report_that_fails_is_kept_for_the_operator)
{
	const struct timespec moment = { .tv_nsec = 100 * 1000 * 1000 };
	struct queue_entry envelope;
	struct queue_entry entry = { .held = false };

	world_sender = "somebody@far.invalid";
	world_start_mda();
	world_take("bob never", &envelope);
	manager_test_start();
	for (int i = 0; i < 50; i++) {
		if (queue_scan(world_queue, find_held, &entry) == 1)
			break;
		nanosleep(&moment, NULL);
	}
	ck_assert(entry.held);
	ck_assert_str_ne(entry.id, envelope.id);
	ck_assert_str_eq(entry.sender, "");
	ck_assert_str_eq(entry.recipients[0].address, "somebody@far.invalid");
	ck_assert(!entry.recipients[0].local);
	ck_assert(reply_is_final(&entry.recipients[0].last));
	manager_test_await(1);
	ck_assert_int_eq(world_delivered("@"), 1);
	manager_test_stop();
	queue_entry_clear(&entry);
	queue_entry_clear(&envelope);
}
END_TEST

Suite *
manager_report_suite(void)
{
	Suite *suite = suite_create("manager_report");
	TCase *tc = tcase_create("manager_report");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, smtpd_world_make, smtpd_world_remove);
	tcase_add_test(tc, a_failure_is_told_to_the_sender);
	tcase_add_test(tc, success_is_told_where_it_was_asked_for);
	tcase_add_test(tc, a_delay_is_told_and_the_message_waits_on);
	tcase_add_test(tc, a_report_that_fails_is_the_postmasters);
	tcase_add_test(tc, the_operator_may_send_a_message_back);
	tcase_add_test(tc, who_had_failed_keeps_the_reason);
	tcase_add_test(tc, a_report_that_fails_is_kept_for_the_operator);
	suite_add_tcase(suite, tc);
	return suite;
}
