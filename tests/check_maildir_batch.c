/*
 * check_maildir_batch.c - many messages committed at a time: none before the
 * flush, all after it, and nothing left in tmp/.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "maildir/maildir_batch.h"
#include "tests/check_box.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

enum { SKIPPED = 77 };

static struct maildir_batch *batch;

static void
open_batch(void)
{
	box_open();
	batch = maildir_batch_new();
	ck_assert_int_eq(maildir_batch_open(batch, &box), 0);
}

static void
close_batch(void)
{
	maildir_batch_free(batch);
	box_close();
}

static void
add(bool in_new, const char *name, const char *text)
{
	struct maildir_draft draft;

	ck_assert_int_eq(maildir_draft(&box, &draft), 0);
	ck_assert_int_eq(write_all(draft.fd, text, strlen(text)), 0);
	maildir_batch_add(batch, &box, &draft, in_new, name);
	ck_assert_int_eq(draft.fd, -1);
}

/* Files in a folder of the box. */
static int
count_files(const char *path)
{
	DIR *folder = opendir(path);
	int count = 0;

	ck_assert_ptr_nonnull(folder);
	for (const struct dirent *entry = readdir(folder); entry != NULL;
	     entry = readdir(folder))
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}

static void
assert_text(const char *path, const char *text)
{
	struct buf data = BUF_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	ck_assert_msg(fd != -1, "%s", path);
	ck_assert_int_eq(buf_read(&data, fd, 1000), 0);
	ck_assert_str_eq(data.data, text);
	close(fd);
	buf_clear(&data);
}

START_TEST(messages_are_there_after_the_flush_and_not_before)
{
	add(true, "1.a,S=2,W=3", "a\n");
	add(false, "1.b,S=2,W=3:2,S", "b\n");
	ck_assert_uint_eq(maildir_batch_count(batch), 2);
	ck_assert(maildir_batch_has(batch, &box, "1.b,S=2,W=3:2,FS"));
	ck_assert(!maildir_batch_has(batch, &box, "1.c,S=2,W=3"));
	ck_assert_int_eq(count_files("box/new") + count_files("box/cur"), 0);
	ck_assert_int_eq(count_files("box/tmp"), 2);
	ck_assert_int_eq(maildir_batch_flush(batch), 0);
	assert_text("box/new/1.a,S=2,W=3", "a\n");
	assert_text("box/cur/1.b,S=2,W=3:2,S", "b\n");
	ck_assert_int_eq(count_files("box/tmp"), 0);
	ck_assert_uint_eq(maildir_batch_count(batch), 0);
	ck_assert(!maildir_batch_has(batch, &box, "1.b,S=2,W=3:2,S"));
}
END_TEST

START_TEST(what_is_not_flushed_leaves_nothing)
{
	add(true, "1.a", "a\n");
	maildir_batch_free(batch);
	batch = NULL;
	ck_assert_int_eq(count_files("box/new") + count_files("box/tmp"), 0);
}
END_TEST

START_TEST(no_message_takes_the_place_of_another)
{
	box_put("new/1.a", "mine\n");
	add(true, "1.0", "first\n");
	add(true, "1.a", "other\n");
	ck_assert_int_eq(maildir_batch_flush(batch), -1);
	assert_text("box/new/1.a", "mine\n");
	ck_assert_int_eq(count_files("box/tmp"), 0);
	ck_assert_uint_eq(maildir_batch_count(batch), 0);
	/* And it goes on. */
	add(true, "1.b", "next\n");
	ck_assert_int_eq(maildir_batch_flush(batch), 0);
	assert_text("box/new/1.b", "next\n");
}
END_TEST

START_TEST(it_is_full_at_some_point)
{
	char name[32];
	int count = 0;

	while (!maildir_batch_is_full(batch) && count < 5000) {
		snprintf(name, sizeof(name), "1.%d", count++);
		add(true, name, "x\n");
	}
	ck_assert_int_gt(count, 10);
	ck_assert_int_lt(count, 5000);
	ck_assert_int_eq(maildir_batch_flush(batch), 0);
	ck_assert_int_eq(count_files("box/new"), count);
	ck_assert(!maildir_batch_is_full(batch));
}
END_TEST

/* A batch in a file system whose syncfs() is not trusted. */
static int
store_in_ramfs(void)
{
	struct maildir_batch *other = maildir_batch_new();

	if (unshare(CLONE_NEWNS | (geteuid() == 0 ? 0 : CLONE_NEWUSER)) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mkdir("ram", 0700) == -1 ||
	    mount("ramfs", "ram", "ramfs", 0, NULL) == -1)
		return SKIPPED;
	maildir_close(&box);
	if (maildir_open(AT_FDCWD, "ram/box", true, &box) == -1 ||
	    maildir_batch_open(other, &box) == -1)
		return 1;
	maildir_batch_free(batch);
	batch = other;
	add(true, "1.a", "a\n");
	add(false, "1.b:2,S", "b\n");
	if (maildir_batch_flush(batch) == -1)
		return 2;
	assert_text("ram/box/new/1.a", "a\n");
	assert_text("ram/box/cur/1.b:2,S", "b\n");
	return count_files("ram/box/tmp");
}

START_TEST(another_file_system_has_each_file_flushed)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(store_in_ramfs());
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) != SKIPPED)
		ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

Suite *
maildir_batch_suite(void)
{
	Suite *suite = suite_create("maildir_batch");
	TCase *tc = tcase_create("maildir_batch");

	tcase_add_checked_fixture(tc, open_batch, close_batch);
	tcase_add_test(tc, messages_are_there_after_the_flush_and_not_before);
	tcase_add_test(tc, what_is_not_flushed_leaves_nothing);
	tcase_add_test(tc, no_message_takes_the_place_of_another);
	tcase_add_test(tc, another_file_system_has_each_file_flushed);
	tcase_add_test(tc, it_is_full_at_some_point);
	suite_add_tcase(suite, tc);
	return suite;
}
