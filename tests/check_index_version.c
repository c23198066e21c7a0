/*
 * check_index_version.c - an index of an earlier version is brought up to ours,
 * and there is a way back, both ways.
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
#include "maildir/index.h"
#include "maildir/index_repair.h"
#include "maildir/listing.h"
#include "maildir/message.h"
#include "tests/check_box.h"
#include "tests/check_folder.h"
#include "tests/check_steps.h"
#include "tests/suites.h"

#define INDEX "box/index.sqlite"
#define KEPT "box/index.sqlite.v1"

enum { STEPS_MAX = 1000, DONE = 7 };

/* As version 1 made it, and 0x506C6978 is "Plix". */
static const char version_1[] =
    "PRAGMA page_size=2048; PRAGMA application_id=0x506C6978;"
    "PRAGMA user_version=1;"
    "CREATE TABLE message ( uid INTEGER PRIMARY KEY,"
    " base TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " in_new INTEGER NOT NULL, octets INTEGER NOT NULL,"
    " received INTEGER NOT NULL, flags TEXT NOT NULL,"
    " date INTEGER NOT NULL, header_from TEXT NOT NULL,"
    " header_to TEXT NOT NULL, subject TEXT NOT NULL,"
    " message_id TEXT NOT NULL, in_reply_to TEXT NOT NULL,"
    " reference_ids TEXT NOT NULL, attachments INTEGER NOT NULL,"
    " envelope_sender TEXT NOT NULL, envelope_recipient TEXT NOT NULL,"
    " helo TEXT NOT NULL, peer TEXT NOT NULL, login TEXT NOT NULL,"
    " protocol TEXT NOT NULL, queue_id TEXT NOT NULL);"
    "CREATE TABLE state ( name TEXT PRIMARY KEY, value NOT NULL)"
    " WITHOUT ROWID;"
    "INSERT INTO message VALUES (3, '1700000001.a', '1700000001.a', 1, 16,"
    " 1700000001, '', 0, '', '', 'a', 'a@x', '', '', 0,"
    " 's@x', 'r@x', 'desk', '::1', '', 'ESMTP', 'Q1');"
    "INSERT INTO message VALUES (7, '1700000002.b', '1700000002.b:2,S', 0,"
    " 16, 1700000002, 'S', 0, '', '', 'b', 'b@x', 'a@x', 'a@x', 0,"
    " '', 'r@x', '', '', '', 'LMTP', 'Q2');";

static const char version_2[] =
    "ALTER TABLE message ADD COLUMN thread INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE message ADD COLUMN parent INTEGER NOT NULL DEFAULT 0;"
    "PRAGMA user_version=2;";

/* A mailbox of two messages with the index of VERSION. */
static void
fill_as(int version)
{
	sqlite3 *db = db_open(INDEX, DB_CREATE, false);

	ck_assert_int_eq(db_exec(db, version_1), 0);
	if (version == 2)
		ck_assert_int_eq(db_exec(db, version_2), 0);
	sqlite3_close(db);
	box_put("new/1700000001.a", "Subject: a\n\nx\n");
	box_put("cur/1700000002.b:2,S", "Subject: b\n\nx\n");
}

static void
fill(void)
{
	fill_as(1);
}

static void
read_file(const char *path, struct buf *to)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	ck_assert_msg(fd != -1, "%s", path);
	buf_reset(to);
	ck_assert_int_eq(buf_read(to, fd, (size_t)1 << 24), 0);
	close(fd);
}

static int
version_of(const char *file)
{
	sqlite3 *db = db_open(file, DB_READ, false);
	int version = db_version(db, file);

	sqlite3_close(db);
	return version;
}

/* What the rows say, "uid thread parent queue-id[tls] " each. */
static int
describe(void *arg, const struct index_entry *entry)
{
	buf_printf(arg, "%lld %lld %lld %s[%s] ", (long long)entry->uid,
	    (long long)entry->thread, (long long)entry->parent,
	    entry->delivery.queue_id, entry->delivery.tls);
	return 0;
}

static void
assert_nothing_was_lost(void)
{
	struct index *index = index_open(&box);
	struct buf text = BUF_INIT;

	ck_assert_ptr_nonnull(index);
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(index_list(index, describe, &text), 0);
	ck_assert_str_eq(text.data, "3 3 0 Q1[] 7 3 3 Q2[] ");
	index_close(index);
	buf_clear(&text);
}

START_TEST(an_index_of_an_earlier_version_is_brought_up_and_kept)
{
	const char *copy = _i == 1 ? KEPT : "box/index.sqlite.v2";
	struct buf before = BUF_INIT;
	struct buf kept = BUF_INIT;

	fill_as(_i);
	ck_assert_int_eq(version_of(INDEX), _i);
	read_file(INDEX, &before);
	assert_nothing_was_lost();
	assert_nothing_was_lost();
	ck_assert_int_eq(version_of(INDEX), 3);
	read_file(copy, &kept);
	ck_assert_uint_eq(kept.size, before.size);
	ck_assert_mem_eq(kept.data, before.data, kept.size);
	/* The way back of the earlier program, and forth again. */
	ck_assert_int_eq(rename(copy, INDEX), 0);
	ck_assert_int_eq(version_of(INDEX), _i);
	assert_nothing_was_lost();
	ck_assert_int_eq(version_of(copy), _i);
	buf_clear(&before);
	buf_clear(&kept);
}
END_TEST

static void
sql(sqlite3 *db, const char *text)
{
	ck_assert_int_eq(db_exec(db, text), 0);
}

/* As later programs will meet it. */
START_TEST(an_index_with_a_log_is_kept_whole)
{
	struct index *index;
	sqlite3 *reader;
	sqlite3 *db;

	fill_as(2);
	db = db_open(INDEX, DB_WRITE, false);
	sql(db, "PRAGMA journal_mode=WAL");
	reader = db_open(INDEX, DB_READ, false);
	sql(reader, "BEGIN; SELECT uid FROM message");
	sql(db, "UPDATE message SET queue_id = 'Q3'");
	/* As long as that is in the log only, it is none to be copied. */
	index = index_open(&box);
	ck_assert_ptr_null(index);
	ck_assert_int_ne(access("box/index.sqlite.v2", F_OK), 0);
	sqlite3_close(reader);
	sqlite3_close(db);
	index_close(index_open(&box));
	ck_assert_int_eq(version_of(INDEX), 3);
	db = db_open("box/index.sqlite.v2", DB_READ, false);
	sql(db,
	    "CREATE TEMP TABLE x (n CHECK (n = 2));"
	    "INSERT INTO x SELECT count(*) FROM message"
	    " WHERE queue_id = 'Q3'");
	sqlite3_close(db);
}
END_TEST

START_TEST(without_a_copy_nothing_is_changed_and_mail_is_listed)
{
	struct buf before = BUF_INIT;
	struct buf after = BUF_INIT;
	struct listing listing;

	fill();
	read_file(INDEX, &before);
	ck_assert_int_eq(mkdir(KEPT, 0700), 0);
	folder_write(KEPT "/file", "x");
	ck_assert_ptr_null(index_open(&box));
	ck_assert_int_eq(listing_load(&box, NULL, &listing), 0);
	ck_assert_uint_eq(listing.count, 2);
	listing_clear(&listing);
	read_file(INDEX, &after);
	ck_assert_uint_eq(after.size, before.size);
	ck_assert_mem_eq(after.data, before.data, after.size);
	ck_assert_int_ne(access("box/index.sqlite.copy", F_OK), 0);
	ck_assert_int_eq(unlink(KEPT "/file"), 0);
	ck_assert_int_eq(rmdir(KEPT), 0);
	assert_nothing_was_lost();
	buf_clear(&before);
	buf_clear(&after);
}
END_TEST

START_TEST(a_new_index_leaves_no_copy)
{
	index_close(index_open(&box));
	for (int version = 0; version < 4; version++) {
		char *path = xasprintf(INDEX ".v%d", version);

		ck_assert_int_ne(access(path, F_OK), 0);
		free(path);
	}
}
END_TEST

START_TEST(many_who_meet_an_old_index_migrate_it_once)
{
	enum { PROCESSES = 8 };
	int status;

	fill();
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			struct index *index = index_open(&box);

			_exit(index == NULL || box_count(index) != 2);
		}
	for (int i = 0; i < PROCESSES; i++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_eq(version_of(KEPT), 1);
	assert_nothing_was_lost();
}
END_TEST

static int
open_index(void *arg)
{
	(void)arg;
	message_library_init();
	raise(SIGSTOP);
	index_close(index_open(&box));
	return DONE;
}

START_TEST(a_process_killed_while_it_migrates_does_no_harm)
{
	struct buf before = BUF_INIT;
	int status = 0;
	int stops = 0;

	fill();
	read_file(INDEX, &before);
	for (int stop = 1; stop < STEPS_MAX && status == 0; stop += 2) {
		int fd = open(INDEX, O_WRONLY | O_TRUNC | O_CLOEXEC);

		ck_assert_int_eq(write_all(fd, before.data, before.size), 0);
		close(fd);
		unlink(INDEX "-journal");
		status = steps_run_until(stop, open_index, NULL);
		assert_nothing_was_lost();
		stops++;
	}
	ck_assert_int_eq(status, DONE);
	ck_assert_int_gt(stops, 40);
	ck_assert_int_ne(access("box/index.sqlite.bad", F_OK), 0);
	buf_clear(&before);
}
END_TEST

START_TEST(a_rebuild_goes_back_from_a_newer_version_and_keeps_envelopes)
{
	sqlite3 *db;

	fill();
	assert_nothing_was_lost();
	db = db_open(INDEX, DB_WRITE, false);
	ck_assert_int_eq(db_exec(db,
			     "UPDATE message SET tls = 'T' WHERE uid = 3;"
			     "ALTER TABLE message ADD COLUMN more;"
			     "PRAGMA user_version=1000"),
	    0);
	sqlite3_close(db);
	ck_assert_ptr_null(index_open(&box));
	ck_assert_int_eq(index_rebuild(&box), 0);

	struct index *index = index_open(&box);
	struct buf text = BUF_INIT;

	ck_assert_ptr_nonnull(index);
	ck_assert_int_eq(index_list(index, describe, &text), 0);
	ck_assert_str_eq(text.data, "1 1 0 Q1[T] 2 2 0 Q2[] ");
	index_close(index);
	ck_assert_int_eq(version_of("box/index.sqlite.bad"), 1000);
	buf_clear(&text);
}
END_TEST

START_TEST(a_rebuild_takes_envelopes_from_an_earlier_version_that_is_aside)
{
	struct index *index;
	struct buf text = BUF_INIT;

	fill_as(_i);
	ck_assert_int_eq(rename(INDEX, "box/index.sqlite.bad"), 0);
	ck_assert_int_eq(index_rebuild(&box), 0);
	index = index_open(&box);
	ck_assert_ptr_nonnull(index);
	ck_assert_int_eq(index_list(index, describe, &text), 0);
	ck_assert_str_eq(text.data, "1 1 0 Q1[] 2 2 0 Q2[] ");
	index_close(index);
	buf_clear(&text);
}
END_TEST

Suite *
index_version_suite(void)
{
	Suite *suite = suite_create("index_version");
	TCase *tc = tcase_create("index_version");

	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc,
	    an_index_of_an_earlier_version_is_brought_up_and_kept, 1, 3);
	tcase_add_test(tc,
	    without_a_copy_nothing_is_changed_and_mail_is_listed);
	tcase_add_test(tc, an_index_with_a_log_is_kept_whole);
	tcase_add_test(tc, a_new_index_leaves_no_copy);
	tcase_add_test(tc, many_who_meet_an_old_index_migrate_it_once);
	tcase_add_test(tc, a_process_killed_while_it_migrates_does_no_harm);
	tcase_add_test(tc,
	    a_rebuild_goes_back_from_a_newer_version_and_keeps_envelopes);
	tcase_add_loop_test(tc,
	    a_rebuild_takes_envelopes_from_an_earlier_version_that_is_aside, 1,
	    3);
	suite_add_tcase(suite, tc);
	return suite;
}
