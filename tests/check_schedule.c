/*
 * check_schedule.c - the queue manager's memory: the line and the table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smtpd/notes.h"
#include "smtpd/schedule.h"
#include "tests/suites.h"

enum { MANY = 3000 };

/* Ids that differ in their last digits, as somebody might choose them. */
static const char *
id_of(unsigned i)
{
	static char id[QUEUE_ID_SIZE + 8];

	snprintf(id, sizeof(id), "%014X", i);
	return id;
}

START_TEST(who_is_due_first_comes_first)
{
	struct schedule s = { .count = 0 };
	int64_t last = -1;

	for (unsigned i = 0; i < MANY; i++)
		schedule_add(&s, id_of(i), (i * 7919) % MANY, false);
	for (unsigned i = 0; i < MANY; i++) {
		struct schedule_item *first = schedule_first(&s);

		ck_assert_int_gt(first->due, last);
		last = first->due;
		schedule_step_out(&s, first);
	}
	ck_assert_ptr_null(schedule_first(&s));
	ck_assert_uint_eq(s.count, MANY);
	schedule_clear(&s);
}
END_TEST

START_TEST(who_is_in_line_comes_at_the_earlier_time)
{
	struct schedule s = { .count = 0 };

	schedule_add(&s, id_of(1), 100, false);
	schedule_add(&s, id_of(2), 50, false);
	schedule_add(&s, id_of(1), 70, true);
	schedule_add(&s, id_of(1), 90, false);
	ck_assert_uint_eq(s.line_count, 2);
	ck_assert_str_eq(schedule_first(&s)->id, id_of(2));
	ck_assert_int_eq(schedule_find(&s, id_of(1))->due, 70);
	ck_assert(schedule_find(&s, id_of(1))->hurried);
	schedule_add(&s, id_of(1), 10, false);
	ck_assert_str_eq(schedule_first(&s)->id, id_of(1));
	/* Out of line and in again, it comes when it is said. */
	schedule_step_out(&s, schedule_first(&s));
	schedule_add(&s, id_of(1), 500, false);
	ck_assert_int_eq(schedule_find(&s, id_of(1))->due, 500);
	ck_assert(!schedule_find(&s, id_of(1))->hurried);
	schedule_clear(&s);
}
END_TEST

START_TEST(what_is_forgotten_takes_nobody_else_along)
{
	struct schedule s = { .count = 0 };
	int64_t last = -1;

	for (unsigned i = 0; i < MANY; i++)
		schedule_add(&s, id_of(i), (i * 7919) % MANY, false);
	for (unsigned i = 0; i < MANY; i += 3)
		schedule_forget(&s, id_of(i));
	schedule_forget(&s, id_of(0));
	schedule_forget(&s, id_of(MANY));
	ck_assert_uint_eq(s.count, MANY - MANY / 3);
	ck_assert_uint_eq(s.line_count, s.count);
	for (unsigned i = 0; i < MANY; i++) {
		const struct schedule_item *item = schedule_find(&s, id_of(i));

		ck_assert_int_eq(item == NULL, i % 3 == 0);
		ck_assert(item == NULL || strcmp(item->id, id_of(i)) == 0);
	}
	while (schedule_first(&s) != NULL) {
		ck_assert_int_gt(schedule_first(&s)->due, last);
		last = schedule_first(&s)->due;
		schedule_step_out(&s, schedule_first(&s));
	}
	schedule_clear(&s);
}
END_TEST

START_TEST(all_in_line_are_hurried_and_nobody_else)
{
	struct schedule s = { .count = 0 };

	for (unsigned i = 0; i < 10; i++)
		schedule_add(&s, id_of(i), 100 + i, false);
	schedule_step_out(&s, schedule_find(&s, id_of(4)));
	ck_assert_uint_eq(schedule_hurry(&s, 7), 9);
	for (unsigned i = 0; i < 10; i++)
		ck_assert_int_eq(schedule_find(&s, id_of(i))->hurried, i != 4);
	ck_assert_int_eq(schedule_first(&s)->due, 7);
	schedule_clear(&s);
}
END_TEST

/* An entry of LOGIN or of a local user, to two people. */
static struct queue_entry
make_entry(const char *id, const char *login, const char *uid)
{
	struct queue_entry entry;

	queue_entry_init(&entry, id,
	    &(struct queue_origin){ .sender = "x@y",
		.login = login,
		.uid = uid });
	queue_entry_add(&entry, "bob@Campus.Example", "");
	queue_entry_add(&entry, "\"a@b\"@mx.far.example", "");
	return entry;
}

START_TEST(who_was_not_read_is_found_until_he_is)
{
	struct schedule s = { .count = 0 };
	size_t reads = 0;

	for (unsigned i = 0; i < 500; i++)
		schedule_add(&s, id_of(i), 1, false);
	schedule_forget(&s, id_of(77));
	while (s.unread > 0) {
		const struct schedule_item *item = schedule_next_unread(&s);
		struct queue_entry entry = make_entry(item->id, "a@b", "");

		schedule_note(&s, &entry);
		schedule_note(&s, &entry);
		queue_entry_clear(&entry);
		ck_assert_uint_lt(reads++, 500);
	}
	ck_assert_uint_eq(reads, 499);
	ck_assert_ptr_null(schedule_next_unread(&s));
	schedule_forget(&s, id_of(78));
	ck_assert_uint_eq(s.unread, 0);
	schedule_clear(&s);
}
END_TEST

/* RFC 1985 5: a domain, or with @ its subdomains as well. */
static const struct {
	const char *domain;
	bool below;
	bool leads;
} nodes[] = {
	/* clang-format off */
	{ "campus.example",    false, true },
	{ "CAMPUS.example",    false, true },
	{ "mx.far.example",    false, true },
	{ "far.example",       false, false },
	{ "far.example",       true,  true },
	{ "mx.far.example",    true,  true },
	{ "r.example",         true,  false },
	{ "example",           true,  true },
	{ "x.campus.example",  true,  false },
	{ "b",                 false, false },
	/* clang-format on */
};

START_TEST(a_message_is_for_the_domains_of_who_waits)
{
	struct queue_entry entry = make_entry(id_of(1), "", "");
	struct notes *notes = notes_new(&entry);

	ck_assert_int_eq(notes_lead_to(notes, nodes[_i].domain,
			     nodes[_i].below),
	    nodes[_i].leads);
	free(notes);
	queue_entry_clear(&entry);
}
END_TEST

START_TEST(who_has_it_does_not_wait)
{
	const struct reply done = reply(250, "2.1.5 Ok");
	struct queue_entry entry = make_entry(id_of(1), "", "");
	struct notes *notes;

	queue_decide(&entry.recipients[0], &done);
	notes = notes_new(&entry);
	ck_assert(!notes_lead_to(notes, "campus.example", true));
	ck_assert(notes_lead_to(notes, "far.example", true));
	free(notes);
	queue_entry_clear(&entry);
}
END_TEST

/* Whose it is: the login's; without one, the user's; else nobody's. */
static const struct {
	const char *login, *uid, *owner;
	bool is_his;
} owners[] = {
	/* clang-format off */
	{ "alice@campus.example", "1000", "alice@campus.example", true },
	{ "alice@campus.example", "1000", "Alice@Campus.example", true },
	{ "alice@campus.example", "1000", "bob@campus.example",   false },
	{ "alice@campus.example", "1000", "uid=1000",             false },
	{ "",                     "1000", "uid=1000",             true },
	{ "",                     "1000", "uid=100",              false },
	{ "",                     "1000", "",                     false },
	{ "",                     "",     "",                     false },
	{ "",                     "",     "uid=",                 false },
	/* clang-format on */
};

START_TEST(a_message_is_its_owners)
{
	struct queue_entry entry =
	    make_entry(id_of(1), owners[_i].login, owners[_i].uid);
	struct notes *notes = notes_new(&entry);

	ck_assert_int_eq(notes_are_of(notes, owners[_i].owner),
	    owners[_i].is_his);
	free(notes);
	queue_entry_clear(&entry);
}
END_TEST

Suite *
schedule_suite(void)
{
	Suite *suite = suite_create("schedule");
	TCase *tc = tcase_create("schedule");

	tcase_add_test(tc, who_is_due_first_comes_first);
	tcase_add_test(tc, who_is_in_line_comes_at_the_earlier_time);
	tcase_add_test(tc, what_is_forgotten_takes_nobody_else_along);
	tcase_add_test(tc, all_in_line_are_hurried_and_nobody_else);
	tcase_add_test(tc, who_was_not_read_is_found_until_he_is);
	tcase_add_loop_test(tc, a_message_is_for_the_domains_of_who_waits, 0,
	    COUNT(nodes));
	tcase_add_test(tc, who_has_it_does_not_wait);
	tcase_add_loop_test(tc, a_message_is_its_owners, 0, COUNT(owners));
	suite_add_tcase(suite, tc);
	return suite;
}
