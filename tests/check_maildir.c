/*
 * check_maildir.c - a Maildir: delivery, names, and messages that other
 * programs have moved, and what is no message.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/buf.h"
#include "maildir/maildir.h"
#include "maildir/maildir_name.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static struct maildir box;

static void
open_box(void)
{
	folder_enter();
	ck_assert_int_eq(maildir_open(AT_FDCWD, "box", true, &box), 0);
}

static void
close_box(void)
{
	maildir_close(&box);
	folder_leave();
}

static void
make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write_all(fd, text, strlen(text)), 0);
	close(fd);
}

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* Delivers TEXT; its name is in NAME. */
static void
deliver(const char *text, char name[MAILDIR_NAME_MAX + 1])
{
	struct maildir_draft draft;
	int64_t size = (int64_t)strlen(text);

	ck_assert_int_eq(maildir_draft(&box, &draft), 0);
	ck_assert_int_eq(write_all(draft.fd, text, strlen(text)), 0);
	ck_assert_int_eq(maildir_commit(&box, &draft, size, size + 1, name), 0);
	ck_assert_int_eq(draft.fd, -1);
}

static int
count_one(void *arg, bool in_new, const char *name)
{
	(void)in_new;
	(void)name;
	++*(int *)arg;
	return 0;
}

static int
count_messages(void)
{
	int count = 0;

	ck_assert_int_eq(maildir_scan(&box, count_one, &count), 0);
	return count;
}

static int
files_in(const char *folder)
{
	char *command = xasprintf("ls -A %s | wc -l", folder);
	FILE *out = popen(command, "re");
	int count = -1;

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(fscanf(out, "%d", &count), 1);
	pclose(out);
	free(command);
	return count;
}

static void
assert_content(int fd, const char *text)
{
	char data[100] = "";

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(read(fd, data, sizeof(data) - 1),
	    (ssize_t)strlen(text));
	ck_assert_str_eq(data, text);
	close(fd);
}

START_TEST(a_delivered_message_is_in_new_and_nowhere_else)
{
	char name[MAILDIR_NAME_MAX + 1];
	struct maildir_name parsed;
	struct stat st;

	deliver("Hello\n", name);
	maildir_parse_name(name, &parsed);
	ck_assert_int_eq(parsed.size, 6);
	ck_assert_int_eq(parsed.wire, 7);
	ck_assert_int_eq(files_in("box/new"), 1);
	ck_assert_int_eq(files_in("box/tmp"), 0);
	ck_assert_int_eq(fstatat(box.new, name, &st, 0), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	ck_assert_uint_eq(st.st_nlink, 1);
	assert_content(maildir_open_message(&box, true, name), "Hello\n");
}
END_TEST

START_TEST(an_abandoned_draft_leaves_nothing)
{
	struct maildir_draft draft;

	ck_assert_int_eq(maildir_draft(&box, &draft), 0);
	ck_assert_int_eq(files_in("box/tmp"), 1);
	maildir_abandon(&box, &draft);
	maildir_abandon(&box, &draft);
	ck_assert_int_eq(files_in("box/tmp"), 0);
	ck_assert_int_eq(count_messages(), 0);
}
END_TEST

START_TEST(a_commit_that_cannot_link_leaves_nothing)
{
	char name[MAILDIR_NAME_MAX + 1];
	char taken[MAILDIR_NAME_MAX + 1];
	struct maildir_draft draft;

	ck_assert_int_eq(maildir_draft(&box, &draft), 0);
	maildir_name_sized(draft.name, 5, 6, taken);
	close(openat(box.new, taken, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	ck_assert_int_eq(maildir_commit(&box, &draft, 5, 6, name), -1);
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_int_eq(files_in("box/tmp"), 0);
	ck_assert_int_eq(files_in("box/new"), 1);
}
END_TEST

START_TEST(names_are_never_given_twice)
{
	char names[1000][MAILDIR_NAME_MAX + 1];

	for (int i = 0; i < 1000; i++) {
		maildir_name_new(names[i]);
		ck_assert_ptr_null(strpbrk(names[i], "/:,"));
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(names[i], names[j]);
	}
}
END_TEST

START_TEST(a_mailbox_is_made_private_with_its_parents)
{
	struct maildir made;
	struct stat st;

	ck_assert_int_eq(maildir_open(AT_FDCWD, "mail/campus.example/bob/",
			     true, &made),
	    0);
	ck_assert_int_eq(stat("mail/campus.example/bob/cur", &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
	ck_assert_int_eq(stat("mail", &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
	maildir_close(&made);
	ck_assert_int_eq(made.root, -1);
	maildir_close(&made);
}
END_TEST

START_TEST(a_folder_that_is_no_maildir_is_not_made_one_to_read_it)
{
	struct maildir none;

	ck_assert_int_eq(mkdir("documents", 0700), 0);
	ck_assert_int_eq(maildir_open(AT_FDCWD, "documents", false, &none), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(files_in("documents"), 0);
	ck_assert_int_eq(maildir_open(AT_FDCWD, "nowhere", false, &none), -1);
	ck_assert_int_eq(errno, ENOENT);
	maildir_close(&none);
}
END_TEST

START_TEST(a_maildir_that_lost_its_empty_folders_opens)
{
	struct maildir other;

	ck_assert_int_eq(mkdir("copied", 0700), 0);
	ck_assert_int_eq(mkdir("copied/cur", 0700), 0);
	ck_assert_int_eq(maildir_open(AT_FDCWD, "copied", false, &other), 0);
	ck_assert(exists("copied/new") && exists("copied/tmp"));
	maildir_close(&other);
}
END_TEST

START_TEST(a_linked_folder_within_a_maildir_is_refused)
{
	struct maildir other;

	ck_assert_int_eq(mkdir("bad", 0700), 0);
	ck_assert_int_eq(mkdir("bad/cur", 0700), 0);
	ck_assert_int_eq(symlink("../box/new", "bad/new"), 0);
	ck_assert_int_eq(maildir_open(AT_FDCWD, "bad", true, &other), -1);
}
END_TEST

/* What may lie in new/ that is no message; none may hang or be followed. */
static void
make_odd_files(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, "box/new/5.socket");
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)),
	    0);
	close(fd);
	ck_assert_int_eq(mkfifo("box/new/1.fifo", 0600), 0);
	ck_assert_int_eq(symlink("/etc/passwd", "box/new/2.link"), 0);
	ck_assert_int_eq(mkdir("box/new/3.folder", 0700), 0);
	make_file("box/new/.hidden", "x");
}

static const char *const odd[] = { "1.fifo", "2.link", "3.folder", ".hidden",
	"5.socket", "", "..", "../cur", "/etc/passwd", "new/x" };

START_TEST(what_is_no_message_is_neither_listed_nor_opened)
{
	make_odd_files();
	make_file("box/new/6.message", "Hi\n");
	ck_assert_int_eq(count_messages(), 1);
	ck_assert_int_eq(maildir_open_message(&box, true, odd[_i]), -1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(removing_what_is_no_name_removes_nothing)
{
	make_odd_files();
	make_file("box/x", "kept");
	ck_assert_int_eq(maildir_remove(&box, true, "../x"), 0);
	ck_assert_int_eq(maildir_remove(&box, true, ".hidden"), 0);
	ck_assert_int_eq(maildir_remove(&box, true, "3.folder"), -1);
	ck_assert(exists("box/x") && exists("box/new/.hidden") &&
	    exists("box/new/3.folder"));
}
END_TEST

START_TEST(a_message_that_another_program_moved_is_found)
{
	make_file("box/cur/1.a.host,S=3:2,RS", "Hi\n");
	assert_content(maildir_open_message(&box, true, "1.a.host,S=3"),
	    "Hi\n");
	assert_content(maildir_open_message(&box, false, "1.a.host:2,"),
	    "Hi\n");
	ck_assert_int_eq(maildir_open_message(&box, true, "1.a.hos"), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(maildir_remove(&box, true, "1.a.host,S=3"), 0);
	ck_assert_int_eq(files_in("box/cur"), 0);
	ck_assert_int_eq(maildir_remove(&box, true, "1.a.host,S=3"), 0);
	ck_assert_int_eq(maildir_sync(&box), 0);
}
END_TEST

START_TEST(flags_move_a_message_to_cur)
{
	char name[MAILDIR_NAME_MAX + 1];
	char cut[MAILDIR_NAME_MAX + 1];

	make_file("box/new/1.a.host,S=3,W=4", "Hi\n");
	ck_assert_int_eq(maildir_set_flags(&box, true, "1.a.host,S=3,W=4",
			     "SRS", name),
	    0);
	ck_assert_str_eq(name, "1.a.host,S=3,W=4:2,RS");
	ck_assert(exists("box/cur/1.a.host,S=3,W=4:2,RS"));
	ck_assert_int_eq(files_in("box/new"), 0);
	ck_assert_int_eq(maildir_set_flags(&box, false, name, "RS", cut), 0);
	ck_assert_str_eq(cut, name);
	ck_assert_int_eq(maildir_set_flags(&box, true, "1.a.host,S=3,W=4", "",
			     cut),
	    0);
	ck_assert_str_eq(cut, "1.a.host,S=3,W=4:2,");
	ck_assert_int_eq(maildir_set_flags(&box, true, "2.b.host", "S", cut),
	    -1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(setting_flags_destroys_no_other_message)
{
	char name[MAILDIR_NAME_MAX + 1];

	make_file("box/new/1.a", "one\n");
	make_file("box/cur/1.a:2,S", "two\n");
	ck_assert_int_eq(maildir_set_flags(&box, true, "1.a", "S", name), -1);
	ck_assert_int_eq(errno, EEXIST);
	assert_content(open("box/cur/1.a:2,S", O_RDONLY | O_CLOEXEC), "two\n");
	assert_content(open("box/new/1.a", O_RDONLY | O_CLOEXEC), "one\n");
}
END_TEST

START_TEST(only_old_drafts_are_cleaned_away)
{
	const struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
	struct timespec read_lately[2] = { { 0, UTIME_NOW }, old[1] };

	make_file("box/tmp/fresh", "x");
	make_file("box/tmp/old", "x");
	make_file("box/tmp/read", "x");
	ck_assert_int_eq(mkdir("box/tmp/folder", 0700), 0);
	ck_assert_int_eq(utimensat(box.tmp, "old", old, 0), 0);
	ck_assert_int_eq(utimensat(box.tmp, "folder", old, 0), 0);
	ck_assert_int_eq(utimensat(box.tmp, "read", read_lately, 0), 0);
	maildir_clean_tmp(&box);
	ck_assert(exists("box/tmp/fresh") && exists("box/tmp/read") &&
	    exists("box/tmp/folder"));
	ck_assert(!exists("box/tmp/old"));
}
END_TEST

START_TEST(arrival_is_in_the_name_or_the_mtime)
{
	const struct timespec times[2] = { { 7, 0 }, { 1234567890, 0 } };

	make_file("box/cur/foreign", "x");
	ck_assert_int_eq(utimensat(box.cur, "foreign", times, 0), 0);
	ck_assert_int_eq(maildir_arrival(&box, false, "1795313597.x"),
	    1795313597);
	ck_assert_int_eq(maildir_arrival(&box, false, "foreign"), 1234567890);
	ck_assert_int_eq(maildir_arrival(&box, false, "gone"), 0);
	ck_assert_int_eq(maildir_arrival(&box, false, "../../box"), 0);
}
END_TEST

Suite *
maildir_suite(void)
{
	Suite *suite = suite_create("maildir");
	TCase *tc = tcase_create("maildir");

	tcase_add_checked_fixture(tc, open_box, close_box);
	tcase_add_test(tc, a_delivered_message_is_in_new_and_nowhere_else);
	tcase_add_test(tc, an_abandoned_draft_leaves_nothing);
	tcase_add_test(tc, a_commit_that_cannot_link_leaves_nothing);
	tcase_add_test(tc, names_are_never_given_twice);
	tcase_add_test(tc, a_mailbox_is_made_private_with_its_parents);
	tcase_add_test(tc,
	    a_folder_that_is_no_maildir_is_not_made_one_to_read_it);
	tcase_add_test(tc, a_maildir_that_lost_its_empty_folders_opens);
	tcase_add_test(tc, a_linked_folder_within_a_maildir_is_refused);
	tcase_add_loop_test(tc, what_is_no_message_is_neither_listed_nor_opened,
	    0, COUNT(odd));
	tcase_add_test(tc, removing_what_is_no_name_removes_nothing);
	tcase_add_test(tc, a_message_that_another_program_moved_is_found);
	tcase_add_test(tc, flags_move_a_message_to_cur);
	tcase_add_test(tc, setting_flags_destroys_no_other_message);
	tcase_add_test(tc, only_old_drafts_are_cleaned_away);
	tcase_add_test(tc, arrival_is_in_the_name_or_the_mtime);
	suite_add_tcase(suite, tc);
	return suite;
}
