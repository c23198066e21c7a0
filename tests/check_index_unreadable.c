/*
 * check_index_unreadable.c - messages that cannot be read cost no look at the
 * folders and no line in the log, and are there when they can be.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/db.h"
#include "common/mem.h"
#include "maildir/index_repair.h"
#include "tests/check_box.h"
#include "tests/suites.h"

static struct index *unread_index;

/* A mailbox of two messages, and its index with all its files open. */
static void
open_read(void)
{
	box_open();
	box_put("cur/1700000001.a:2,S", "Subject: a\n\n");
	box_put("new/1700000002.b", "Subject: b\n\n");
	ck_assert_int_eq(fchmod(box.root, 0777), 0);
	ck_assert_int_eq(fchmod(box.new, 0755), 0);
	ck_assert_int_eq(fchmod(box.cur, 0755), 0);
	ck_assert_int_eq(chmod("box/new/1700000002.b", 0644), 0);
	unread_index = index_open(&box);
	ck_assert_int_eq(index_sync(unread_index, &box), 0);
}

static void
close_read(void)
{
	index_close(unread_index);
	box_close();
}

static void
put_unreadable(const char *place)
{
	box_put(place, "Subject: x\n\n");
	ck_assert_int_eq(fchmodat(box.root, place, 0, 0), 0);
}

static void
make_readable(const char *place)
{
	ck_assert_int_eq(fchmodat(box.root, place, 0644, 0), 0);
}

/* Syncs as somebody to whom mode 0 means something. */
static void
sync_as_user(void)
{
	const uid_t user = geteuid();

	if (user == 0)
		ck_assert_int_eq(seteuid(65534), 0);
	ck_assert_int_eq(index_sync(unread_index, &box), 0);
	ck_assert_int_eq(seteuid(user), 0);
}

/* So that it shows when the folders are read: it comes back then. */
static void
forget_the_first(void)
{
	ck_assert_int_eq(index_removed(unread_index, "1700000001.a"), 0);
}

START_TEST(what_can_be_read_again_is_found_without_reading_folders)
{
	put_unreadable("cur/1700000003.c:2,F");
	put_unreadable("new/1700000004.d");
	box_settle();
	sync_as_user();
	ck_assert(index_is_blind(unread_index));
	forget_the_first();
	sync_as_user();
	ck_assert(index_is_blind(unread_index));
	ck_assert_str_eq(box_contents(unread_index), "new/1700000002.b[] ");
	make_readable("cur/1700000003.c:2,F");
	sync_as_user();
	ck_assert(index_is_blind(unread_index));
	ck_assert_str_eq(box_contents(unread_index),
	    "new/1700000002.b[] cur/1700000003.c:2,F[F] ");
	make_readable("new/1700000004.d");
	sync_as_user();
	ck_assert(!index_is_blind(unread_index));
	ck_assert_str_eq(box_contents(unread_index),
	    "new/1700000002.b[] cur/1700000003.c:2,F[F] "
	    "new/1700000004.d[] ");
}
END_TEST

START_TEST(what_was_unreadable_in_cur_is_looked_at_when_mail_comes_to_new)
{
	put_unreadable("cur/1700000003.c:2,F");
	put_unreadable("cur/1700000004.d:2,");
	box_settle();
	sync_as_user();
	make_readable("cur/1700000003.c:2,F");
	forget_the_first();
	box_put("new/1700000005.e", "Subject: e\n\n");
	make_readable("new/1700000005.e");
	sync_as_user();
	ck_assert(index_is_blind(unread_index));
	ck_assert_str_eq(box_contents(unread_index),
	    "new/1700000002.b[] cur/1700000003.c:2,F[F] "
	    "new/1700000005.e[] ");
	make_readable("cur/1700000004.d:2,");
	sync_as_user();
	ck_assert(!index_is_blind(unread_index));
	ck_assert_int_eq(box_count(unread_index), 4);
}
END_TEST

START_TEST(what_was_unreadable_and_is_gone_is_forgotten)
{
	put_unreadable("cur/1700000003.c:2,F");
	box_settle();
	sync_as_user();
	ck_assert(index_is_blind(unread_index));
	ck_assert_int_eq(unlink("box/cur/1700000003.c:2,F"), 0);
	sync_as_user();
	ck_assert(!index_is_blind(unread_index));
	ck_assert_int_eq(box_count(unread_index), 2);
}
END_TEST

static void
sql(const char *text)
{
	sqlite3 *db = db_open("box/index.sqlite", DB_WRITE, false);

	ck_assert_int_eq(db_exec(db, text), 0);
	sqlite3_close(db);
}

/* What the log says of a sync. */
static const char *
log_of_sync(void)
{
	static char text[4096];
	int saved = dup(STDERR_FILENO);
	int fd = open("log", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t size;

	ck_assert_int_ne(dup2(fd, STDERR_FILENO), -1);
	sync_as_user();
	ck_assert_int_ne(dup2(saved, STDERR_FILENO), -1);
	size = pread(fd, text, sizeof(text) - 1, 0);
	ck_assert_int_ge(size, 0);
	text[size] = '\0';
	close(fd);
	close(saved);
	return text;
}

static size_t
count_lines(const char *text)
{
	size_t count = 0;

	for (const char *c = text; *c != '\0'; c++)
		count += *c == '\n';
	return count;
}

static void
assert_told(const char *what)
{
	const char *text = log_of_sync();

	ck_assert_msg(strstr(text, " event=unreadable ") != NULL &&
		strstr(text, what) != NULL && count_lines(text) == 1,
	    "%s", text);
}

START_TEST(it_is_told_once_a_day_or_when_there_are_others)
{
	put_unreadable("cur/1700000003.c:2,F");
	assert_told(" messages=1 first=cur/1700000003.c:2,F "
		    "why=\"Permission denied\"");
	ck_assert_str_eq(log_of_sync(), "");
	box_settle();
	ck_assert_str_eq(log_of_sync(), "");
	ck_assert_str_eq(log_of_sync(), "");
	put_unreadable("new/1700000004.d");
	assert_told(" messages=2 ");
	ck_assert_str_eq(log_of_sync(), "");
	sql("UPDATE state SET value = value - 86399 - 3600"
	    " WHERE name = 'unreadable'");
	assert_told(" messages=2 ");
	ck_assert_str_eq(log_of_sync(), "");
	/* The clock was set back. */
	sql("UPDATE state SET value = value + 3600 WHERE name = 'unreadable'");
	assert_told(" messages=2 ");
	make_readable("cur/1700000003.c:2,F");
	make_readable("new/1700000004.d");
	ck_assert_str_eq(log_of_sync(), "");
	ck_assert(!index_is_blind(unread_index));
}
END_TEST

START_TEST(what_is_no_message_is_not_looked_for)
{
	ck_assert_int_eq(mkdirat(box.cur, "1700000003.c:2,", 0700), 0);
	ck_assert_int_eq(mkfifoat(box.cur, "1700000004.d:2,", 0600), 0);
	ck_assert_int_eq(symlinkat("/nowhere", box.new, "1700000005.e"), 0);
	ck_assert_str_eq(log_of_sync(), "");
	ck_assert(!index_is_blind(unread_index));
	ck_assert_int_eq(box_count(unread_index), 2);
}
END_TEST

/* From now on the disk cannot read so many bytes at once. */
static void
break_disk(uint64_t size)
{
	const struct scmp_arg_cmp count = {
		.arg = 2,
		.op = SCMP_CMP_EQ,
		.datum_a = size,
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	ck_assert_ptr_nonnull(filter);
	ck_assert_int_eq(seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EIO),
			     SCMP_SYS(pread64), 1, &count),
	    0);
	ck_assert_int_eq(seccomp_load(filter), 0);
	seccomp_release(filter);
}

/* Syncs in a process whose disk is broken. */
static void
sync_broken(uint64_t size)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct index *index;

		break_disk(size);
		index = index_open(&box);
		_exit(index_sync(index, &box) == 0 && index_is_blind(index) &&
			    box_count(index) == 2
			? 0
			: 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}

/* What is read of a file: to measure it, or its header. */
static const struct {
	const char *place;
	uint64_t read;
} broken[] = {
	{ "cur/1700000003.c:2,F", 16384 },
	{ "new/1700000003.c,S=12,W=14", 8192 },
};

START_TEST(what_the_disk_cannot_read_is_read_when_it_changed_or_a_day_later)
{
	box_put(broken[_i].place, "Subject: x\n\n");
	make_readable(broken[_i].place);
	box_settle();
	sync_broken(broken[_i].read);
	ck_assert_int_ne(access("box/index.sqlite.bad", F_OK), 0);
	/* It could be read now, but nothing says so: it may take long. */
	forget_the_first();
	ck_assert_str_eq(log_of_sync(), "");
	ck_assert(index_is_blind(unread_index));
	ck_assert_int_eq(box_count(unread_index), 1);
	if (_i == 0)
		make_readable(broken[_i].place);
	else
		sql("UPDATE state SET value = value - 86400"
		    " WHERE name = 'unreadable'");
	sync_as_user();
	ck_assert(!index_is_blind(unread_index));
	ck_assert_int_eq(box_count(unread_index), 2);
}
END_TEST

START_TEST(a_rebuild_reads_what_could_not_be_read)
{
	box_put(broken[0].place, "Subject: x\n\n");
	box_settle();
	sync_broken(broken[0].read);
	ck_assert_int_eq(index_rebuild(&box), 0);
	ck_assert_str_eq(log_of_sync(), "");
	ck_assert(!index_is_blind(unread_index));
	ck_assert_int_eq(box_count(unread_index), 3);
}
END_TEST

Suite *
index_unreadable_suite(void)
{
	Suite *suite = suite_create("index_unreadable");
	TCase *tc = tcase_create("index_unreadable");

	tcase_add_checked_fixture(tc, open_read, close_read);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc,
	    what_can_be_read_again_is_found_without_reading_folders);
	tcase_add_test(tc,
	    what_was_unreadable_in_cur_is_looked_at_when_mail_comes_to_new);
	tcase_add_test(tc, what_was_unreadable_and_is_gone_is_forgotten);
	tcase_add_test(tc, it_is_told_once_a_day_or_when_there_are_others);
	tcase_add_test(tc, what_is_no_message_is_not_looked_for);
	tcase_add_loop_test(tc,
	    what_the_disk_cannot_read_is_read_when_it_changed_or_a_day_later, 0,
	    COUNT(broken));
	tcase_add_test(tc, a_rebuild_reads_what_could_not_be_read);
	suite_add_tcase(suite, tc);
	return suite;
}
