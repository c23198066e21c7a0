/*
 * check_outbox.c - the outbox: its files, and what is left when a mua is killed
 * at any moment.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "maildir/message.h"
#include "mua/contacts.h"
#include "mua/copy.h"
#include "mua/draft.h"
#include "mua/outbox.h"
#include "mua/post.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static struct maildir box;

static void
open_box(void)
{
	folder_enter();
	message_library_init();
	ck_assert_int_eq(maildir_open(AT_FDCWD, "out", true, &box), 0);
}

static void
close_box(void)
{
	maildir_close(&box);
	folder_leave();
}

static int
file_with(const char *text)
{
	int fd = copy_scratch();

	ck_assert_int_eq(write_all(fd, text, strlen(text)), 0);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void
put(const char *message, const char *sender, char *name)
{
	struct outbox_item item;
	int fd = file_with(message);

	outbox_item_init(&item);
	draft_replace(&item.sender, sender);
	outbox_item_add(&item, "a@x.example", "");
	outbox_item_add(&item, "\"b c\"@x.example", "450 4.2.0 later\n> again");
	item.wants_report = true;
	draft_replace(&item.bcc, "D <d@x.example>");
	ck_assert_int_eq(outbox_put(&box, &item, fd, name), 0);
	outbox_item_clear(&item);
	close(fd);
}

START_TEST(an_item_comes_out_as_it_went_in)
{
	/* The message imitates an envelope; only the lines above it are one. */
	static const char message[] =
	    "Subject: x\nX-Mua-Recipient: evil@x.example\n\nbody\n";
	char name[MAILDIR_NAME_MAX + 1];
	struct outbox_item item;
	struct buf rest = BUF_INIT;
	int fd;

	put(message, "bob@x.example\nX-Mua-Recipient: evil@x.example", name);
	fd = outbox_open(&box, OUTBOX_WAITING, name, &item);
	ck_assert_int_ne(fd, -1);
	ck_assert_str_eq(item.sender,
	    "bob@x.example X-Mua-Recipient: evil@x.example");
	ck_assert_uint_eq(item.count, 2);
	ck_assert_str_eq(item.recipients[0].address, "a@x.example");
	ck_assert_str_eq(item.recipients[0].words, "");
	ck_assert_str_eq(item.recipients[1].address, "\"b c\"@x.example");
	ck_assert_str_eq(item.recipients[1].words, "450 4.2.0 later > again");
	ck_assert(item.wants_report);
	ck_assert_str_eq(item.bcc, "D <d@x.example>");
	ck_assert_int_eq(buf_read(&rest, fd, SIZE_MAX), 0);
	ck_assert_str_eq(rest.data, message);
	close(fd);
	buf_clear(&rest);
	outbox_item_clear(&item);
}
END_TEST

START_TEST(a_foreign_file_is_none_of_ours)
{
	char name[MAILDIR_NAME_MAX + 1];
	struct buf nothing = BUF_INIT;
	struct outbox_item item;
	int fd = file_with("Subject: x\n\nbody\n");

	ck_assert_int_eq(copy_into_maildir(&box, &nothing, fd, name), 0);
	ck_assert_int_eq(outbox_open(&box, OUTBOX_WAITING, name, &item), -1);
	ck_assert_int_eq(errno, EBADMSG);
	outbox_item_clear(&item);
	close(fd);
}
END_TEST

START_TEST(what_was_offered_is_doubtful_until_it_is_settled)
{
	char name[MAILDIR_NAME_MAX + 1];
	struct outbox_names names;
	struct outbox_item item;
	int fd;

	put("Subject: x\n\nbody\n", "bob@x.example", name);
	fd = outbox_open(&box, OUTBOX_WAITING, name, &item);
	ck_assert_int_eq(outbox_mark(&box, &item, OUTBOX_DOUBTFUL), 0);
	ck_assert_int_eq(outbox_list(&box, &names), 0);
	ck_assert_uint_eq(names.waiting, 0);
	ck_assert_uint_eq(names.doubtful, 1);
	outbox_names_clear(&names);
	ck_assert_int_eq(outbox_mark(&box, &item, OUTBOX_WAITING), 0);
	ck_assert_int_eq(outbox_list(&box, &names), 0);
	ck_assert_uint_eq(names.waiting, 1);
	outbox_names_clear(&names);
	ck_assert_int_eq(outbox_remove(&box, &item), 0);
	ck_assert_int_eq(outbox_list(&box, &names), 0);
	ck_assert_uint_eq(names.waiting + names.doubtful, 0);
	outbox_names_clear(&names);
	close(fd);
	outbox_item_clear(&item);
}
END_TEST

START_TEST(what_was_sent_stays_a_copy_and_never_waits_again)
{
	char name[MAILDIR_NAME_MAX + 1];
	struct outbox_names names;
	struct outbox_item item;
	int fd;

	put("Subject: x\n\nbody\n", "bob@x.example", name);
	fd = outbox_open(&box, OUTBOX_WAITING, name, &item);
	close(fd);
	ck_assert_int_eq(outbox_mark(&box, &item, OUTBOX_DOUBTFUL), 0);
	ck_assert_int_eq(outbox_mark(&box, &item, OUTBOX_SENT), 0);
	put("Subject: y\n\nbody\n", "bob@x.example", name);
	ck_assert_int_eq(outbox_list(&box, &names), 0);
	ck_assert_uint_eq(names.waiting, 1);
	ck_assert_uint_eq(names.doubtful, 0);
	ck_assert_uint_eq(names.sent, 1);
	ck_assert_str_eq(names.names[0], name);
	ck_assert_str_eq(names.names[1], item.name);
	outbox_item_clear(&item);
	fd = outbox_open(&box, OUTBOX_SENT, names.names[1], &item);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(item.state, OUTBOX_SENT);
	ck_assert_int_eq(outbox_remove(&box, &item), 0);
	outbox_names_clear(&names);
	close(fd);
	outbox_item_clear(&item);
}
END_TEST

START_TEST(one_sends_at_a_time)
{
	int first = outbox_lock(&box);
	struct maildir other;

	ck_assert_int_ne(first, -1);
	ck_assert_int_eq(maildir_open(AT_FDCWD, "out", false, &other), 0);
	ck_assert_int_eq(outbox_lock(&other), -1);
	close(first);
	first = outbox_lock(&other);
	ck_assert_int_ne(first, -1);
	close(first);
	maildir_close(&other);
}
END_TEST

/* Puts letters until it is killed; says each that is safe. */
_Noreturn static void
put_for_ever(int tell)
{
	struct draft *draft = draft_new();
	char name[MAILDIR_NAME_MAX + 1];
	char why[200];

	draft_set(draft, DRAFT_FROM, "bob@x.example");
	draft_set(draft, DRAFT_TO, "a@x.example");
	buf_addstr(&draft->text, "text\n");
	while (post_letter(draft, "out", name, why, sizeof(why)))
		if (write(tell, "x", 1) != 1)
			break;
	_exit(1);
}

START_TEST(a_killed_mua_leaves_every_letter_it_has_posted_whole)
{
	struct outbox_names names;
	int ends[2];
	char c;
	size_t told = 0;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0)
		put_for_ever(ends[1]);
	close(ends[1]);
	while (told < 20 + (size_t)_i && read(ends[0], &c, 1) == 1)
		told++;
	usleep((useconds_t)_i * 137);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (read(ends[0], &c, 1) == 1)
		told++;
	close(ends[0]);
	ck_assert_int_eq(outbox_list(&box, &names), 0);
	ck_assert_uint_ge(names.waiting, told);
	ck_assert_uint_le(names.waiting, told + 1);
	for (size_t i = 0; i < names.waiting; i++) {
		struct outbox_item item;
		int fd =
		    outbox_open(&box, OUTBOX_WAITING, names.names[i], &item);
		struct buf text = BUF_INIT;

		ck_assert_int_ne(fd, -1);
		ck_assert_int_eq(buf_read(&text, fd, SIZE_MAX), 0);
		ck_assert_ptr_nonnull(strstr(text.data, "\n\ntext\n"));
		buf_clear(&text);
		close(fd);
		outbox_item_clear(&item);
	}
	outbox_names_clear(&names);
}
END_TEST

START_TEST(passed_on_it_is_as_it_was_below_resent_fields)
{
	static const char message[] =
	    "Return-Path: <old@x.example>\nDelivered-To: bob@x.example\n"
	    "Received: from a by b; Sun, 22 Nov 2026 02:13:17 +0000\n"
	    "From: Alice <a@x.example>\nBcc: secret@x.example\n"
	    "X-Mua-Answers: secret\nX-Mua-Report: yes\nX-Mua-Draft: secret\n"
	    "X-Mua-Unfinished: secret\n"
	    "Subject: =?utf-8?q?=C3=BC?=\n\nbody\n\nX-Mua-Recipient: no\n";
	char name[MAILDIR_NAME_MAX + 1];
	struct people people = { 0 };
	struct outbox_item item;
	struct buf text = BUF_INIT;
	char why[200];
	int fd = file_with(message);

	people_add(&people, "Carol", "c@y.example");
	ck_assert(post_again(fd, "Bob <bob@x.example>", &people, "out", name,
	    why, sizeof(why)));
	close(fd);
	fd = outbox_open(&box, OUTBOX_WAITING, name, &item);
	ck_assert_int_ne(fd, -1);
	ck_assert_str_eq(item.sender, "bob@x.example");
	ck_assert_uint_eq(item.count, 1);
	ck_assert_str_eq(item.recipients[0].address, "c@y.example");
	ck_assert_int_eq(buf_read(&text, fd, SIZE_MAX), 0);
	/* RFC 5322 3.6.6: a block of them, before the message's own fields */
	ck_assert_int_eq(strncmp(text.data,
			     "Resent-From: Bob <bob@x.example>\nResent-Date: ",
			     46),
	    0);
	ck_assert_ptr_nonnull(strstr(text.data,
	    "\nResent-To: Carol <c@y.example>\n"
	    "Received: from a by b; Sun, 22 Nov 2026 02:13:17 +0000\n"
	    "From: Alice <a@x.example>\nSubject: =?utf-8?q?=C3=BC?=\n\n"
	    "body\n\nX-Mua-Recipient: no\n"));
	ck_assert_ptr_null(strstr(text.data, "secret"));
	ck_assert_ptr_null(strstr(text.data, "X-Mua-Report"));
	ck_assert_ptr_null(strstr(text.data, "Return-Path"));
	close(fd);
	buf_clear(&text);
	outbox_item_clear(&item);
	people_clear(&people);
}
END_TEST

START_TEST(the_address_book_keeps_names_and_the_last_comes_first)
{
	struct people people = { 0 };
	struct buf text = BUF_INIT;

	people_add(&people, "Alice", "a@x.example");
	people_add(&people, "", "b@x.example");
	ck_assert_int_eq(contacts_note("conf/contacts", &people), 0);
	people_clear(&people);
	people_add(&people, "", "A@x.example");
	people_add(&people, "Carol", "c@x.example");
	ck_assert_int_eq(contacts_note("conf/contacts", &people), 0);
	people_clear(&people);
	contacts_read("conf/contacts", &people);
	people_format(&people, &text);
	ck_assert_str_eq(text.data,
	    "Alice <A@x.example>, Carol <c@x.example>, b@x.example");
	people_clear(&people);
	buf_clear(&text);
}
END_TEST

static const struct {
	const char *typed;
	const char *completed;
	size_t choices;
} completions[] = {
	/* clang-format off */
	{ "ali", "Alice Example <alice@x.example>", 1 },
	{ "EXA", "Alice Example <alice@x.example>", 1 },
	{ "x@y.z, bo", "x@y.z, bo", 2 },
	{ "bob@", "bob@x.example", 1 },
	{ "ber", "ber", 0 }, /* the middle of a word */
	{ "", "", 3 },
	/* clang-format on */
};

START_TEST(tab_completes_names_and_addresses)
{
	struct people people = { 0 };
	struct lines choices = { 0 };
	struct buf text = BUF_INIT;

	people_add(&people, "Alice Example", "alice@x.example");
	people_add(&people, "Bodo Oberst", "bodo@x.example");
	people_add(&people, "", "bob@x.example");
	buf_addstr(&text, completions[_i].typed);
	contacts_complete(&people, &text, &choices);
	ck_assert_str_eq(text.data, completions[_i].completed);
	ck_assert_uint_eq(choices.count, completions[_i].choices);
	lines_clear(&choices);
	people_clear(&people);
	buf_clear(&text);
}
END_TEST

Suite *
outbox_suite(void)
{
	Suite *suite = suite_create("outbox");
	TCase *tc = tcase_create("outbox");

	tcase_add_checked_fixture(tc, open_box, close_box);
	tcase_add_test(tc, an_item_comes_out_as_it_went_in);
	tcase_add_test(tc, a_foreign_file_is_none_of_ours);
	tcase_add_test(tc, what_was_offered_is_doubtful_until_it_is_settled);
	tcase_add_test(tc, what_was_sent_stays_a_copy_and_never_waits_again);
	tcase_add_test(tc, one_sends_at_a_time);
	tcase_add_loop_test(tc,
	    a_killed_mua_leaves_every_letter_it_has_posted_whole, 0, 8);
	tcase_add_test(tc, passed_on_it_is_as_it_was_below_resent_fields);
	tcase_add_test(tc,
	    the_address_book_keeps_names_and_the_last_comes_first);
	tcase_add_loop_test(tc, tab_completes_names_and_addresses, 0,
	    COUNT(completions));
	suite_add_tcase(suite, tc);
	return suite;
}
