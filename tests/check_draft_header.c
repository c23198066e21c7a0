/*
 * check_draft_header.c - what a draft remembers, and nobody else is told.
 */
#include <check.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "maildir/maildir.h"
#include "maildir/message.h"
#include "mua/letters.h"
#include "mua/post.h"
#include "mua/unfinished.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

static const char drafts[] = "box/.Drafts";

static struct draft *
begin(const char *answers)
{
	struct draft *draft = draft_new();

	draft_set(draft, DRAFT_FROM, "bob@x.example");
	draft_set(draft, DRAFT_TO, "alice@x.example");
	draft_set(draft, DRAFT_SUBJECT, "Re: half");
	draft_replace(&draft->answers, answers);
	draft->wants_report = true;
	return draft;
}

/* The only one there is, taken up. */
static struct draft *
take_up(void)
{
	static const struct writer writer = { .from = "bob@x.example",
		.account = "",
		.signature = "" };
	struct letters letters;
	struct draft *draft;
	char why[200];

	letters_read(drafts, false, &letters);
	ck_assert_uint_eq(letters.count, 1);
	draft = letters_draft(drafts, false, &letters.rows[0], &writer, drafts,
	    why, sizeof(why));
	ck_assert_ptr_nonnull(draft);
	letters_clear(&letters);
	return draft;
}

/* Names as in struct draft, and what is left of them. */
static const struct {
	const char *answers;
	const char *kept;
} memories[] = {
	/* clang-format off */
	{ "", "" },
	{ "1795317197.M1P1Q1.desk,S=12,W=13:2,S",
	  "1795317197.M1P1Q1.desk,S=12,W=13:2,S" },
	{ "1.a:2,S/2.b", "1.a:2,S/2.b" },
	/* What other programs may have called it. */
	{ "a b+c=d?=\xc3\xbc\n,x/=?utf-8?q?y?=",
	  "a b+c=d?=\xc3\xbc\n,x/=?utf-8?q?y?=" },
	{ ".hidden/1.a", "1.a" },
	/* clang-format on */
};

/* Saved, taken up, killed meanwhile, taken up again. */
START_TEST(a_draft_remembers_what_it_answers)
{
	char name[MAILDIR_NAME_MAX + 1];
	char why[200];
	struct draft *draft = begin(memories[_i].answers);

	ck_assert(post_save_draft(draft, drafts, why, sizeof(why)));
	for (int i = 0; i < 2; i++) {
		struct unfinished *unfinished = unfinished_new(drafts);

		draft_free(draft);
		draft = take_up();
		ck_assert_str_eq(draft->answers, memories[_i].kept);
		ck_assert(draft->wants_report);
		ck_assert_int_eq(unfinished_save(unfinished, draft,
				     &draft->text),
		    0);
		unfinished_end(unfinished, true);
		ck_assert_uint_eq(unfinished_recover(drafts, name), 1);
	}
	draft_free(draft);
}
END_TEST

START_TEST(many_messages_can_be_answered)
{
	struct buf names = BUF_INIT;
	struct draft *draft;
	char why[200];

	for (int i = 0; i < 500; i++)
		buf_printf(&names, "%s17953171%d.M1P1Q1.desk,S=12:2,S",
		    i > 0 ? "/" : "", i);
	draft = begin(names.data);
	ck_assert(post_save_draft(draft, drafts, why, sizeof(why)));
	draft_free(draft);
	draft = take_up();
	ck_assert_str_eq(draft->answers, names.data);
	draft_free(draft);
	buf_clear(&names);
}
END_TEST

/* Names of this person's files are nobody else's business. */
START_TEST(what_leaves_the_house_does_not_say_it)
{
	char name[MAILDIR_NAME_MAX + 1];
	char why[200];
	struct draft *draft = begin("1795317197.M1P1Q1.desk:2,S");
	struct maildir box;
	struct buf text = BUF_INIT;
	int fd;

	draft_replace(&draft->postponed, "1795317198.M1P1Q1.desk:2,S");
	draft_replace(&draft->unfinished, "mua-unfinished-1.desk");
	ck_assert(post_letter(draft, "box/.Outbox", name, why, sizeof(why)));
	ck_assert_int_eq(maildir_open(AT_FDCWD, "box/.Outbox", false, &box), 0);
	fd = maildir_open_message(&box, true, name);
	ck_assert_int_eq(buf_read(&text, fd, SIZE_MAX), 0);
	ck_assert_ptr_nonnull(strstr(text.data, "\nSubject: Re: half\n"));
	ck_assert_ptr_null(strstr(text.data, ".desk"));
	close(fd);
	maildir_close(&box);
	buf_clear(&text);
	draft_free(draft);
}
END_TEST

static void
begin_folder(void)
{
	folder_enter();
	message_library_init();
}

Suite *
draft_header_suite(void)
{
	Suite *suite = suite_create("draft_header");
	TCase *tc = tcase_create("draft_header");

	tcase_add_checked_fixture(tc, begin_folder, folder_leave);
	tcase_add_loop_test(tc, a_draft_remembers_what_it_answers, 0,
	    COUNT(memories));
	tcase_add_test(tc, many_messages_can_be_answered);
	tcase_add_test(tc, what_leaves_the_house_does_not_say_it);
	suite_add_tcase(suite, tc);
	return suite;
}
