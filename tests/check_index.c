/*
 * check_index.c - the index of a mailbox in good health: what it holds, and
 * that it follows what happens in the folders.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/db.h"
#include "maildir/index.h"
#include "tests/check_box.h"
#include "tests/suites.h"

enum { NOBODY = 65534 };

static const struct delivery envelope = {
	.sender = "alice@campus.example",
	.recipient = "Bob@campus.example",
	.helo = "desk",
	.peer = "127.0.0.1",
	.login = "alice@campus.example",
	.protocol = "ESMTPSA",
	.tls = "TLS1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
	.queue_id = "3F2A9C01B7D4E5",
};

static const char mail[] = "From: =?UTF-8?Q?J=C3=B6rg?= <j@campus.example>\n"
			   "To: bob@campus.example\n"
			   "Subject: =?ISO-8859-1?Q?Cami=F3n?=\n"
			   "Message-ID: <one@campus.example>\n"
			   "Date: Thu, 19 Nov 2026 10:21:04 +0000\n"
			   "\n"
			   "text\n";

static int
check_whole_entry(void *arg, const struct index_entry *entry)
{
	++*(int *)arg;
	ck_assert_int_eq(entry->uid, 1);
	ck_assert_str_eq(entry->name, box_name);
	ck_assert(entry->in_new);
	ck_assert_int_eq(entry->octets, (int)sizeof(mail) - 1 + 7);
	ck_assert_int_le(llabs(entry->received - time(NULL)), 60);
	ck_assert_int_eq(entry->date, 1795083664);
	ck_assert_str_eq(entry->flags, "");
	ck_assert_str_eq(entry->from, "J\xC3\xB6rg <j@campus.example>");
	ck_assert_str_eq(entry->to, "bob@campus.example");
	ck_assert_str_eq(entry->subject, "Cami\xC3\xB3n");
	ck_assert_str_eq(entry->message_id, "one@campus.example");
	ck_assert_int_eq(entry->attachments, 0);
	ck_assert_str_eq(entry->delivery.sender, envelope.sender);
	ck_assert_str_eq(entry->delivery.recipient, envelope.recipient);
	ck_assert_str_eq(entry->delivery.helo, envelope.helo);
	ck_assert_str_eq(entry->delivery.peer, envelope.peer);
	ck_assert_str_eq(entry->delivery.login, envelope.login);
	ck_assert_str_eq(entry->delivery.protocol, envelope.protocol);
	ck_assert_str_eq(entry->delivery.tls, envelope.tls);
	ck_assert_str_eq(entry->delivery.queue_id, envelope.queue_id);
	return 0;
}

START_TEST(a_delivery_is_listed_with_header_and_envelope)
{
	struct index *index = index_open(&box);
	int count = 0;

	box_deliver(index, mail, &envelope);
	ck_assert_int_eq(index_list(index, check_whole_entry, &count), 0);
	ck_assert_int_eq(count, 1);
	index_close(index);
	/* And by the next process. */
	index = index_open(&box);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(index_list(index, check_whole_entry, &count), 0);
	ck_assert_int_eq(count, 2);
	index_close(index);
}
END_TEST

START_TEST(a_message_that_was_found_first_still_gets_its_envelope)
{
	struct index *index = index_open(&box);
	int count = 0;
	int fd;

	box_deliver(NULL, mail, NULL);
	ck_assert_int_eq(index_sync(index, &box), 0);
	fd = openat(box.new, box_name, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(index_add(index, box_name, fd, &envelope), 0);
	close(fd);
	ck_assert_int_eq(index_list(index, check_whole_entry, &count), 0);
	ck_assert_int_eq(count, 1);
	index_close(index);
}
END_TEST

START_TEST(a_message_that_was_delivered_keeps_its_envelope_when_it_is_found)
{
	struct index *index = index_open(&box);
	int count = 0;

	box_deliver(index, mail, &envelope);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(index_list(index, check_whole_entry, &count), 0);
	ck_assert_int_eq(count, 1);
	index_close(index);
}
END_TEST

START_TEST(what_other_programs_put_move_and_remove_is_followed)
{
	struct index *index = index_open(&box);

	box_put("cur/1700000003.c:2,S", "Subject: c\n\n");
	box_put("new/1700000001.a", "Subject: a\n\n");
	box_put("new/1700000002.b", "Subject: b\n\n");
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_str_eq(box_contents(index),
	    "new/1700000001.a[] new/1700000002.b[] cur/1700000003.c:2,S[S] ");

	ck_assert_int_eq(renameat(box.new, "1700000002.b", box.cur,
			     "1700000002.b:2,FS"),
	    0);
	ck_assert_int_eq(unlinkat(box.new, "1700000001.a", 0), 0);
	box_put("new/1600000000.d", "Subject: old, but it came last\n\n");
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_str_eq(box_contents(index),
	    "cur/1700000002.b:2,FS[FS] cur/1700000003.c:2,S[S] "
	    "new/1600000000.d[] ");
	index_close(index);
}
END_TEST

START_TEST(what_the_caller_did_is_told_without_a_sync)
{
	struct index *index = index_open(&box);

	box_put("new/1.a,S=5,W=6", "text\n");
	box_put("new/2.b", "text\n");
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(index_begin(index), 0);
	ck_assert_int_eq(index_renamed(index, false, "1.a,S=5,W=6:2,S"), 0);
	ck_assert_int_eq(index_removed(index, "2.b:2,whatever"), 0);
	ck_assert_int_eq(index_commit(index), 0);
	ck_assert_str_eq(box_contents(index), "cur/1.a,S=5,W=6:2,S[S] ");
	index_close(index);
}
END_TEST

START_TEST(a_message_in_both_folders_is_one_message)
{
	struct index *index = index_open(&box);

	box_put("new/1.a", "text\n");
	ck_assert_int_eq(linkat(box.new, "1.a", box.cur, "1.a:2,S", 0), 0);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_str_eq(box_contents(index), "cur/1.a:2,S[S] ");
	index_close(index);
}
END_TEST

START_TEST(a_rebuilt_index_lists_in_order_of_arrival)
{
	struct index *index;

	box_put("cur/1700000002.b:2,", "text\n");
	box_put("new/1700000003.M000002P1.x", "text\n");
	box_put("new/1700000003.M000001P1.x", "text\n");
	box_put("cur/900000000.z:2,", "text\n");
	index = index_open(&box);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_str_eq(box_contents(index),
	    "cur/900000000.z:2,[] cur/1700000002.b:2,[] "
	    "new/1700000003.M000001P1.x[] new/1700000003.M000002P1.x[] ");
	index_close(index);
}
END_TEST

/*
 * File systems count time in steps: what comes now may leave the folder the
 * times that it has.
 */
START_TEST(a_folder_that_has_just_changed_is_read_again)
{
	const struct timespec old[2] = { { 1700000000, 5 }, { 1700000000, 5 } };
	struct index *index = index_open(&box);

	box_settle();
	box_put("new/1.a", "text\n");
	/* Again when the machine was too busy. */
	do {
		ck_assert_int_eq(futimens(box.new, _i == 0 ? NULL : old), 0);
		ck_assert_int_eq(index_sync(index, &box), 0);
	} while (!box_has_just_changed(box.new));
	/* Proof: a row that is missing is missed. */
	ck_assert_int_eq(index_removed(index, "1.a"), 0);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(box_count(index), 1);
	index_close(index);
}
END_TEST

START_TEST(foreign_files_are_measured_and_odd_ones_left_out)
{
	struct index *index = index_open(&box);

	box_put("new/1.a", "one\ntwo\n");
	box_put("new/2.b,W=77", "the name is believed\n");
	box_put("new/3.c,S=2,W=3", "it was edited by hand\n");
	ck_assert_int_eq(mkfifoat(box.new, "3.fifo", 0600), 0);
	ck_assert_int_eq(symlinkat("/etc/passwd", box.new, "4.link"), 0);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_str_eq(box_contents(index),
	    "new/1.a[] new/2.b,W=77[] new/3.c,S=2,W=3[] ");
	ck_assert_str_eq(box_sizes(index), "10 77 23 ");
	index_close(index);
}
END_TEST

/* Many processes deliver at once, with the index that none has made yet. */
START_TEST(deliveries_of_many_processes_all_come_into_the_index)
{
	enum { PROCESSES = 40, EACH = 10 };
	struct index *index;
	int status;

	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			index = index_open(&box);
			for (int j = 0; j < EACH && index != NULL; j++)
				box_deliver(index, mail, &envelope);
			index_close(index);
			_exit(index == NULL);
		}
	for (int i = 0; i < PROCESSES; i++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	index = index_open(&box);
	/* Without a sync: what was told, not what is found. */
	ck_assert_int_eq(box_count(index), PROCESSES * EACH);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(box_count(index), PROCESSES * EACH);
	index_close(index);
}
END_TEST

static int
stop_at_two(void *arg, const struct index_entry *entry)
{
	(void)entry;
	return ++*(int *)arg == 2 ? 42 : 0;
}

START_TEST(a_list_stops_when_it_is_told_to)
{
	struct index *index = index_open(&box);
	int count = 0;

	for (int i = 0; i < 4; i++)
		box_deliver(index, mail, &envelope);
	ck_assert_int_eq(index_list(index, stop_at_two, &count), 42);
	ck_assert_int_eq(count, 2);
	/* And can be run again. */
	ck_assert_int_eq(box_count(index), 4);
	index_close(index);
}
END_TEST

START_TEST(the_maildir_may_be_closed_before_its_index)
{
	struct maildir other;
	struct index *index;

	ck_assert_int_eq(maildir_open(AT_FDCWD, "box", false, &other), 0);
	index = index_open(&other);
	maildir_close(&other);
	ck_assert_int_eq(index_sync(index, &box), 0);
	box_deliver(index, mail, &envelope);
	ck_assert_int_eq(box_count(index), 1);
	index_close(index);
}
END_TEST

static void
give(const char *path)
{
	ck_assert_int_eq(chown(path, NOBODY, NOBODY), 0);
}

/* What its owner sees of the mailbox, as an exit status: 0 is all right. */
static int
use_as_owner(void)
{
	struct index *index;
	int count;

	if (setresgid(NOBODY, NOBODY, NOBODY) == -1 ||
	    setresuid(NOBODY, NOBODY, NOBODY) == -1)
		return 1;
	index = index_open(&box);
	if (index == NULL)
		return 2;
	if (index_sync(index, &box) == -1)
		return 3;
	count = box_count(index);
	index_close(index);
	return count == 1 ? 0 : 4;
}

/* An operator's restore, or a reader run by root. */
START_TEST(another_users_index_in_our_mailbox_is_set_aside)
{
	struct index *index;
	int status;
	pid_t pid;

	if (geteuid() != 0)
		return;
	index = index_open(&box);
	box_deliver(index, mail, &envelope);
	index_close(index);
	ck_assert_int_eq(access("box/index.sqlite-wal", F_OK), 0);
	give("box");
	give("box/new");
	give("box/cur");
	give("box/tmp");
	ck_assert_int_eq(fchownat(box.new, box_name, NOBODY, NOBODY, 0), 0);
	if (_i == 1) /* what lies beside it alone is root's */
		give("box/index.sqlite");
	pid = fork();
	if (pid == 0)
		_exit(use_as_owner());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(access("box/index.sqlite.bad", F_OK) == 0, _i == 0);
}
END_TEST

Suite *
index_suite(void)
{
	Suite *suite = suite_create("index");
	TCase *tc = tcase_create("index");

	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_delivery_is_listed_with_header_and_envelope);
	tcase_add_test(tc,
	    a_message_that_was_found_first_still_gets_its_envelope);
	tcase_add_test(tc,
	    a_message_that_was_delivered_keeps_its_envelope_when_it_is_found);
	tcase_add_test(tc, what_other_programs_put_move_and_remove_is_followed);
	tcase_add_test(tc, what_the_caller_did_is_told_without_a_sync);
	tcase_add_test(tc, a_message_in_both_folders_is_one_message);
	tcase_add_test(tc, a_rebuilt_index_lists_in_order_of_arrival);
	tcase_add_loop_test(tc, a_folder_that_has_just_changed_is_read_again, 0,
	    2);
	tcase_add_test(tc, foreign_files_are_measured_and_odd_ones_left_out);
	tcase_add_test(tc,
	    deliveries_of_many_processes_all_come_into_the_index);
	tcase_add_test(tc, a_list_stops_when_it_is_told_to);
	tcase_add_test(tc, the_maildir_may_be_closed_before_its_index);
	tcase_add_loop_test(tc, another_users_index_in_our_mailbox_is_set_aside,
	    0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}
