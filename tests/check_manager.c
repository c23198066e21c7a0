/*
 * check_manager.c - the queue manager delivers what waits, whatever happens.
 *
 * The recipients are those of check_smtpd_world.h.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "smtpd/queue_request.h"
#include "smtpd/schedule.h"
#include "tests/check_manager_world.h"
#include "tests/check_smtpd_world.h"
#include "tests/suites.h"

START_TEST(the_manager_delivers_what_was_queued_before_and_after_its_start)
{
	struct queue_entry first, second;

	world_take("bob", &first);
	world_start_mda();
	manager_test_start();
	manager_test_await(0);
	ck_assert_int_eq(world_delivered(first.id), 1);
	world_take("bob later alice", &second);
	ck_assert_int_eq(world_delivered(second.id), 2);
	manager_test_await(1);
	manager_test_stop();
	/* The manager may have ended before it took it in. */
	ck_assert_int_eq(world_count("queue", ".msg") +
		world_count("queue/incoming", ".msg"),
	    1);
	queue_entry_clear(&first);
	queue_entry_clear(&second);
}
END_TEST

START_TEST(the_manager_hurries_when_mda_is_back)
{
	struct queue_entry envelope;

	world_config.queue_retry_min = 1000;
	world_config.queue_retry_max = 1000;
	manager_test_start();
	manager_test_is_there();
	world_take("bob", &envelope);
	manager_test_await(1);
	sleep(1);
	world_start_mda();
	manager_test_await(0);
	ck_assert_int_eq(world_delivered(envelope.id), 1);
	manager_test_stop();
	queue_entry_clear(&envelope);
}
END_TEST

/* It was told that mda is away, and commits when the first hurry is over. */
START_TEST(what_comes_just_after_mda_is_back_does_not_wait_for_its_time)
{
	const struct patience patience = { .retry_min = 1000,
		.retry_max = 1000 };
	struct queue_entry envelope;
	int message;

	world_config.queue_retry_min = 1000;
	world_config.queue_retry_max = 1000;
	manager_test_start();
	manager_test_is_there();
	world_start_mda();
	sleep(2);
	envelope = world_envelope("bob");
	queue_put_off(&envelope, &patience);
	message = world_message();
	close(queue_commit(world_service.incoming, &envelope, message));
	close(message);
	manager_test_await(0);
	ck_assert_int_eq(world_delivered(envelope.id), 1);
	manager_test_stop();
	queue_entry_clear(&envelope);
}
END_TEST

START_TEST(times_are_waited_for_in_bounded_steps)
{
	const int64_t now = 1795313597123;

	ck_assert_int_eq(schedule_wait(now, now), 0);
	ck_assert_int_eq(schedule_wait(now - 9, now), 0);
	ck_assert_int_eq(schedule_wait(now + 2000, now), 2000);
	/* A clock that was years ahead: an hour, and no overflow. */
	ck_assert_int_eq(schedule_wait(now + 100000000000, now), 3600 * 1000);
}
END_TEST

START_TEST(a_clock_set_back_is_noticed_once)
{
	struct schedule schedule = { .clock = 0 };

	ck_assert(schedule_clock(&schedule, 1000));
	ck_assert(schedule_clock(&schedule, 1000));
	ck_assert(!schedule_clock(&schedule, 999));
	schedule_clear(&schedule);
	ck_assert(schedule_clock(&schedule, 999));
	ck_assert(!schedule_clock(&schedule, 998));
}
END_TEST

START_TEST(the_manager_tidies_up_what_is_over)
{
	struct queue_entry done, refused;

	world_start_mda();
	world_take("bob alice", &done);
	world_take("never bigfull", &refused);
	ck_assert_int_eq(world_count("queue/incoming", ".env"), 2);
	manager_test_start();
	manager_test_await(0);
	ck_assert_int_eq(world_count("queue", ".msg"), 0);
	ck_assert_int_eq(world_delivered("@"), 2);
	manager_test_stop();
	queue_entry_clear(&done);
	queue_entry_clear(&refused);
}
END_TEST

START_TEST(a_killed_manager_loses_nothing)
{
	enum { MESSAGES = 20 };
	struct queue_entry envelopes[MESSAGES];

	for (int i = 0; i < MESSAGES; i++)
		ck_assert_int_eq(world_take("bob", &envelopes[i]).code, 250);
	world_start_mda();
	for (int round = 0; round < 5; round++) {
		const struct timespec moment = { .tv_nsec = 3 * 1000 * 1000 };

		manager_test_start();
		nanosleep(&moment, NULL);
		kill(manager_pid, SIGKILL);
		waitpid(manager_pid, NULL, 0);
		close(manager_channel);
	}
	manager_test_start();
	manager_test_await(0);
	manager_test_stop();
	for (int i = 0; i < MESSAGES; i++) {
		ck_assert_int_ge(world_delivered(envelopes[i].id), 1);
		queue_entry_clear(&envelopes[i]);
	}
}
END_TEST

START_TEST(a_second_manager_waits_for_the_first)
{
	struct queue_entry envelope;
	pid_t first;
	int first_channel;

	world_take("bob", &envelope);
	manager_test_start();
	first = manager_pid;
	first_channel = manager_channel;
	usleep(200 * 1000);
	manager_test_start();
	close(first_channel);
	ck_assert_int_eq(waitpid(first, NULL, 0), first);
	/* Only the second one can be at work now. */
	world_start_mda();
	manager_test_await(0);
	ck_assert_int_eq(world_delivered(envelope.id), 1);
	queue_entry_clear(&envelope);
	manager_test_stop();
}
END_TEST

START_TEST(a_damaged_envelope_is_left_alone)
{
	const char text[] = "postlab-queue 1\nid 3F2A9C01B7D4E5\n";
	int fd = open("queue/3F2A9C01B7D4E5.env",
	    O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct queue_entry envelope;

	ck_assert_int_eq(write_all(fd, text, strlen(text)), 0);
	close(fd);
	world_start_mda();
	manager_test_start();
	world_take("bob alice", &envelope);
	manager_test_await(1);
	ck_assert_int_eq(access("queue/3F2A9C01B7D4E5.env", F_OK), 0);
	manager_test_stop();
	queue_entry_clear(&envelope);
}
END_TEST

Suite *
manager_suite(void)
{
	Suite *suite = suite_create("manager");
	TCase *tc = tcase_create("manager");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, smtpd_world_make, smtpd_world_remove);
	tcase_add_test(tc,
	    the_manager_delivers_what_was_queued_before_and_after_its_start);
	tcase_add_test(tc, the_manager_hurries_when_mda_is_back);
	tcase_add_test(tc,
	    what_comes_just_after_mda_is_back_does_not_wait_for_its_time);
	tcase_add_test(tc, times_are_waited_for_in_bounded_steps);
	tcase_add_test(tc, a_clock_set_back_is_noticed_once);
	tcase_add_test(tc, the_manager_tidies_up_what_is_over);
	tcase_add_test(tc, a_killed_manager_loses_nothing);
	tcase_add_test(tc, a_second_manager_waits_for_the_first);
	tcase_add_test(tc, a_damaged_envelope_is_left_alone);
	suite_add_tcase(suite, tc);
	return suite;
}
