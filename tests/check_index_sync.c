/*
 * check_index_sync.c - the index catches up with the folders by reading no more
 * of them than has changed.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/db.h"
#include "common/mem.h"
#include "maildir/index.h"
#include "tests/check_box.h"
#include "tests/suites.h"

/* An index that knows one message in each folder and believes their times. */
static struct index *
open_settled(void)
{
	struct index *index = index_open(&box);

	box_put("cur/1700000001.a:2,S", "Subject: a\n\n");
	box_put("new/1700000002.b", "Subject: b\n\n");
	box_settle();
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_str_eq(box_contents(index),
	    "cur/1700000001.a:2,S[S] new/1700000002.b[] ");
	return index;
}

START_TEST(what_has_not_changed_is_not_read)
{
	struct index *index = open_settled();

	/* Proof: rows that are missing are not missed. */
	ck_assert_int_eq(index_removed(index, "1700000001.a"), 0);
	ck_assert_int_eq(index_removed(index, "1700000002.b"), 0);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(box_count(index), 0);
	index_close(index);
}
END_TEST

START_TEST(mail_in_new_is_found_without_reading_cur)
{
	struct index *index = open_settled();

	ck_assert_int_eq(index_removed(index, "1700000001.a"), 0);
	box_put("new/1700000004.d", "Subject: d\n\n");
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_str_eq(box_contents(index),
	    "new/1700000002.b[] new/1700000004.d[] ");
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

/* Writes over a file in place; its folder stays as it is. */
static void
edit(const char *place, const char *text)
{
	int fd = openat(box.root, place, O_WRONLY | O_TRUNC | O_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write_all(fd, text, strlen(text)), 0);
	close(fd);
}

static void
sql(const char *text)
{
	sqlite3 *db = db_open("box/index.sqlite", DB_WRITE, false);

	ck_assert_int_eq(db_exec(db, text), 0);
	sqlite3_close(db);
}

/* As tar, cp -a and rsync -a do it. */
static void
set_back(const char *folder, const struct stat *to)
{
	const struct timespec times[2] = { to->st_atim, to->st_mtim };

	ck_assert_int_eq(utimensat(box.root, folder, times, 0), 0);
}

static const struct {
	const char *folder;
	const char *message;
	const char *contents; /* of the index, once it is there */
} restored[] = {
	/* clang-format off */
	{ "new", "new/1700000003.c",
	  "cur/1700000001.a:2,S[S] new/1700000003.c[] " },
	{ "cur", "cur/1700000003.c:2,F",
	  "new/1700000002.b[] cur/1700000003.c:2,F[F] " },
	/* clang-format on */
};

START_TEST(a_folder_in_the_place_of_another_with_its_mtime_is_read)
{
	const char *folder = restored[_i].folder;
	struct index *index = open_settled();
	struct stat before;
	struct stat after;

	ck_assert_int_eq(fstatat(box.root, folder, &before, 0), 0);
	ck_assert_int_eq(renameat(box.root, folder, box.root, "old"), 0);
	ck_assert_int_eq(mkdirat(box.root, folder, 0700), 0);
	box_put(restored[_i].message, "Subject: c\n\n");
	set_back(folder, &before);
	ck_assert_int_eq(fstatat(box.root, folder, &after, 0), 0);
	ck_assert_int_eq(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
	ck_assert_int_eq(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
	maildir_close(&box);
	ck_assert_int_eq(maildir_open(AT_FDCWD, "box", false, &box), 0);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_str_eq(box_contents(index), restored[_i].contents);
	index_close(index);
}
END_TEST

START_TEST(what_comes_into_a_folder_whose_mtime_is_set_back_is_found)
{
	const char *folder = restored[_i].folder;
	struct index *index = open_settled();
	struct stat before;

	ck_assert_int_eq(fstatat(box.root, folder, &before, 0), 0);
	box_put(restored[_i].message, "Subject: c\n\n");
	set_back(folder, &before);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(box_count(index), 3);
	index_close(index);
}
END_TEST

/* A copy of a mailbox has other ctimes; its names are read, and no message. */
START_TEST(no_message_is_read_again_for_a_ctime)
{
	struct index *index = open_settled();
	struct stat before;
	int64_t uid = 0;

	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(fstatat(box.root, restored[i].folder, &before,
				     0),
		    0);
		set_back(restored[i].folder, &before);
	}
	ck_assert_int_eq(index_removed(index, "1700000001.a"), 0);
	edit("new/1700000002.b", "Subject: other\n\n");
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_str_eq(box_contents(index),
	    "new/1700000002.b[] cur/1700000001.a:2,S[S] ");
	ck_assert_int_eq(index_find(index, "1700000002.b", note_entry, &uid),
	    5);
	ck_assert_int_eq(uid, 2);
	index_close(index);
}
END_TEST

/* As a program leaves it that knows mtimes alone. */
START_TEST(an_index_that_knows_mtimes_alone_costs_one_reading)
{
	struct index *index = open_settled();

	index_close(index);
	sql("DELETE FROM state WHERE name LIKE '%.%'");
	sql("INSERT INTO state (name, value) VALUES ('new', 5), ('cur', 6)");
	index = index_open(&box);
	ck_assert_int_eq(index_removed(index, "1700000001.a"), 0);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(box_count(index), 2);
	ck_assert_int_eq(index_removed(index, "1700000001.a"), 0);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(box_count(index), 1);
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
	static const struct delivery envelope = { "", "b@x", "", "", "", "", "",
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
	tcase_add_loop_test(tc,
	    a_folder_in_the_place_of_another_with_its_mtime_is_read, 0,
	    COUNT(restored));
	tcase_add_loop_test(tc,
	    what_comes_into_a_folder_whose_mtime_is_set_back_is_found, 0,
	    COUNT(restored));
	tcase_add_test(tc, no_message_is_read_again_for_a_ctime);
	tcase_add_test(tc, an_index_that_knows_mtimes_alone_costs_one_reading);
	tcase_add_test(tc, what_goes_from_new_to_cur_is_followed);
	tcase_add_test(tc, what_is_removed_from_new_is_forgotten);
	tcase_add_test(tc, what_is_removed_from_cur_is_forgotten);
	tcase_add_test(tc, no_envelope_is_lost_to_one_who_reads_meanwhile);
	tcase_add_test(tc, one_message_is_found_by_any_name_it_had);
	suite_add_tcase(suite, tc);
	return suite;
}
