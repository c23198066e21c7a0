/*
 * check_queue.c - the queue's files: made, read, appended to, replaced.
 *
 * The text that must come out, and the texts that must be understood, are
 * those of docs/QUEUE.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "smtpd/queue.h"
#include "tests/check_folder.h"
#include "tests/check_queue_world.h"
#include "tests/suites.h"

static const char id[] = QUEUE_TEST_ID;

static struct queue_entry
make_entry(void)
{
	struct queue_entry entry;

	queue_entry_init(&entry, id,
	    &(struct queue_origin){
		.sender = "alice@campus.example",
		.parameters = "BODY=8BITMIME",
		.peer = "127.0.0.1",
		.helo = "my desk\r\n100% \xE9",
		.login = "alice@campus.example",
		.protocol = "ESMTPSA",
		.tls = "TLS1.3 with cipher X (256/256 bits)",
	    });
	entry.arrived = 1795313597;
	queue_entry_add(&entry, "bob@campus.example", "Bob+x@campus.example")
	    ->local = true;
	queue_entry_add(&entry, "\"a b\"@far.example", "");
	return entry;
}

static const char text[] =
    "postlab-queue 1\n"
    "id 3F2A9C01B7D4E5\n"
    "arrived 1795313597\n"
    "size 33\n"
    "sender alice@campus.example\n"
    "parameters BODY=8BITMIME\n"
    "peer 127.0.0.1\n"
    "helo my desk%0D%0A100%25 %E9\n"
    "login alice@campus.example\n"
    "protocol ESMTPSA\n"
    "tls TLS1.3 with cipher X (256/256 bits)\n"
    "rcpt 0 bob@campus.example local orig=Bob+x@campus.example\n"
    "rcpt 1 \"a%20b\"@far.example remote\n"
    "end\n";

/* Commits make_entry(), the manager takes it in; the lock's descriptor. */
static int
commit(int message_fd)
{
	struct queue_entry entry = make_entry();
	int fd = queue_commit(incoming_world, &entry, message_fd);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(queue_take_in(queue_world, id), 0);
	ck_assert_int_eq(entry.size, (int64_t)strlen(queue_test_text));
	queue_entry_clear(&entry);
	close(message_fd);
	return fd;
}

START_TEST(a_committed_message_is_two_files_a_person_can_read)
{
	close(commit(queue_test_in_memory()));
	ck_file(QUEUE_TEST_ENV, text);
	ck_file(QUEUE_TEST_MSG, queue_test_text);
}
END_TEST

START_TEST(a_large_spool_file_gets_a_name_and_is_not_copied)
{
	int spool = queue_test_without_name();
	struct stat before;
	struct stat after;

	ck_assert_int_eq(fstat(spool, &before), 0);
	close(commit(spool));
	ck_assert_int_eq(stat(QUEUE_TEST_MSG, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_file(QUEUE_TEST_MSG, queue_test_text);
}
END_TEST

START_TEST(what_was_written_is_what_is_read)
{
	struct queue_entry entry;

	close(commit(queue_test_in_memory()));
	ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
	ck_assert_str_eq(entry.id, id);
	ck_assert_int_eq(entry.arrived, 1795313597);
	ck_assert_int_eq(entry.size, (int64_t)strlen(queue_test_text));
	ck_assert_str_eq(entry.sender, "alice@campus.example");
	ck_assert_str_eq(entry.parameters, "BODY=8BITMIME");
	ck_assert_str_eq(entry.helo, "my desk\r\n100% \xE9");
	ck_assert_str_eq(entry.login, "alice@campus.example");
	ck_assert_str_eq(entry.protocol, "ESMTPSA");
	ck_assert_str_eq(entry.tls, "TLS1.3 with cipher X (256/256 bits)");
	ck_assert_uint_eq(entry.recipient_count, 2);
	ck_assert_str_eq(entry.recipients[0].address, "bob@campus.example");
	ck_assert_str_eq(entry.recipients[0].original, "Bob+x@campus.example");
	ck_assert(entry.recipients[0].local);
	ck_assert_str_eq(entry.recipients[1].address, "\"a b\"@far.example");
	ck_assert_str_eq(entry.recipients[1].original, "");
	ck_assert(!entry.recipients[1].local);
	ck_assert_int_eq(entry.attempts, 0);
	ck_assert(!entry.held && !entry.withdrawn);
	queue_entry_clear(&entry);
}
END_TEST

START_TEST(the_session_holds_the_lock_until_it_closes_the_envelope)
{
	struct queue_entry entry;
	int fd = commit(queue_test_in_memory());
	int other;

	ck_assert_int_eq(queue_read(queue_world, id, true, &entry), -1);
	ck_assert_int_eq(errno, EWOULDBLOCK);
	queue_entry_clear(&entry);
	/* To look is always allowed. */
	ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
	queue_entry_clear(&entry);
	close(fd);
	other = queue_read(queue_world, id, true, &entry);
	ck_assert_int_ne(other, -1);
	close(other);
	queue_entry_clear(&entry);
}
END_TEST

START_TEST(outcomes_are_appended_and_the_last_word_counts)
{
	const struct reply later = reply(452, "4.3.1 no\nspace");
	const struct reply done = reply(250, "2.1.5 Ok");
	const struct reply never = reply(550, "5.1.1 nobody");
	struct queue_entry entry;
	int fd = commit(queue_test_in_memory());

	ck_assert_int_eq(queue_result(fd, 0, &later), 0);
	ck_assert_int_eq(queue_result(fd, 1, &never), 0);
	ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
	ck_assert_int_eq(entry.recipients[0].state, RCPT_PENDING);
	ck_assert_str_eq(entry.recipients[0].last.text, later.text);
	ck_assert_int_eq(entry.recipients[1].state, RCPT_FAILED);
	queue_entry_clear(&entry);

	ck_assert_int_eq(queue_result(fd, 0, &done), 0);
	ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
	ck_assert_int_eq(entry.recipients[0].state, RCPT_DONE);
	ck_assert_int_eq(entry.recipients[0].last.code, 250);
	ck_assert_uint_eq(queue_count(&entry, RCPT_FAILED), 1);
	ck_assert_int_eq(entry.appended, 3);
	queue_entry_clear(&entry);
	close(fd);
}
END_TEST

START_TEST(a_withdrawn_message_is_owed_to_nobody)
{
	struct queue_entry entry;
	int fd = commit(queue_test_in_memory());

	ck_assert_int_eq(queue_withdraw(fd), 0);
	close(fd);
	ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
	ck_assert(entry.withdrawn);
	queue_entry_clear(&entry);
}
END_TEST

START_TEST(an_attempt_is_remembered_with_the_time_of_the_next)
{
	struct queue_entry entry = make_entry();
	int message_fd = queue_test_in_memory();
	int fd = queue_commit(incoming_world, &entry, message_fd);

	entry.attempts = 3;
	entry.next = 1795317197;
	ck_assert_int_eq(queue_results(fd, &entry), 0);
	close(fd);
	close(message_fd);
	queue_entry_clear(&entry);
	ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
	ck_assert_int_eq(entry.attempts, 3);
	ck_assert_int_eq(entry.next, 1795317197);
	queue_entry_clear(&entry);
}
END_TEST

/* Minutes until the next attempt, for 5 and 60. */
static const int waits[] = { 5, 10, 20, 40, 60, 60, 60 };

START_TEST(the_wait_doubles_up_to_its_limit)
{
	const struct patience patience = { .retry_min = 300,
		.retry_max = 3600 };
	struct queue_entry entry = make_entry();
	int64_t now = time(NULL);

	for (size_t i = 0; i < COUNT(waits); i++) {
		queue_put_off(&entry, &patience);
		ck_assert_int_eq(entry.attempts, (int)i + 1);
		ck_assert_int_ge(entry.next, now + waits[i] * 60);
		ck_assert_int_le(entry.next, now + waits[i] * 60 + 5);
	}
	queue_entry_clear(&entry);
}
END_TEST

START_TEST(a_replaced_envelope_says_the_same_in_fewer_lines)
{
	const struct reply later = reply(452, "4.3.1 no space");
	struct queue_entry entry;
	int fd = commit(queue_test_in_memory());

	for (int i = 0; i < 50; i++)
		ck_assert_int_eq(queue_result(fd, 0, &later), 0);
	close(fd);
	fd = queue_read(queue_world, id, true, &entry);
	ck_assert_int_eq(entry.appended, 50);
	entry.attempts = 50;
	entry.next = 99;
	entry.held = true;
	ck_assert_int_eq(queue_update(queue_world, &entry), 0);
	close(fd);
	queue_entry_clear(&entry);

	ck_assert_int_eq(queue_read(queue_world, id, false, &entry), 0);
	ck_assert_int_eq(entry.appended, 3);
	ck_assert_int_eq(entry.attempts, 50);
	ck_assert_int_eq(entry.next, 99);
	ck_assert(entry.held);
	ck_assert_str_eq(entry.recipients[0].last.text, later.text);
	queue_entry_clear(&entry);
	ck_assert_int_eq(access("queue/3F2A9C01B7D4E5.new", F_OK), -1);
}
END_TEST

START_TEST(the_lock_of_a_replaced_envelope_is_worth_nothing)
{
	struct queue_entry entry;
	int old;
	int fd;

	close(commit(queue_test_in_memory()));
	old = open(QUEUE_TEST_ENV, O_RDWR | O_CLOEXEC);
	fd = queue_read(queue_world, id, true, &entry);
	ck_assert_int_eq(queue_update(queue_world, &entry), 0);
	close(fd);
	queue_entry_clear(&entry);
	/* Somebody who opened it before may have this lock; we do not care. */
	ck_assert_int_eq(flock(old, LOCK_EX | LOCK_NB), 0);
	fd = queue_read(queue_world, id, true, &entry);
	ck_assert_int_ne(fd, -1);
	close(fd);
	close(old);
	queue_entry_clear(&entry);
}
END_TEST

static int
count_one(void *arg, const char *found)
{
	int *count = arg;

	ck_assert_str_eq(found, id);
	++*count;
	return 0;
}

START_TEST(a_scan_finds_envelopes_and_nothing_else)
{
	int count = 0;

	close(commit(queue_test_in_memory()));
	folder_write("queue/3F2A9C01B7D4E6.msg", "");
	folder_write("queue/3f2a9c01b7d4e5.env", "");
	folder_write("queue/3F2A9C01B7D4E5F.env", "");
	folder_write("queue/3F2A9C01B7D4E7.env~", "");
	folder_write("queue/manager.lock", "");
	ck_assert_int_eq(queue_scan(queue_world, count_one, &count), 0);
	ck_assert_int_eq(count, 1);
}
END_TEST

START_TEST(removing_takes_both_files)
{
	close(commit(queue_test_in_memory()));
	ck_assert_int_eq(queue_remove(queue_world, id), 0);
	ck_assert_int_eq(access(QUEUE_TEST_ENV, F_OK), -1);
	ck_assert_int_eq(access(QUEUE_TEST_MSG, F_OK), -1);
	ck_assert_int_eq(queue_remove(queue_world, id), 0);
}
END_TEST

START_TEST(only_old_messages_without_envelope_are_cleaned_away)
{
	close(commit(queue_test_in_memory()));
	folder_write("queue/00000000000001.msg", "never acknowledged");
	folder_write("queue/00000000000002.new", "half a replacement");
	folder_write("queue/00000000000003.env", "damaged");
	queue_clean(queue_world, 3600);
	ck_assert_int_eq(access("queue/00000000000001.msg", F_OK), 0);
	ck_assert_int_eq(access("queue/00000000000002.new", F_OK), 0);
	queue_clean(queue_world, -2);
	ck_assert_int_eq(access("queue/00000000000001.msg", F_OK), -1);
	ck_assert_int_eq(access("queue/00000000000002.new", F_OK), -1);
	ck_assert_int_eq(access("queue/00000000000003.env", F_OK), 0);
	ck_assert_int_eq(access(QUEUE_TEST_ENV, F_OK), 0);
	ck_assert_int_eq(access(QUEUE_TEST_MSG, F_OK), 0);
}
END_TEST

START_TEST(ids_are_fourteen_digits_and_differ)
{
	char a[QUEUE_ID_SIZE];
	char b[QUEUE_ID_SIZE];

	queue_new_id(a);
	queue_new_id(b);
	ck_assert(queue_is_id(a));
	ck_assert_str_ne(a, b);
	ck_assert(!queue_is_id("../../../../x1"));
	ck_assert(!queue_is_id(""));
}
END_TEST

Suite *
queue_suite(void)
{
	Suite *suite = suite_create("queue");
	TCase *tc = tcase_create("queue");

	tcase_add_checked_fixture(tc, queue_world_make, queue_world_remove);
	tcase_add_test(tc, a_committed_message_is_two_files_a_person_can_read);
	tcase_add_test(tc, a_large_spool_file_gets_a_name_and_is_not_copied);
	tcase_add_test(tc, what_was_written_is_what_is_read);
	tcase_add_test(tc,
	    the_session_holds_the_lock_until_it_closes_the_envelope);
	tcase_add_test(tc, outcomes_are_appended_and_the_last_word_counts);
	tcase_add_test(tc, a_withdrawn_message_is_owed_to_nobody);
	tcase_add_test(tc, an_attempt_is_remembered_with_the_time_of_the_next);
	tcase_add_test(tc, the_wait_doubles_up_to_its_limit);
	tcase_add_test(tc, a_replaced_envelope_says_the_same_in_fewer_lines);
	tcase_add_test(tc, the_lock_of_a_replaced_envelope_is_worth_nothing);
	tcase_add_test(tc, a_scan_finds_envelopes_and_nothing_else);
	tcase_add_test(tc, removing_takes_both_files);
	tcase_add_test(tc, only_old_messages_without_envelope_are_cleaned_away);
	tcase_add_test(tc, ids_are_fourteen_digits_and_differ);
	suite_add_tcase(suite, tc);
	return suite;
}
