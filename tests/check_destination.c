/*
 * check_destination.c - whose backup MX we are, and for whom mail is sorted to
 * which destination.
 */
#include <string.h>

#include "smtpd/destination.h"
#include "smtpd/route.h"
#include "tests/suites.h"

static char all[] = "*";
static char none[] = "";
static char mx[] = "mx";
static char host[] = "192.0.2.1";
static char names[] = "x.example .bank.example";
static char lab[] = "lab.example";

/* clang-format off */
static struct route_rule rules[] = {
	{ .name = names, .domains = names, .senders = all, .host = mx,
	  .login = none, .password_file = none, .backup = true },
	{ .name = all, .domains = all, .senders = lab, .host = host,
	  .login = none, .password_file = none, .backup = true },
};
/* clang-format on */

static const struct config config = {
	.routes = rules,
	.route_count = COUNT(rules),
};

/* A section for all makes nobody a relay for all. */
static const struct {
	const char *domain;
	bool backup;
} backups[] = {
	{ "x.example", true },
	{ "X.EXAMPLE", true },
	{ "y.x.example", false },
	{ "bank.example", true },
	{ "www.bank.example", true },
	{ "riverbank.example", false },
	{ "elsewhere.example", false },
	{ "", false },
};

START_TEST(we_are_a_backup_of_the_domains_that_are_named)
{
	ck_assert_int_eq(route_is_backup(&config, backups[_i].domain),
	    backups[_i].backup);
}
END_TEST

static const struct {
	const char *sender, *recipient;
	bool local;
	const char *destination;
} ways[] = {
	{ "a@y.example", "b@here.example", true, DESTINATION_HERE },
	{ "a@y.example", "b@Far.Example", false, "far.example" },
	{ "a@y.example", "\"b@c\"@far.example", false, "far.example" },
	{ "a@y.example", "b@[192.0.2.7]", false, "[192.0.2.7]" },
	/* A section that leaves it to DNS gathers nothing. */
	{ "a@y.example", "b@x.example", false, "x.example" },
	{ "a@lab.example", "b@far.example", false, "route *" },
	{ "a@lab.example", "b@near.example", false, "route *" },
	{ "", "b@far.example", false, "far.example" },
};

START_TEST(mail_is_sorted_by_where_it_goes_next)
{
	struct queue_entry entry;
	struct queue_recipient *rcpt;
	char destination[DESTINATION_SIZE];
	const struct reply done = reply(250, "2.0.0 Ok");

	queue_entry_init(&entry, "0000000000000A",
	    &(struct queue_origin){ .sender = ways[_i].sender });
	rcpt = queue_entry_add(&entry, ways[_i].recipient, "");
	rcpt->local = ways[_i].local;
	destination_of(&config, &entry, rcpt, destination);
	ck_assert_str_eq(destination, ways[_i].destination);
	ck_assert(destination_is(&config, &entry, rcpt, destination));
	ck_assert(!destination_is(&config, &entry, rcpt, "other.example"));
	/* Who has his copy waits for nothing. */
	queue_decide(rcpt, &done);
	ck_assert(!destination_is(&config, &entry, rcpt, destination));
	queue_entry_clear(&entry);
}
END_TEST

Suite *
destination_suite(void)
{
	Suite *suite = suite_create("destination");
	TCase *tc = tcase_create("destination");

	tcase_add_loop_test(tc, we_are_a_backup_of_the_domains_that_are_named,
	    0, COUNT(backups));
	tcase_add_loop_test(tc, mail_is_sorted_by_where_it_goes_next, 0,
	    COUNT(ways));
	suite_add_tcase(suite, tc);
	return suite;
}
