/*
 * check_queue_incoming.c - from queue/incoming into the queue.
 *
 * What a session worker that was taken over could put there must not bring it
 * anybody's mail.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "smtpd/queue.h"
#include "tests/check_folder.h"
#include "tests/check_queue_world.h"
#include "tests/suites.h"

static const char id[] = QUEUE_TEST_ID;

static int
count_one(void *arg, const char *found)
{
	int *count = arg;

	ck_assert_str_eq(found, id);
	++*count;
	return 0;
}

/* How many envelopes a scan finds. */
static int
count_envelopes(void)
{
	int count = 0;

	ck_assert_int_eq(queue_scan(queue_world, count_one, &count), 0);
	return count;
}

START_TEST(what_was_committed_is_listed_and_shown_before_it_is_taken_in)
{
	struct queue_entry entry;
	int message;

	close(queue_test_commit(queue_test_in_memory()));
	ck_assert_int_eq(count_envelopes(), 1);
	ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
	queue_entry_clear(&entry);
	message = queue_open_message(queue_world, id);
	ck_assert_int_ne(message, -1);
	close(message);
	/* But only what was taken in is delivered. */
	ck_assert_int_eq(queue_read(queue_world, id, true, &entry), -1);
	ck_assert_int_eq(errno, ENOENT);
	queue_entry_clear(&entry);
	/* The moment between the manager's two moves. */
	ck_assert_int_eq(rename("queue/incoming/3F2A9C01B7D4E5.msg",
			     QUEUE_TEST_MSG),
	    0);
	ck_assert_int_eq(count_envelopes(), 1);
	ck_assert_int_eq(queue_take_in(queue_world, id), 0);
	ck_assert_int_eq(count_envelopes(), 1);
	ck_assert_int_eq(queue_take_in(queue_world, id), -1);
}
END_TEST

#define OTHER "00000000000009"

static void
write_other(const char *words)
{
	folder_write("queue/incoming/" OTHER ".env", words);
}

/* Before the message is moved, and in the moment between the two moves. */
START_TEST(a_message_linked_under_another_envelope_is_never_taken_in)
{
	struct queue_entry entry;

	close(queue_test_commit(queue_test_in_memory()));
	ck_assert_int_eq(link("queue/incoming/" QUEUE_TEST_ID ".msg",
			     "queue/incoming/" OTHER ".msg"),
	    0);
	write_other("an envelope of the thief");
	if (_i == 1)
		ck_assert_int_eq(rename("queue/incoming/" OTHER ".msg",
				     "queue/" OTHER ".msg"),
		    0);
	ck_assert_int_eq(queue_take_in(queue_world, OTHER), -1);
	ck_assert_int_eq(access("queue/" OTHER ".env", F_OK), -1);
	ck_assert_int_eq(queue_read(queue_world, OTHER, true, &entry), -1);
	ck_assert_int_eq(errno, ENOENT);
	queue_entry_clear(&entry);
	/* Nor is it cleaned away: it is somebody's mail. */
	queue_clean(queue_world, -2);
	ck_assert_int_eq(queue_take_in(queue_world, id), -1);
	ck_assert_int_eq(access("queue/incoming/" QUEUE_TEST_ID ".env", F_OK),
	    0);
	ck_file(QUEUE_TEST_MSG, queue_test_text);
}
END_TEST

/* Whether the envelope in queue/ is the one that was committed. */
static bool
queue_has_ours(void)
{
	struct queue_entry entry;
	int lock = queue_read(queue_world, id, true, &entry);

	queue_entry_clear(&entry);
	return lock != -1 && close(lock) == 0;
}

START_TEST(a_name_that_the_queue_has_is_not_taken_again)
{
	close(queue_test_commit(queue_test_in_memory()));
	ck_assert_int_eq(queue_take_in(queue_world, id), 0);
	folder_write("queue/incoming/" QUEUE_TEST_ID ".env", "another");
	ck_assert_int_eq(queue_take_in(queue_world, id), -1);
	ck_assert(queue_has_ours());
	folder_write("queue/incoming/" QUEUE_TEST_ID ".msg", "another");
	ck_assert_int_eq(queue_take_in(queue_world, id), -1);
	ck_file(QUEUE_TEST_MSG, queue_test_text);
}
END_TEST

START_TEST(what_is_no_file_is_not_taken_in)
{
	ck_assert_int_eq(mkdir("queue/incoming/" OTHER ".msg", 0700), 0);
	write_other("x");
	ck_assert_int_eq(queue_take_in(queue_world, OTHER), -1);
	ck_assert_int_eq(access("queue/" OTHER ".env", F_OK), -1);
}
END_TEST

Suite *
queue_incoming_suite(void)
{
	Suite *suite = suite_create("queue_incoming");
	TCase *tc = tcase_create("queue_incoming");

	tcase_add_checked_fixture(tc, queue_world_make, queue_world_remove);
	tcase_add_test(tc,
	    what_was_committed_is_listed_and_shown_before_it_is_taken_in);
	tcase_add_loop_test(tc,
	    a_message_linked_under_another_envelope_is_never_taken_in, 0, 2);
	tcase_add_test(tc, a_name_that_the_queue_has_is_not_taken_again);
	tcase_add_test(tc, what_is_no_file_is_not_taken_in);
	suite_add_tcase(suite, tc);
	return suite;
}
