/*
 * check_index_sync.c - the index catches up with the folders by reading no more
 * of them than has changed.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/mem.h"
#include "maildir/index.h"
#include "tests/check_box.h"
#include "tests/suites.h"

/* As if nothing had changed in the folder for long. */
static void
settle(int folder)
{
	const struct timespec old[2] = { { 1700000000, 5 }, { 1700000000, 5 } };

	ck_assert_int_eq(futimens(folder, old), 0);
}

/* An index that knows one message in each folder, long ago. */
static struct index *
open_settled(void)
{
	struct index *index = index_open(&box);

	box_put("cur/1700000001.a:2,S", "Subject: a\n\n");
	box_put("new/1700000002.b", "Subject: b\n\n");
	settle(box.cur);
	settle(box.new);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_str_eq(box_contents(index),
	    "cur/1700000001.a:2,S[S] new/1700000002.b[] ");
	return index;
}

START_TEST(what_has_not_changed_is_not_read)
{
	struct index *index = open_settled();

	box_put("cur/1700000003.c", "Subject: c\n\n");
	box_put("new/1700000004.d", "Subject: d\n\n");
	settle(box.cur);
	settle(box.new);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(box_count(index), 2);
	index_close(index);
}
END_TEST

START_TEST(mail_in_new_is_found_without_reading_cur)
{
	struct index *index = open_settled();

	box_put("cur/1700000003.c", "Subject: c\n\n");
	settle(box.cur);
	box_put("new/1700000004.d", "Subject: d\n\n");
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_str_eq(box_contents(index),
	    "cur/1700000001.a:2,S[S] new/1700000002.b[] new/1700000004.d[] ");
	index_close(index);
}
END_TEST

START_TEST(what_goes_from_new_to_cur_is_followed)
{
	struct index *index = open_settled();

	ck_assert_int_eq(renameat(box.root, "new/1700000002.b", box.root,
			     "cur/1700000002.b:2,F"),
	    0);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_str_eq(box_contents(index),
	    "cur/1700000001.a:2,S[S] cur/1700000002.b:2,F[F] ");
	index_close(index);
}
END_TEST

START_TEST(what_is_removed_from_new_is_forgotten)
{
	struct index *index = open_settled();

	ck_assert_int_eq(maildir_remove(&box, true, "1700000002.b"), 0);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_str_eq(box_contents(index), "cur/1700000001.a:2,S[S] ");
	index_close(index);
}
END_TEST

START_TEST(what_is_removed_from_cur_is_forgotten)
{
	struct index *index = open_settled();

	ck_assert_int_eq(maildir_remove(&box, false, "1700000001.a:2,S"), 0);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_str_eq(box_contents(index), "new/1700000002.b[] ");
	index_close(index);
}
END_TEST

/* Syncs in another process until it is killed. */
static pid_t
start_reader(void)
{
	pid_t child = fork();

	ck_assert_int_ne(child, -1);
	if (child != 0)
		return child;
	for (;;) {
		struct index *index = index_open(&box);

		if (index != NULL)
			(void)index_sync(index, &box);
		index_close(index);
	}
}

static int
check_envelope(void *arg, const struct index_entry *entry)
{
	*(int64_t *)arg = entry->uid;
	ck_assert_str_eq(entry->delivery.queue_id, "Q");
	return 0;
}

START_TEST(no_envelope_is_lost_to_one_who_reads_meanwhile)
{
	enum { MESSAGES = 400 };
	static const struct delivery envelope = { "", "b@x", "", "", "", "",
		"Q" };
	struct index *index = index_open(&box);
	pid_t reader = start_reader();
	int64_t last = 0;
	int status;

	for (int i = 0; i < MESSAGES; i++) {
		char *name = xasprintf("new/170000%04d.x", i);
		int fd;

		box_put(name, "Subject: x\n\n");
		fd = openat(box.root, name, O_RDONLY | O_CLOEXEC);
		ck_assert_int_eq(index_add(index, name + 4, fd, &envelope), 0);
		close(fd);
		free(name);
	}
	ck_assert_int_eq(kill(reader, SIGKILL), 0);
	ck_assert_int_eq(waitpid(reader, &status, 0), reader);
	ck_assert_int_eq(index_list(index, check_envelope, &last), 0);
	ck_assert_int_eq(last, MESSAGES);
	index_close(index);
}
END_TEST

static int
note_entry(void *arg, const struct index_entry *entry)
{
	*(int64_t *)arg = entry->uid;
	ck_assert_str_eq(entry->subject, "b");
	return 5;
}

START_TEST(one_message_is_found_by_any_name_it_had)
{
	struct index *index = open_settled();
	int64_t uid = 0;

	ck_assert_int_eq(index_find(index, "1700000002.b:2,RS", note_entry,
			     &uid),
	    5);
	ck_assert_int_eq(uid, 2);
	ck_assert_int_eq(index_find(index, "1700000009.x", note_entry, &uid),
	    0);
	index_close(index);
}
END_TEST

Suite *
index_sync_suite(void)
{
	Suite *suite = suite_create("index_sync");
	TCase *tc = tcase_create("index_sync");

	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_has_not_changed_is_not_read);
	tcase_add_test(tc, mail_in_new_is_found_without_reading_cur);
	tcase_add_test(tc, what_goes_from_new_to_cur_is_followed);
	tcase_add_test(tc, what_is_removed_from_new_is_forgotten);
	tcase_add_test(tc, what_is_removed_from_cur_is_forgotten);
	tcase_add_test(tc, no_envelope_is_lost_to_one_who_reads_meanwhile);
	tcase_add_test(tc, one_message_is_found_by_any_name_it_had);
	suite_add_tcase(suite, tc);
	return suite;
}
