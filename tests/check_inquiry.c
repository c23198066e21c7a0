/*
 * check_inquiry.c - what the queue manager answers: how many wait for a domain,
 * whose messages they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "smtpd/inquiry.h"
#include "tests/check_queue_world.h"
#include "tests/suites.h"

#define FIRST "0000000000000A"
#define SECOND "0000000000000B"
#define THIRD "0000000000000C"
#define HELD "0000000000000D"

static struct listener listener = { .leniency = CLASSROOM };
static struct config config = {
	.queue_workers = 2,
	.listeners = &listener,
	.listener_count = 1,
};
static struct schedule schedule;
static struct turns turns;

/* Puts a message to RECIPIENT from LOGIN into the queue and the schedule. */
static void
add(const char *id, const char *login, const char *recipient, bool held)
{
	const struct reply later =
	    reply(451, "4.3.0 <%s> \t\x1b later", recipient);
	struct queue_entry entry;
	int message = queue_test_in_memory();
	int fd;

	queue_entry_init(&entry, id,
	    &(struct queue_origin){ .sender = "s@x.example", .login = login });
	queue_entry_add(&entry, recipient, "")->local = true;
	queue_decide(&entry.recipients[0], &later);
	entry.held = held;
	entry.arrived = time(NULL) - 90;
	entry.attempts = 1;
	entry.next = time(NULL) + 500;
	fd = queue_commit(incoming_world, &entry, message);
	ck_assert_int_ne(fd, -1);
	close(fd);
	close(message);
	ck_assert_int_eq(queue_take_in(queue_world, id), 0);
	schedule_add(&schedule, id, entry.next * 1000, false);
	if (held)
		schedule_step_out(&schedule, schedule_find(&schedule, id));
	schedule_note(&schedule, &entry);
	queue_entry_clear(&entry);
}

static void
make_world(void)
{
	queue_world_make();
	listener.leniency = CLASSROOM;
	add(FIRST, "alice@x.example", "bob@campus.example", false);
	add(SECOND, "bob@x.example", "carol@lab.campus.example", false);
	add(THIRD, "alice@x.example", "dave@far.example", false);
	add(HELD, "carol@x.example", "dave@campus.example", true);
}

static void
remove_world(void)
{
	schedule_clear(&schedule);
	lanes_clear(&turns.lanes);
	queue_world_remove();
}

/* The answer to TEXT; lives until the next call. */
static const char *
ask(const char *text)
{
	static struct buf answer = BUF_INIT;
	struct inquiry inquiry = {
		.config = &config,
		.queue = queue_world,
		.schedule = &schedule,
		.turns = &turns,
	};
	struct queue_request request;

	buf_reset(&answer);
	ck_assert(queue_request_parse(text, strlen(text), &request));
	inquiry_answer(&inquiry, &request, &answer);
	ck_assert_uint_le(answer.size, QUEUE_ANSWER_MAX);
	ck_assert_int_eq(inquiry.rescan, strcmp(text, "look all") == 0);
	return answer.data;
}

/* Which of them are due now, hurried, afterwards. */
static const struct {
	const char *request;
	const char *answer;
	bool first, second, third;
} cases[] = {
	/* clang-format off */
	{ "flush campus.example",  "ok 1",   true,  false, false },
	{ "flush @campus.example", "ok 2",   true,  true,  false },
	{ "flush FAR.example",     "ok 1",   false, false, true },
	{ "flush other.example",   "ok 0",   false, false, false },
	{ "retry " SECOND,         "ok 1",   false, true,  false },
	{ "retry all",             "ok 3",   true,  true,  true },
	{ "retry " HELD,           "held",   false, false, false },
	{ "retry 0000000000000E",  "absent", false, false, false },
	/* clang-format on */
};

static bool
is_due(const char *id)
{
	const struct schedule_item *item = schedule_find(&schedule, id);

	return item->hurried && item->due <= schedule_now();
}

START_TEST(what_is_asked_for_is_due_now_and_nothing_else)
{
	ck_assert_str_eq(ask(cases[_i].request), cases[_i].answer);
	ck_assert_int_eq(is_due(FIRST), cases[_i].first);
	ck_assert_int_eq(is_due(SECOND), cases[_i].second);
	ck_assert_int_eq(is_due(THIRD), cases[_i].third);
	ck_assert_uint_eq(schedule_find(&schedule, HELD)->place, 0);
}
END_TEST

START_TEST(what_is_on_its_way_counts)
{
	struct schedule_item *item = schedule_find(&schedule, FIRST);

	schedule_step_out(&schedule, item);
	item->errand = turns_open(&turns, FIRST, "alice@x.example");
	turns_add(&turns, item->errand, "campus.example");
	turns_wait(&turns, item->errand);
	ck_assert_ptr_eq(turns_begin(&turns, 1), item->errand);
	ck_assert_str_eq(ask("flush campus.example"), "ok 1");
	ck_assert_str_eq(ask("retry " FIRST), "busy");
	ck_assert_uint_eq(item->place, 0);
	/* Nobody looks at what a delivery has. */
	ck_assert_str_eq(ask("look " FIRST), "ok");
	ck_assert_uint_eq(item->place, 0);
	(void)turns_end(&turns, item->errand, NULL);
	turns_close(&turns, item->errand);
}
END_TEST

START_TEST(what_waits_for_a_worker_is_about_to_be_tried)
{
	struct schedule_item *item = schedule_find(&schedule, FIRST);

	schedule_step_out(&schedule, item);
	item->errand = turns_open(&turns, FIRST, "alice@x.example");
	turns_add(&turns, item->errand, "campus.example");
	turns_wait(&turns, item->errand);
	ck_assert_str_eq(ask("flush campus.example"), "ok 1");
	ck_assert_str_eq(ask("retry " FIRST), "ok 1");
	turns_close(&turns, item->errand);
}
END_TEST

START_TEST(who_asks_for_mail_wakes_its_destination)
{
	struct lane *lane = lanes_use(&turns.lanes, "campus.example");
	const struct reply why = reply(451, "4.4.1 connect: refused");

	turns.lanes.nap = 100 * 1000;
	lane_begin(lane);
	ck_assert(lane_end(&turns.lanes, lane, &why, lane_clock()));
	ck_assert_ptr_nonnull(lane_asleep(lane, lane_clock()));
	ck_assert_str_eq(ask("flush campus.example"), "ok 1");
	ck_assert_ptr_null(lane_asleep(lane, lane_clock()));
	lanes_leave(&turns.lanes, lane);
}
END_TEST

START_TEST(while_not_all_is_read_no_number_is_said)
{
	schedule_add(&schedule, "0000000000000F", schedule_now() + 500 * 1000,
	    false);
	ck_assert_str_eq(ask("flush other.example"), "started");
	ck_assert(is_due("0000000000000F"));
	ck_assert(!is_due(FIRST));
	ck_assert_str_eq(ask("list alice@x.example"), "busy");
}
END_TEST

START_TEST(somebodys_list_is_his_and_nobody_elses)
{
	const char *answer = ask("list alice@x.example");

	ck_assert_int_eq(strncmp(answer, "ok 2\n", 5), 0);
	ck_assert_ptr_nonnull(strstr(answer, "\n" FIRST " 9"));
	ck_assert_ptr_nonnull(strstr(answer, "\n" THIRD " 9"));
	ck_assert_ptr_null(strstr(answer, SECOND));
	ck_assert_ptr_null(strstr(answer, HELD));
	/* Nothing in it can end a line or move a cursor. */
	ck_assert_ptr_nonnull(strstr(answer, " 33 1 1 "));
	ck_assert_ptr_nonnull(
	    strstr(answer, " 451 4.3.0 <bob@campus.example> ?? later"));
	answer = ask("list carol@x.example");
	ck_assert_ptr_nonnull(strstr(answer, " 1 1 held 451 "));
	ck_assert_str_eq(ask("list nobody@x.example"), "ok 0");
}
END_TEST

START_TEST(without_a_classroom_nobody_has_a_list)
{
	listener.leniency = STRICT;
	ck_assert_str_eq(ask("list alice@x.example"), "no");
}
END_TEST

START_TEST(a_long_list_shows_the_newest)
{
	const char *answer;
	size_t lines = 0;

	for (unsigned i = 0; i < 2 * QUEUE_LIST_MAX; i++) {
		char id[QUEUE_ID_SIZE + 8];
		struct queue_entry entry;

		snprintf(id, sizeof(id), "%014X", 0x1000 + i);
		add(id, "zoe@x.example", "bob@campus.example", false);
		/* The manager's memory is what counts: one a second. */
		ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
		entry.arrived = 1000 + i;
		schedule_note(&schedule, &entry);
		queue_entry_clear(&entry);
	}
	answer = ask("list zoe@x.example");
	ck_assert_int_eq(strncmp(answer, "ok 80\n0000000000104F ", 21), 0);
	ck_assert_ptr_nonnull(strstr(answer, "\n00000000001028 "));
	ck_assert_ptr_null(strstr(answer, "\n00000000001027 "));
	for (; *answer != '\0'; answer++)
		lines += *answer == '\n';
	ck_assert_uint_eq(lines, QUEUE_LIST_MAX);
}
END_TEST

START_TEST(a_look_is_at_once_and_not_hurried)
{
	ck_assert_str_eq(ask("look " HELD), "ok");
	ck_assert_int_le(schedule_find(&schedule, HELD)->due, schedule_now());
	ck_assert(!schedule_find(&schedule, HELD)->hurried);
	ck_assert_str_eq(ask("look all"), "ok");
}
END_TEST

Suite *
inquiry_suite(void)
{
	Suite *suite = suite_create("inquiry");
	TCase *tc = tcase_create("inquiry");

	tcase_add_checked_fixture(tc, make_world, remove_world);
	tcase_add_loop_test(tc, what_is_asked_for_is_due_now_and_nothing_else,
	    0, COUNT(cases));
	tcase_add_test(tc, what_is_on_its_way_counts);
	tcase_add_test(tc, what_waits_for_a_worker_is_about_to_be_tried);
	tcase_add_test(tc, who_asks_for_mail_wakes_its_destination);
	tcase_add_test(tc, while_not_all_is_read_no_number_is_said);
	tcase_add_test(tc, somebodys_list_is_his_and_nobody_elses);
	tcase_add_test(tc, without_a_classroom_nobody_has_a_list);
	tcase_add_test(tc, a_long_list_shows_the_newest);
	tcase_add_test(tc, a_look_is_at_once_and_not_hurried);
	suite_add_tcase(suite, tc);
	return suite;
}
