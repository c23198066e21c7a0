/*
 * check_index_text.c - full-text search in good health: what is found, and that
 * the words follow the messages.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/db.h"
#include "maildir/index_repair.h"
#include "maildir/query.h"
#include "tests/check_box.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

#define TEXT_FILE "box/index.sqlite.text"

static const struct delivery envelope = { "", "", "", "", "", "", "", "" };

/* Uids 1 to 4. */
static const char *const mails[] = {
	"From: anna@x\nSubject: =?UTF-8?Q?Caf=C3=A9?=\n"
	"Content-Type: text/plain; charset=iso-8859-1\n"
	"Content-Transfer-Encoding: quoted-printable\n\n"
	"The annual gar=E7on report\n",
	"From: bob@x\nCc: carol@x\nSubject: plans\n"
	"Content-Type: text/html\n\n<p>Gro&szlig;e <b>pl</b>ans"
	"<script>hidden</script></p>\n",
	"From: carol@x\nSubject: picture\nContent-Type: multipart/mixed;"
	" boundary=b\n\n--b\n\nannual\n--b\nContent-Type: image/png\n"
	"Content-Disposition: attachment; filename=\"holiday photo.png\"\n\n"
	"hidden\n--b--\n",
	"From: dave@x\nSubject: annual\n\nreport of the garden\n",
};

static struct index *
open_filled(void)
{
	struct index *index = index_open(&box);

	for (size_t i = 0; i < COUNT(mails); i++)
		box_deliver(index, mails[i], &envelope);
	ck_assert_int_eq(index_fill_text(index, &box, 0, NULL), 0);
	return index;
}

static int
add_uid(void *arg, int64_t uid)
{
	buf_printf(arg, "%lld ", (long long)uid);
	return 0;
}

static void
assert_found(struct index *index, const char *text, const char *uids)
{
	struct buf found = BUF_INIT;
	char why[200] = "";
	struct query *query = query_parse(text, why, sizeof(why));

	ck_assert_msg(query != NULL, "%s: %s", text, why);
	ck_assert_int_eq(index_search(index, query, add_uid, &found), 0);
	ck_assert_msg(strcmp(found.data, uids) == 0, "%s: %s", text,
	    found.data);
	query_free(query);
	buf_clear(&found);
}

static const struct {
	const char *query;
	const char *uids;
} cases[] = {
	/* clang-format off */
	{ "", "1 2 3 4 " },
	{ "annual", "1 3 4 " },
	{ "body:annual", "1 3 " },
	{ "subject:annual", "4 " },
	{ "body:garcon", "1 " },
	{ "body:GAR\xC3\x87ON", "1 " },
	{ "garc", "1 " },
	{ "\"garc\"", "" },
	{ "gar", "1 4 " },
	{ "cafe", "1 " },
	{ "\"annual garcon report\"", "1 " },
	{ "\"annual report\"", "" },
	{ "annual report", "1 4 " },
	{ "plans", "2 " },
	{ "body:plans", "2 " },
	{ "hidden", "" },
	{ "script", "" },
	{ "cc:carol", "2 " },
	{ "carol", "2 3 " },
	{ "file:photo", "3 " },
	{ "file:holiday.photo", "3 " },
	{ "photo", "3 " },
	{ "body:photo", "" },
	{ "has:attachment", "3 " },
	{ "annual -body:annual", "4 " },
	{ "not annual", "2 " },
	{ "body:garcon or from:dave", "1 4 " },
	{ "(body:garcon or body:garden) subject:annual", "4 " },
	{ "body:\"of\"", "4 " },
	{ "body:a\"b", "" },
	{ "body:and", "" },
	{ "body:NEAR(annual", "" },
	{ "\"annual* OR plans\"", "" },
	{ "body:\xE2\x80\xA6", "" },
	/* clang-format on */
};

START_TEST(words_are_found_where_they_are)
{
	struct index *index = open_filled();

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_found(index, cases[i].query, cases[i].uids);
	index_close(index);
}
END_TEST

START_TEST(what_was_not_read_is_found_by_its_header)
{
	struct index *index = index_open(&box);

	for (size_t i = 0; i < COUNT(mails); i++)
		box_deliver(index, mails[i], &envelope);
	assert_found(index, "annual", "4 ");
	assert_found(index, "from:carol or body:report", "3 ");
	/* A search makes no file. */
	ck_assert_int_ne(access(TEXT_FILE, F_OK), 0);
	/* The newest is read first. */
	ck_assert_int_eq(index_fill_text(index, &box, 2, NULL), 2);
	assert_found(index, "annual", "3 4 ");
	ck_assert_int_eq(index_fill_text(index, &box, 0, NULL), 0);
	assert_found(index, "annual", "1 3 4 ");
	index_close(index);
}
END_TEST

/* What of the text file is left: documents, and rows of words. */
static void
assert_rows(int documents, int words)
{
	sqlite3 *db = db_open(TEXT_FILE, DB_READ, false);
	sqlite3_stmt *row = db_prepare(db,
	    "SELECT (SELECT count(*) FROM document),"
	    " (SELECT count(*) FROM words)");

	ck_assert_int_eq(sqlite3_step(row), SQLITE_ROW);
	ck_assert_int_eq(sqlite3_column_int(row, 0), documents);
	ck_assert_int_eq(sqlite3_column_int(row, 1), words);
	sqlite3_finalize(row);
	sqlite3_close(db);
}

START_TEST(the_words_go_with_the_message)
{
	struct index *index = open_filled();

	assert_rows(4, 4);
	ck_assert_int_eq(index_removed(index, box_name), 0);
	index_close(index);
	assert_rows(3, 3);
	index = index_open(&box);
	assert_found(index, "annual", "1 3 ");
	/* The folder still has it: it comes back as a new one. */
	ck_assert_int_eq(index_sync(index, &box), 0);
	ck_assert_int_eq(index_fill_text(index, &box, 0, NULL), 0);
	assert_found(index, "garden", "4 ");
	/* Removed by another program. */
	ck_assert_int_eq(maildir_remove(&box, true, box_name), 0);
	ck_assert_int_eq(index_sync(index, &box), 0);
	index_close(index);
	assert_rows(3, 3);
}
END_TEST

START_TEST(words_of_what_went_without_us_are_dropped_when_others_are_read)
{
	struct index *index = open_filled();
	sqlite3 *db = db_open("box/index.sqlite", DB_WRITE, false);

	ck_assert_int_eq(db_exec(db, "DELETE FROM message WHERE uid < 3"), 0);
	sqlite3_close(db);
	assert_found(index, "annual", "3 4 ");
	ck_assert_int_eq(index_fill_text(index, &box, 0, NULL), 0);
	index_close(index);
	assert_rows(2, 2);
}
END_TEST

START_TEST(the_words_survive_a_new_index)
{
	struct index *index = open_filled();

	index_close(index);
	ck_assert_int_eq(unlink("box/index.sqlite"), 0);
	index = index_open(&box);
	ck_assert_int_eq(index_sync(index, &box), 0);
	assert_found(index, "body:annual", "1 3 ");
	index_close(index);
	ck_assert_int_eq(index_rebuild(&box), 0);
	index = index_open(&box);
	assert_found(index, "body:annual", "1 3 ");
	index_close(index);
}
END_TEST

START_TEST(a_message_that_was_edited_is_read_again)
{
	struct index *index = open_filled();
	int fd = openat(box.new, box_name, O_WRONLY | O_APPEND | O_CLOEXEC);

	ck_assert_int_eq(write_all(fd, "zebra\n", 6), 0);
	close(fd);
	index_close(index);
	ck_assert_int_eq(index_rebuild(&box), 0);
	index = index_open(&box);
	ck_assert_int_eq(index_fill_text(index, &box, 0, NULL), 0);
	assert_found(index, "zebra", "4 ");
	assert_found(index, "body:garden", "4 ");
	index_close(index);
	assert_rows(4, 4);
}
END_TEST

/* Not flushed, as deliveries are. */
static void
put_messages(struct index *index, int count)
{
	for (int i = 0; i < count; i++) {
		char *name = xasprintf("new/1700000%03d.x", i);

		box_put(name, "Subject: x\n\nyak\n");
		free(name);
	}
	ck_assert_int_eq(index_sync(index, &box), 0);
}

/* Stops after the first few, having delivered one more meanwhile. */
static bool
stop_soon(void *arg, size_t done, size_t total)
{
	struct index *index = index_open(&box);
	size_t *stopped = arg;

	ck_assert_uint_le(done, total);
	*stopped = done;
	box_deliver(index, "Subject: late\n\nzebra\n", &envelope);
	index_close(index);
	return false;
}

START_TEST(reading_can_be_stopped_and_mail_comes_in_meanwhile)
{
	enum { MESSAGES = 250 };
	struct index *index = index_open(&box);
	size_t stopped = 0;
	struct fill_progress progress = { stop_soon, &stopped };
	int64_t left;

	put_messages(index, MESSAGES);
	left = index_fill_text(index, &box, 0, &progress);
	ck_assert_uint_gt(stopped, 0);
	ck_assert_uint_lt(stopped, MESSAGES);
	ck_assert_int_eq(left, MESSAGES - (int64_t)stopped);
	assert_rows((int)stopped, (int)stopped);
	/* The one that came is there, and still to be read. */
	ck_assert_int_eq(box_count(index), MESSAGES + 1);
	assert_found(index, "zebra", "");
	ck_assert_int_eq(index_fill_text(index, &box, 0, NULL), 0);
	assert_found(index, "zebra", "251 ");
	index_close(index);
}
END_TEST

START_TEST(two_may_read_at_once)
{
	enum { PROCESSES = 4, MESSAGES = 300 };
	struct index *index = index_open(&box);
	int status;

	put_messages(index, MESSAGES);
	index_close(index);
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			index = index_open(&box);
			_exit(index_fill_text(index, &box, 0, NULL) != 0);
		}
	for (int i = 0; i < PROCESSES; i++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	assert_rows(MESSAGES, MESSAGES);
}
END_TEST

Suite *
index_text_suite(void)
{
	Suite *suite = suite_create("index_text");
	TCase *tc = tcase_create("index_text");

	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, words_are_found_where_they_are);
	tcase_add_test(tc, what_was_not_read_is_found_by_its_header);
	tcase_add_test(tc, the_words_go_with_the_message);
	tcase_add_test(tc,
	    words_of_what_went_without_us_are_dropped_when_others_are_read);
	tcase_add_test(tc, the_words_survive_a_new_index);
	tcase_add_test(tc, a_message_that_was_edited_is_read_again);
	tcase_add_test(tc, reading_can_be_stopped_and_mail_comes_in_meanwhile);
	tcase_add_test(tc, two_may_read_at_once);
	suite_add_tcase(suite, tc);
	return suite;
}
