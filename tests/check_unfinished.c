/*
 * check_unfinished.c - a letter that is being written survives whoever writes
 * it.
 */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static struct draft *
begin(void)
{
	struct draft *draft = draft_new();

	draft_set(draft, DRAFT_FROM, "bob@x.example");
	draft_set(draft, DRAFT_TO, "alice@x.example");
	draft_set(draft, DRAFT_BCC, "carol@x.example");
	draft_set(draft, DRAFT_SUBJECT, "half");
	buf_addstr(&draft->text, "what was there before\n");
	return draft;
}

/* How many files there are whose names begin with NAME. */
static size_t
count_files(const char *path, const char *name)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	size_t count = 0;

	while (folder != NULL && (entry = readdir(folder)) != NULL)
		count += entry->d_name[0] != '.' &&
		    strncmp(entry->d_name, name, strlen(name)) == 0;
	if (folder != NULL)
		closedir(folder);
	return count;
}

/* The path of the file in FOLDER whose name begins with NAME. */
static char *
find_file(const char *path, const char *name)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	char *found = NULL;

	ck_assert_ptr_nonnull(folder);
	while ((entry = readdir(folder)) != NULL && found == NULL)
		if (strncmp(entry->d_name, name, strlen(name)) == 0)
			found = xasprintf("%s/%s", path, entry->d_name);
	closedir(folder);
	ck_assert_ptr_nonnull(found);
	return found;
}

static void
read_draft(const char *name, struct buf *text)
{
	struct maildir folder;
	int fd;

	ck_assert_int_eq(maildir_open(AT_FDCWD, drafts, false, &folder), 0);
	fd = maildir_open_message(&folder, true, name);
	ck_assert_int_ne(fd, -1);
	buf_reset(text);
	ck_assert_int_eq(buf_read(text, fd, SIZE_MAX), 0);
	close(fd);
	maildir_close(&folder);
}

/* Saves letters of ever more lines until it is killed; says each. */
_Noreturn static void
write_for_ever(int tell)
{
	struct unfinished *unfinished = unfinished_new(drafts);
	struct draft *draft = begin();
	struct buf text = BUF_INIT;

	do {
		buf_addstr(&text, "line\n");
		if (unfinished_save(unfinished, draft, &text) == -1)
			break;
	} while (write(tell, "x", 1) == 1);
	_exit(1);
}

static size_t
count_lines(const char *text)
{
	size_t count = 0;

	while ((text = strstr(text, "\nline")) != NULL) {
		text++;
		count++;
	}
	return count;
}

START_TEST(what_a_killed_writer_has_kept_becomes_a_whole_draft)
{
	char name[MAILDIR_NAME_MAX + 1];
	struct buf text = BUF_INIT;
	size_t told = 0;
	int ends[2];
	char c;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0)
		write_for_ever(ends[1]);
	close(ends[1]);
	while (told < 10 && read(ends[0], &c, 1) == 1)
		told++;
	usleep((useconds_t)_i * 213);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (read(ends[0], &c, 1) == 1)
		told++;
	close(ends[0]);
	ck_assert_uint_eq(unfinished_recover(drafts, name), 1);
	read_draft(name, &text);
	ck_assert_ptr_nonnull(strstr(text.data, "\nTo: alice@x.example\n"));
	ck_assert_ptr_nonnull(strstr(text.data, "\nBcc: carol@x.example\n"));
	ck_assert_ptr_nonnull(strstr(text.data, "\nSubject: half\n"));
	ck_assert_ptr_null(strstr(text.data, "before"));
	ck_assert_uint_ge(count_lines(text.data), told);
	ck_assert_uint_le(count_lines(text.data), told + 1);
	ck_assert_uint_eq(unfinished_recover(drafts, name), 0);
	buf_clear(&text);
}
END_TEST

START_TEST(a_letter_that_somebody_still_writes_is_his)
{
	char name[MAILDIR_NAME_MAX + 1];
	struct draft *draft = begin();
	struct unfinished *unfinished = unfinished_new(drafts);
	int status;
	pid_t pid;

	ck_assert_int_eq(unfinished_save(unfinished, draft, &draft->text), 0);
	ck_assert_int_eq(unfinished_save(unfinished, draft, &draft->text), 0);
	pid = fork();
	if (pid == 0) /* another mua begins */
		_exit((int)unfinished_recover(drafts, name));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(count_files(drafts, "mua-unfinished-"), 1);
	unfinished_end(unfinished, false);
	draft_free(draft);
}
END_TEST

START_TEST(what_is_sent_or_thrown_away_is_not_offered_again)
{
	char name[MAILDIR_NAME_MAX + 1];
	struct draft *draft = begin();
	struct unfinished *unfinished = unfinished_new(drafts);

	ck_assert_int_eq(unfinished_save(unfinished, draft, &draft->text), 0);
	unfinished_end(unfinished, false);
	ck_assert_uint_eq(count_files(drafts, "mua-unfinished-"), 0);
	ck_assert_uint_eq(unfinished_recover(drafts, name), 0);
	unfinished = unfinished_new(drafts);
	ck_assert_int_eq(unfinished_save(unfinished, draft, &draft->text), 0);
	unfinished_end(unfinished, true);
	ck_assert_uint_eq(unfinished_recover(drafts, name), 1);
	draft_free(draft);
}
END_TEST

START_TEST(a_draft_that_is_written_on_stays_itself_meanwhile)
{
	struct draft *draft = begin();
	struct unfinished *unfinished = unfinished_new(drafts);
	const struct buf nothing = BUF_INIT;

	ck_assert_int_eq(unfinished_save(unfinished, draft, &nothing), 0);
	ck_assert_str_eq(draft->text.data, "what was there before\n");
	unfinished_end(unfinished, false);
	draft_free(draft);
}
END_TEST

/* Taken up, written on and killed: that again, and again. */
START_TEST(a_recovered_letter_takes_the_place_of_its_draft)
{
	char name[MAILDIR_NAME_MAX + 1];
	char why[200];
	struct draft *draft = begin();
	struct buf text = BUF_INIT;

	ck_assert_msg(post_save_draft(draft, drafts, why, sizeof(why)), "%s",
	    why);
	for (int i = 0; i < 3; i++) {
		struct unfinished *unfinished = unfinished_new(drafts);

		buf_addstr(&draft->text, "line\n");
		ck_assert_int_eq(unfinished_save(unfinished, draft,
				     &draft->text),
		    0);
		unfinished_end(unfinished, true);
		ck_assert_uint_eq(unfinished_recover(drafts, name), 1);
		ck_assert_uint_eq(count_files("box/.Drafts/new", "") +
			count_files("box/.Drafts/cur", ""),
		    1);
		read_draft(name, &text);
		ck_assert_uint_eq(count_lines(text.data), (size_t)i + 1);
		draft_replace(&draft->postponed, name);
	}
	buf_clear(&text);
	draft_free(draft);
}
END_TEST

/* Killed on the way, it would be there twice if it was copied. */
START_TEST(recovery_moves_the_very_file)
{
	char name[MAILDIR_NAME_MAX + 1];
	struct draft *draft = begin();
	struct unfinished *unfinished = unfinished_new(drafts);
	struct maildir folder;
	struct maildir_name parsed;
	struct stat before;
	struct stat after;
	char *path;

	ck_assert_int_eq(unfinished_save(unfinished, draft, &draft->text), 0);
	path = find_file(drafts, "mua-unfinished-");
	ck_assert_int_eq(stat(path, &before), 0);
	unfinished_end(unfinished, true);
	ck_assert_uint_eq(unfinished_recover(drafts, name), 1);
	ck_assert_int_eq(maildir_open(AT_FDCWD, drafts, false, &folder), 0);
	ck_assert_int_eq(fstatat(folder.new, name, &after, 0), 0);
	ck_assert(before.st_ino == after.st_ino);
	maildir_parse_name(name, &parsed);
	ck_assert_int_eq(parsed.size, after.st_size);
	ck_assert_int_gt(parsed.wire, after.st_size);
	maildir_close(&folder);
	free(path);
	draft_free(draft);
}
END_TEST

/* What a name in a draft's header can be made to say by somebody else. */
static const char *const strange[] = { "../../cur/other:2,", ".", "/etc/x",
	"cur/other:2,", "other:2,S/other:2,S" };

START_TEST(only_a_draft_is_replaced)
{
	char name[MAILDIR_NAME_MAX + 1];
	struct draft *draft = begin();
	struct unfinished *unfinished = unfinished_new(drafts);

	folder_write("box/cur/other:2,", "not a draft");
	draft_replace(&draft->postponed, strange[_i]);
	ck_assert_int_eq(unfinished_save(unfinished, draft, &draft->text), 0);
	unfinished_end(unfinished, true);
	ck_assert_uint_eq(unfinished_recover(drafts, name), 1);
	ck_assert_int_eq(access("box/cur/other:2,", F_OK), 0);
	draft_free(draft);
}
END_TEST

START_TEST(it_is_saved_when_one_stops_or_has_typed_much)
{
	struct unfinished *unfinished = unfinished_new(drafts);
	int keys = 1;

	ck_assert(!unfinished_is_due(unfinished, false, true));
	(void)unfinished_is_due(unfinished, true, false);
	ck_assert(unfinished_is_due(unfinished, false, true));
	while (!unfinished_is_due(unfinished, true, false))
		keys++;
	ck_assert_int_le(keys, 100);
	unfinished_end(unfinished, false);
}
END_TEST

START_TEST(where_nothing_can_be_written_it_is_said)
{
	struct draft *draft = begin();
	struct unfinished *unfinished = unfinished_new("box/file/.Drafts");

	folder_write("box/file", "no folder");
	ck_assert_int_eq(unfinished_save(unfinished, draft, &draft->text), -1);
	unfinished_end(unfinished, false);
	draft_free(draft);
}
END_TEST

Suite *
unfinished_suite(void)
{
	Suite *suite = suite_create("unfinished");
	TCase *tc = tcase_create("unfinished");

	tcase_add_unchecked_fixture(tc, message_library_init, NULL);
	tcase_add_checked_fixture(tc, box_open, box_close);
	tcase_add_loop_test(tc,
	    what_a_killed_writer_has_kept_becomes_a_whole_draft, 0, 8);
	tcase_add_test(tc, a_letter_that_somebody_still_writes_is_his);
	tcase_add_test(tc, what_is_sent_or_thrown_away_is_not_offered_again);
	tcase_add_test(tc, a_draft_that_is_written_on_stays_itself_meanwhile);
	tcase_add_test(tc, a_recovered_letter_takes_the_place_of_its_draft);
	tcase_add_test(tc, recovery_moves_the_very_file);
	tcase_add_loop_test(tc, only_a_draft_is_replaced, 0, COUNT(strange));
	tcase_add_test(tc, it_is_saved_when_one_stops_or_has_typed_much);
	tcase_add_test(tc, where_nothing_can_be_written_it_is_said);
	suite_add_tcase(suite, tc);
	return suite;
}
