/*
 * check_index_repair.c - a Maildir and its index examined, and the index made
 * anew: what only it knew stays as far as it can be read.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/db.h"
#include "maildir/index_repair.h"
#include "maildir/listing.h"
#include "tests/check_box.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static const struct delivery envelope = { "a@x", "b@x", "helo.x", "192.0.2.1",
	"login", "ESMTPSA", "TLS1.3", "3F2A9C01B7D4E5" };
static const char text[] = "From: a@x\nSubject: one\n\nbody\n";
static struct buf heard = BUF_INIT;

static void
hear(void *arg, enum survey_weight weight, const char *kind, const char *where,
    const char *what)
{
	(void)arg;
	ck_assert_ptr_nonnull(what);
	buf_printf(&heard, "%s%s %s;", weight == SURVEY_ODD ? "!" : "", kind,
	    where);
}

static void
count(void *arg, int64_t octets)
{
	(void)arg;
	(void)octets;
}

static const struct survey_ear ear = { NULL, hear, count };

/* All that is found in box/. */
static const char *
examine(void)
{
	struct maildir maildir;

	buf_reset(&heard);
	ck_assert_int_eq(maildir_look(AT_FDCWD, "box", &maildir), 0);
	ck_assert_int_eq(survey_maildir(&maildir, &ear), 0);
	index_check(&maildir, &ear);
	maildir_close(&maildir);
	return heard.data;
}

static struct index *
fill(int messages)
{
	struct index *index = index_open(&box);

	ck_assert_ptr_nonnull(index);
	for (int i = 0; i < messages; i++)
		box_deliver(index, text, &envelope);
	ck_assert_int_eq(index_sync(index, &box), 0);
	return index;
}

static void
sql(const char *file, const char *words)
{
	sqlite3 *db = db_open(file, DB_WRITE, false);

	ck_assert_ptr_nonnull(db);
	ck_assert_int_eq(db_exec(db, words), 0);
	sqlite3_close(db);
}

START_TEST(a_good_mailbox_has_nothing_odd)
{
	index_close(fill(3));
	ck_assert_str_eq(examine(), "");
}
END_TEST

static void
make_link(void)
{
	ck_assert_int_eq(symlinkat("/etc/passwd", box.new, "1.a.x"), 0);
}

static void
make_fifo(void)
{
	ck_assert_int_eq(mkfifoat(box.cur, "1.a.x:2,", 0600), 0);
}

static void
make_folder(void)
{
	ck_assert_int_eq(mkdirat(box.new, "1.a.x", 0700), 0);
}

static void
make_escape(void)
{
	box_put("new/1.\033[2J.x", text);
}

static void
make_wrong_flags(void)
{
	box_put("cur/1.a.x:1,S", text);
}

static void
make_wrong_size(void)
{
	box_put("cur/1.a.x,S=30,W=35:2,S", text);
}

static void
make_wrong_wire(void)
{
	box_put("cur/1.a.x,S=29,W=34:2,S", text);
}

static void
make_twins(void)
{
	box_put("new/1.a.x,S=29", text);
	box_put("cur/1.a.x:2,S", text);
}

static void
make_stale(void)
{
	static const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };

	box_put("tmp/1.a.x", text);
	ck_assert_int_eq(utimensat(box.tmp, "1.a.x", old, 0), 0);
}

static void
make_fresh_draft(void)
{
	box_put("tmp/1.a.x", text);
}

static void
make_hidden(void)
{
	box_put("cur/.nfs0001", text);
}

static void
lose_tmp(void)
{
	ck_assert_int_eq(unlinkat(box.root, "tmp", AT_REMOVEDIR), 0);
}

static void
link_new(void)
{
	ck_assert_int_eq(unlinkat(box.root, "new", AT_REMOVEDIR), 0);
	ck_assert_int_eq(symlinkat("/tmp", box.root, "new"), 0);
}

/* clang-format off */
static const struct {
	void (*make)(void);
	const char *found;
} oddities[] = {
	{ make_link, "!no-message new/1.a.x;index-missing index.sqlite;" },
	{ make_fifo, "!no-message cur/1.a.x:2,;index-missing index.sqlite;" },
	{ make_folder, "!no-message new/1.a.x;index-missing index.sqlite;" },
	{ make_escape, "!odd-name new/1.\033[2J.x;index-missing index.sqlite;" },
	{ make_wrong_flags,
	  "!odd-name cur/1.a.x:1,S;index-missing index.sqlite;" },
	{ make_wrong_size, "!wrong-size cur/1.a.x,S=30,W=35:2,S;"
	  "index-missing index.sqlite;" },
	{ make_wrong_wire, "!wrong-size cur/1.a.x,S=29,W=34:2,S;"
	  "index-missing index.sqlite;" },
	{ make_stale, "stale tmp/1.a.x;index-missing index.sqlite;" },
	{ make_fresh_draft, "index-missing index.sqlite;" },
	{ make_hidden, "hidden cur/.nfs0001;index-missing index.sqlite;" },
	{ lose_tmp, "!no-folder tmp;index-missing index.sqlite;" },
	{ link_new, "!no-folder new;index-missing index.sqlite;" },
};
/* clang-format on */

START_TEST(what_is_odd_in_a_maildir_is_told)
{
	oddities[_i].make();
	ck_assert_str_eq(examine(), oddities[_i].found);
}
END_TEST

START_TEST(two_files_of_one_message_are_odd)
{
	make_twins();
	ck_assert_ptr_nonnull(strstr(examine(), "!twice "));
}
END_TEST

START_TEST(an_index_that_is_behind_is_noted)
{
	index_close(fill(2));
	box_put("cur/1.a.x:2,S", text);
	ck_assert_str_eq(examine(), "index-behind index.sqlite;");
}
END_TEST

START_TEST(an_index_that_is_wrong_or_bad_is_odd)
{
	static const char *const damage[] = {
		"UPDATE message SET octets = 7",
		"PRAGMA application_id = 1",
		"PRAGMA user_version = 9999",
		"DROP TABLE message; CREATE TABLE message (uid)",
	};

	index_close(fill(1));
	sql("box/index.sqlite", damage[_i]);
	ck_assert_str_eq(examine(),
	    _i == 0 ? "!index-wrong index.sqlite;"
		    : "!index-damaged index.sqlite;");
}
END_TEST

START_TEST(a_check_changes_nothing)
{
	struct stat before;
	struct stat after;

	folder_write("box/index.sqlite", "no index at all");
	ck_assert_int_eq(stat("box/index.sqlite", &before), 0);
	ck_assert_str_eq(examine(), "!index-damaged index.sqlite;");
	ck_assert_int_eq(stat("box/index.sqlite", &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_int_eq(before.st_size, after.st_size);
	ck_assert_int_eq(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}
END_TEST

/* uid, octets, subject, sender, TLS and queue id of each message. */
static int
add_row(void *arg, const struct index_entry *entry)
{
	(void)arg;
	buf_printf(&heard, "%lld %lld %s %s %s %s;", (long long)entry->uid,
	    (long long)entry->octets, entry->subject, entry->delivery.sender,
	    entry->delivery.tls, entry->delivery.queue_id);
	return 0;
}

static const char *
rows(void)
{
	struct index *index = index_open(&box);

	buf_reset(&heard);
	ck_assert_ptr_nonnull(index);
	ck_assert_int_eq(index_list(index, add_row, NULL), 0);
	index_close(index);
	return heard.data;
}

START_TEST(a_rebuild_mends_rows_and_keeps_uid_and_envelope)
{
	index_close(fill(1));
	sql("box/index.sqlite",
	    "UPDATE message SET uid = 41, octets = 7,"
	    " subject = 'false'");
	box_put("cur/2000000000.a.x:2,S", text);
	ck_assert_int_eq(index_rebuild(&box), 0);
	ck_assert_str_eq(rows(),
	    "41 33 one a@x TLS1.3 3F2A9C01B7D4E5;42 33 one   ;");
	ck_assert_str_eq(examine(), "");
}
END_TEST

START_TEST(a_rebuild_forgets_what_is_gone)
{
	index_close(fill(2));
	ck_assert_int_eq(unlinkat(box.new, box_name, 0), 0);
	ck_assert_int_eq(index_rebuild(&box), 0);
	ck_assert_str_eq(rows(), "1 33 one a@x TLS1.3 3F2A9C01B7D4E5;");
}
END_TEST

/* Back to version 2 and forth again: its rows are whole but for TLS. */
START_TEST(a_rebuild_takes_tls_of_the_same_session_from_what_is_aside)
{
	index_close(fill(2));
	ck_assert_int_eq(rename("box/index.sqlite", "box/index.sqlite.bad"), 0);
	ck_assert_int_eq(index_rebuild(&box), 0);
	sql("box/index.sqlite",
	    "UPDATE message SET tls = '';"
	    "UPDATE message SET queue_id = 'OTHER' WHERE uid = 2");
	ck_assert_int_eq(index_rebuild(&box), 0);
	ck_assert_str_eq(rows(),
	    "1 33 one a@x TLS1.3 3F2A9C01B7D4E5;2 33 one a@x  OTHER;");
}
END_TEST

START_TEST(a_rebuild_of_a_foreign_file_takes_envelopes_from_what_is_aside)
{
	index_close(fill(1));
	ck_assert_int_eq(rename("box/index.sqlite", "box/index.sqlite.bad"), 0);
	ck_assert_int_eq(index_rebuild(&box), 0);
	ck_assert_str_eq(rows(), "1 33 one a@x TLS1.3 3F2A9C01B7D4E5;");
}
END_TEST

START_TEST(a_rebuild_sets_a_damaged_index_aside)
{
	static const char zeros[2048];
	struct stat st;
	int fd;

	index_close(fill(300));
	fd = open("box/index.sqlite", O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(fstat(fd, &st), 0);
	/* One page in the middle: opening it shows nothing. */
	ck_assert_int_eq(pwrite(fd, zeros, sizeof(zeros),
			     st.st_size / 4096 * 2048),
	    sizeof(zeros));
	close(fd);
	ck_assert_str_eq(examine(), "!index-damaged index.sqlite;");
	ck_assert_int_eq(index_rebuild(&box), 0);
	ck_assert_int_eq(stat("box/index.sqlite.bad", &st), 0);
	ck_assert_str_eq(examine(), "");
}
END_TEST

START_TEST(a_rebuild_goes_on_beside_one_who_delivers)
{
	struct index *other = fill(100);

	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(index_rebuild(&box), 0);
		box_deliver(other, text, &envelope);
	}
	index_close(other);
	ck_assert_str_eq(examine(), "");
	ck_assert_uint_eq(strlen(rows()) > 0
		? (size_t)(strstr(heard.data, "105 ") != NULL)
		: 0,
	    1);
}
END_TEST

Suite *
index_repair_suite(void)
{
	Suite *suite = suite_create("index_repair");
	TCase *tc = tcase_create("index_repair");

	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_add_test(tc, a_good_mailbox_has_nothing_odd);
	tcase_add_loop_test(tc, what_is_odd_in_a_maildir_is_told, 0,
	    COUNT(oddities));
	tcase_add_test(tc, two_files_of_one_message_are_odd);
	tcase_add_test(tc, an_index_that_is_behind_is_noted);
	tcase_add_loop_test(tc, an_index_that_is_wrong_or_bad_is_odd, 0, 4);
	tcase_add_test(tc, a_check_changes_nothing);
	tcase_add_test(tc, a_rebuild_mends_rows_and_keeps_uid_and_envelope);
	tcase_add_test(tc, a_rebuild_forgets_what_is_gone);
	tcase_add_test(tc,
	    a_rebuild_takes_tls_of_the_same_session_from_what_is_aside);
	tcase_add_test(tc,
	    a_rebuild_of_a_foreign_file_takes_envelopes_from_what_is_aside);
	tcase_add_test(tc, a_rebuild_sets_a_damaged_index_aside);
	tcase_add_test(tc, a_rebuild_goes_on_beside_one_who_delivers);
	suite_add_tcase(suite, tc);
	return suite;
}
