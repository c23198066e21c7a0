/*
 * check_unfinished_saved.c - a letter that was saved is one draft, wherever
 * between the steps its writer is killed.
 */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "maildir/maildir.h"
#include "maildir/message.h"
#include "mua/post.h"
#include "mua/unfinished.h"
#include "tests/check_box.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static const char drafts[] = "box/.Drafts";

enum { LETTERS_MAX = 5000 };

static struct draft *
begin(const char *text)
{
	struct draft *draft = draft_new();

	draft_set(draft, DRAFT_FROM, "bob@x.example");
	draft_set(draft, DRAFT_SUBJECT, "half");
	buf_addstr(&draft->text, text);
	return draft;
}

static void
save(struct draft *draft)
{
	char why[200];

	ck_assert_msg(post_save_draft(draft, drafts, why, sizeof(why)), "%s",
	    why);
}

static void
keep(struct unfinished *unfinished, struct draft *draft)
{
	ck_assert_int_eq(unfinished_save(unfinished, draft, &draft->text), 0);
}

/* The texts of all drafts, one behind the other. */
static int
add_text(void *arg, bool in_new, const char *name)
{
	struct maildir folder;
	int fd;

	ck_assert_int_eq(maildir_open(AT_FDCWD, drafts, false, &folder), 0);
	fd = maildir_open_message(&folder, in_new, name);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(buf_read(arg, fd, SIZE_MAX), 0);
	close(fd);
	maildir_close(&folder);
	return 0;
}

static void
read_all(struct buf *texts)
{
	struct maildir folder;

	buf_reset(texts);
	buf_addstr(texts, "");
	ck_assert_int_eq(maildir_open(AT_FDCWD, drafts, true, &folder), 0);
	ck_assert_int_eq(maildir_scan(&folder, add_text, texts), 0);
	maildir_close(&folder);
}

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

/* Files of letters that are being written. */
static size_t
count_unfinished(void)
{
	DIR *folder = opendir(drafts);
	const struct dirent *entry;
	size_t n = 0;

	ck_assert_ptr_nonnull(folder);
	while ((entry = readdir(folder)) != NULL)
		n += strncmp(entry->d_name, "mua-unfinished-", 15) == 0;
	closedir(folder);
	return n;
}

/* Recovers RECOVERED letters; of all the drafts then are COUNT. */
static void
expect(size_t recovered, size_t drafts_count, struct buf *texts)
{
	char name[MAILDIR_NAME_MAX + 1];

	ck_assert_uint_eq(unfinished_recover(drafts, name), recovered);
	ck_assert_uint_eq(count_unfinished(), 0);
	ck_assert_uint_eq(unfinished_recover(drafts, name), 0);
	read_all(texts);
	ck_assert_uint_eq(count(texts->data, "\nSubject: half\n"),
	    drafts_count);
}

/* What was kept last may be older than what was saved. */
START_TEST(who_is_killed_after_saving_has_one_draft)
{
	struct draft *draft = begin("one\n");
	struct unfinished *unfinished = unfinished_new(drafts);
	struct buf texts = BUF_INIT;

	keep(unfinished, draft);
	buf_addstr(&draft->text, "two\n");
	if (_i == 1)
		keep(unfinished, draft);
	save(draft);
	unfinished_end(unfinished, true);
	ck_assert_uint_eq(count_unfinished(), 1);
	expect(0, 1, &texts);
	ck_assert_ptr_nonnull(strstr(texts.data, "\n\none\ntwo\n"));
	buf_clear(&texts);
	draft_free(draft);
}
END_TEST

/* It is saved anew first, and only then what it replaces is removed. */
START_TEST(a_draft_that_was_written_on_is_not_there_twice_either)
{
	struct draft *draft = begin("one\n");
	struct unfinished *unfinished = unfinished_new(drafts);
	struct buf texts = BUF_INIT;
	struct maildir folder;
	char name[MAILDIR_NAME_MAX + 1];
	int fd;

	save(draft);
	(void)copy_string(name, sizeof(name), draft->postponed);
	ck_assert_int_eq(maildir_open(AT_FDCWD, drafts, false, &folder), 0);
	fd = maildir_open_message(&folder, true, name);
	ck_assert_int_ne(fd, -1);
	buf_addstr(&draft->text, "two\n");
	keep(unfinished, draft);
	save(draft);
	unfinished_end(unfinished, true);
	/* As if it had been killed before it removed the one before. */
	ck_assert_int_eq(buf_read(&texts, fd, SIZE_MAX), 0);
	close(fd);
	fd = openat(folder.new, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0600);
	ck_assert_int_eq(write_all(fd, texts.data, texts.size), 0);
	close(fd);
	maildir_close(&folder);
	expect(0, 1, &texts);
	ck_assert_ptr_nonnull(strstr(texts.data, "\n\none\ntwo\n"));
	buf_clear(&texts);
	draft_free(draft);
}
END_TEST

START_TEST(what_was_written_on_after_saving_is_not_lost)
{
	struct draft *draft = begin("one\n");
	struct unfinished *unfinished = unfinished_new(drafts);
	struct buf texts = BUF_INIT;

	keep(unfinished, draft);
	save(draft);
	buf_addstr(&draft->text, "two\n");
	keep(unfinished, draft);
	unfinished_end(unfinished, true);
	expect(1, 1, &texts);
	ck_assert_ptr_nonnull(strstr(texts.data, "\n\none\ntwo\n"));
	buf_clear(&texts);
	draft_free(draft);
}
END_TEST

/* Word for word the same, and still two letters. */
START_TEST(another_letter_of_the_same_words_is_another)
{
	struct draft *saved = begin("one\n");
	struct draft *other = begin("one\n");
	struct unfinished *first = unfinished_new(drafts);
	struct unfinished *second = unfinished_new(drafts);
	struct buf texts = BUF_INIT;

	keep(first, saved);
	keep(second, other);
	save(saved);
	unfinished_end(first, true);
	unfinished_end(second, true);
	expect(1, 2, &texts);
	buf_clear(&texts);
	draft_free(saved);
	draft_free(other);
}
END_TEST

/* Writes and saves letters until it is killed; says when one was kept. */
_Noreturn static void
write_for_ever(int tell)
{
	char text[32];
	char why[200];

	for (int i = 0; i < LETTERS_MAX; i++) {
		struct unfinished *unfinished = unfinished_new(drafts);
		struct draft *draft;

		(void)snprintf(text, sizeof(text), "letter %d.\n", i);
		draft = begin(text);
		if (unfinished_save(unfinished, draft, &draft->text) == -1 ||
		    write(tell, "x", 1) != 1 ||
		    !post_save_draft(draft, drafts, why, sizeof(why)))
			break;
		unfinished_end(unfinished, false);
		draft_free(draft);
	}
	_exit(1);
}

START_TEST(whoever_is_killed_when_each_letter_is_there_once)
{
	char name[MAILDIR_NAME_MAX + 1];
	char text[32];
	struct buf texts = BUF_INIT;
	size_t told = 0;
	int ends[2];
	char c;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0)
		write_for_ever(ends[1]);
	close(ends[1]);
	while (told < 5 && read(ends[0], &c, 1) == 1)
		told++;
	usleep((useconds_t)_i * 97);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (read(ends[0], &c, 1) == 1)
		told++;
	close(ends[0]);
	(void)unfinished_recover(drafts, name);
	read_all(&texts);
	for (size_t i = 0; i <= told; i++) {
		(void)snprintf(text, sizeof(text), "\nletter %zu.\n", i);
		if (i < told)
			ck_assert_uint_eq(count(texts.data, text), 1);
		else
			ck_assert_uint_le(count(texts.data, text), 1);
	}
	buf_clear(&texts);
}
END_TEST

Suite *
unfinished_saved_suite(void)
{
	Suite *suite = suite_create("unfinished_saved");
	TCase *tc = tcase_create("unfinished_saved");

	tcase_add_unchecked_fixture(tc, message_library_init, NULL);
	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, who_is_killed_after_saving_has_one_draft, 0, 2);
	tcase_add_test(tc,
	    a_draft_that_was_written_on_is_not_there_twice_either);
	tcase_add_test(tc, what_was_written_on_after_saving_is_not_lost);
	tcase_add_test(tc, another_letter_of_the_same_words_is_another);
	tcase_add_loop_test(tc,
	    whoever_is_killed_when_each_letter_is_there_once, 0, 12);
	suite_add_tcase(suite, tc);
	return suite;
}
