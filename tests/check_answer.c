/*
 * check_answer.c - replies and letters passed on: to whom, about what, in which
 * thread.  Expected values are RFC 5322 (3.6.4, appendix A.2) and mutt's.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "maildir/message.h"
#include "mua/answer.h"
#include "mua/copy.h"
#include "mua/text.h"
#include "tests/suites.h"

static struct message *
message_of(const char *text)
{
	int fd = copy_scratch();

	text_use_utf8();
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write_all(fd, text, strlen(text)), 0);
	return message_open(fd);
}

/* Bob has two addresses. */
static struct draft *
reply_to(const char *text, enum answer_to how)
{
	struct message *message = message_of(text);
	struct people own = { 0 };
	struct writer writer = {
		.from = "Bob <bob@campus.example>",
		.own = &own,
		.signature = "",
		.account = "",
	};
	struct draft *draft;

	people_add(&own, "", "bob@campus.example");
	people_add(&own, "", "builder@work.example");
	draft = answer_reply(message, how, &writer);
	message_close(message);
	people_clear(&own);
	return draft;
}

static const struct {
	const char *header;
	enum answer_to how;
	const char *to;
	const char *cc;
} people[] = {
	/* clang-format off */
	{ "From: Alice <a@x.example>\nTo: bob@campus.example\n",
	  ANSWER_SENDER, "Alice <a@x.example>", "" },
	{ "From: Alice <a@x.example>\nReply-To: desk@x.example\n",
	  ANSWER_SENDER, "desk@x.example", "" },
	{ "From: a@x.example\nReply-To: b@x.example, c@x.example\n",
	  ANSWER_SENDER, "b@x.example, c@x.example", "" },
	{ "From: a@x.example\nReply-To: nonsense\n",
	  ANSWER_SENDER, "a@x.example", "" },
	{ "Sender: s@x.example\n", ANSWER_SENDER, "s@x.example", "" },
	{ "Subject: nobody\n", ANSWER_SENDER, "", "" },
	/* all: own addresses left out, whatever their case */
	{ "From: a@x.example\nTo: BOB@campus.example, c@x.example\n"
	  "Cc: D <d@x.example>, builder@work.example, a@x.example\n",
	  ANSWER_ALL, "a@x.example", "c@x.example, D <d@x.example>" },
	{ "From: a@x.example\nTo: c@x.example\nTo: d@x.example\n",
	  ANSWER_ALL, "a@x.example", "c@x.example, d@x.example" },
	{ "From: a@x.example\nTo: bob@campus.example\n",
	  ANSWER_ALL, "a@x.example", "" },
	{ "From: a@x.example\nReply-To: l@x.example\nTo: l@x.example\n",
	  ANSWER_ALL, "l@x.example", "" },
	{ "From: a@x.example\nMail-Followup-To: l@x.example\nTo: l@x.example\n"
	  "Cc: c@x.example\n", ANSWER_ALL, "l@x.example", "" },
	/* but for who would be left alone */
	{ "From: bob@campus.example\nTo: builder@work.example\n",
	  ANSWER_SENDER, "bob@campus.example", "" },
	{ "From: bob@campus.example\nTo: bob@campus.example\n",
	  ANSWER_ALL, "bob@campus.example", "" },
	/* one's own letter goes on to those it went to */
	{ "From: bob@campus.example\nTo: a@x.example\nCc: c@x.example\n",
	  ANSWER_SENDER, "a@x.example", "" },
	{ "From: bob@campus.example\nTo: a@x.example\nCc: c@x.example\n",
	  ANSWER_ALL, "a@x.example", "c@x.example" },
	/* lists: RFC 2369 */
	{ "From: a@x.example\nList-Post: <mailto:l@x.example?subject=x>\n",
	  ANSWER_LIST, "l@x.example", "" },
	{ "From: a@x.example\nList-Post: NO\n",
	  ANSWER_LIST, "a@x.example", "" },
	{ "From: a@x.example\nList-Post: <mailto:l@x.example%0aBcc:v@y.z>\n",
	  ANSWER_LIST, "l@x.example", "" },
	/* hostile */
	{ "From: \"a\r\n\tBcc: v@y.z\" <a@x.example>\n",
	  ANSWER_SENDER, "\"a Bcc: v@y.z\" <a@x.example>", "" },
	{ "From: =?utf-8?q?x=0d=0aBcc:_v?= <a@x.example>\n",
	  ANSWER_SENDER, NULL, "" },
	{ "From: \x1b]0;owned\x07 <a@x.example>\n", ANSWER_SENDER, NULL, "" },
	/* clang-format on */
};

START_TEST(a_reply_goes_to_the_right_people)
{
	char *text = xasprintf("%sSubject: x\n\nbody\n", people[_i].header);
	struct draft *draft = reply_to(text, people[_i].how);

	if (people[_i].to != NULL)
		ck_assert_str_eq(draft->fields[DRAFT_TO], people[_i].to);
	ck_assert_str_eq(draft->fields[DRAFT_CC], people[_i].cc);
	for (int i = 0; i < DRAFT_FIELDS; i++)
		for (const char *s = draft->fields[i]; *s != '\0'; s++)
			ck_assert((unsigned char)*s >= ' ' && *s != 0x7f);
	draft_free(draft);
	free(text);
}
END_TEST

static const struct {
	const char *header;
	const char *in_reply_to;
	const char *references;
} threads[] = {
	/* clang-format off */
	/* RFC 5322 appendix A.2 */
	{ "Message-ID: <3456@example.net>\n"
	  "In-Reply-To: <1234@local.machine.example>\n"
	  "References: <1234@local.machine.example>\n",
	  "3456@example.net", "1234@local.machine.example 3456@example.net" },
	{ "Message-ID: <1234@local.machine.example>\n",
	  "1234@local.machine.example", "1234@local.machine.example" },
	/* 3.6.4: without References, In-Reply-To if it is a single one */
	{ "Message-ID: <c@x>\nIn-Reply-To: <b@x>\n", "c@x", "b@x c@x" },
	{ "Message-ID: <c@x>\nIn-Reply-To: <a@x> <b@x>\n", "c@x", "c@x" },
	{ "References: <a@x>\n\t<b@x>\n", "", "a@x b@x" },
	{ "X: none\n", "", "" },
	/* what none may write */
	{ "Message-ID: <c\xc3\xa9@x>\n"
	  "References: <a@x> <\xff@x> <b\x1b[5m@x> <d\xe2\x80\xae@x>\n",
	  "", "a@x b^[[5m@x" },
	/* clang-format on */
};

START_TEST(a_reply_stands_in_the_thread)
{
	char *text =
	    xasprintf("From: a@x.example\n%s\nbody\n", threads[_i].header);
	struct draft *draft = reply_to(text, ANSWER_SENDER);

	ck_assert_str_eq(draft->in_reply_to, threads[_i].in_reply_to);
	ck_assert_str_eq(draft->references, threads[_i].references);
	draft_free(draft);
	free(text);
}
END_TEST

START_TEST(of_very_many_references_the_first_and_the_last_stay)
{
	struct buf text = BUF_INIT;
	struct draft *draft;
	size_t count = 1;

	buf_addstr(&text, "Message-ID: <last@x>\nReferences:");
	for (int i = 0; i < 600; i++)
		buf_printf(&text, " <%d@x>\n", i);
	buf_addstr(&text, "\nbody\n");
	draft = reply_to(text.data, ANSWER_SENDER);
	for (const char *s = draft->references; *s != '\0'; s++)
		count += *s == ' ';
	ck_assert_uint_eq(count, 100);
	ck_assert_int_eq(strncmp(draft->references, "0@x ", 4), 0);
	ck_assert_ptr_nonnull(strstr(draft->references, " 599@x last@x"));
	draft_free(draft);
	buf_clear(&text);
}
END_TEST

static const struct {
	const char *subject;
	const char *reply;
} subjects[] = {
	/* clang-format off */
	{ "Hello", "Re: Hello" },
	{ "Re: Hello", "Re: Hello" },
	{ "RE: re:  Re: Hello", "Re: Hello" },
	{ "Re[2]: Hello", "Re: Hello" },
	{ "AW: SV: Antw: Hallo", "Re: Hallo" },
	{ "Re[x]: Hello", "Re: Re[x]: Hello" },
	{ "Regarding: x", "Re: Regarding: x" },
	{ "", "Re: " },
	{ "Fwd: x", "Re: Fwd: x" },
	/* clang-format on */
};

START_TEST(the_subject_has_one_re)
{
	struct buf reply = BUF_INIT;

	answer_subject(subjects[_i].subject, &reply);
	ck_assert_str_eq(reply.data, subjects[_i].reply);
	buf_clear(&reply);
}
END_TEST

START_TEST(the_text_is_quoted_a_level_deeper_without_its_signature)
{
	struct draft *draft = reply_to(
	    "From: Alice <a@x.example>\n"
	    "Date: Sun, 22 Nov 2026 02:13:17 +0000\n\n"
	    "\nHello,\n> earlier\n> > before that\n\nbye\n\n-- \nAlice\n",
	    ANSWER_SENDER);

	ck_assert_str_eq(draft->text.data,
	    "On Sun, 22 Nov 2026 02:13:17 +0000, Alice wrote:\n"
	    "> Hello,\n>> earlier\n>>> before that\n>\n> bye\n");
	draft_free(draft);
}
END_TEST

START_TEST(one_answer_to_several_is_to_all_of_them)
{
	static const char *const texts[] = {
		"From: a@x.example\nTo: bob@campus.example, d@x.example\n"
		"Message-ID: <1@x>\nReferences: <0@x>\nSubject: first\n\none\n",
		"From: b@x.example\nTo: a@x.example, bob@campus.example\n"
		"Message-ID: <2@x>\nReferences: <0@x> <1@x>\n"
		"Subject: second\n\ntwo\n",
	};
	struct people own = { 0 };
	struct writer writer = { "bob@campus.example", &own, "Bob", "" };
	struct draft *draft = answer_start(&writer);
	const char *one;
	const char *two;

	people_add(&own, "", "bob@campus.example");
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct message *message = message_of(texts[i]);

		answer_add(draft, message, ANSWER_ALL, &writer);
		message_close(message);
	}
	answer_sign(draft, &writer);
	ck_assert_str_eq(draft->fields[DRAFT_TO], "a@x.example, b@x.example");
	ck_assert_str_eq(draft->fields[DRAFT_CC], "d@x.example");
	ck_assert_str_eq(draft->fields[DRAFT_SUBJECT], "Re: first");
	/* RFC 5322 3.6.4: each message-identifier once. */
	ck_assert_str_eq(draft->in_reply_to, "1@x 2@x");
	ck_assert_str_eq(draft->references, "0@x 1@x 2@x");
	one = strstr(draft->text.data, "\n> one\n");
	two = strstr(draft->text.data, "\n> two\n");
	ck_assert(one != NULL && two != NULL && one < two);
	ck_assert_ptr_nonnull(strstr(two, "\n-- \nBob"));
	ck_assert_ptr_null(strstr(one + 1, "\n-- \nBob\n> two"));
	draft_free(draft);
	people_clear(&own);
}
END_TEST

static struct draft *
forward(const char *text, bool attached)
{
	struct people own = { 0 };
	struct writer writer = {
		.from = "bob@campus.example",
		.own = &own,
		.signature = "Bob",
		.account = "",
	};
	struct message *message = message_of(text);
	struct draft *draft = answer_forward(message, attached, &writer);

	message_close(message);
	return draft;
}

static const char with_picture[] =
    "From: Alice <a@x.example>\nSubject: photo\nMIME-Version: 1.0\n"
    "Content-Type: multipart/mixed; boundary=b\n\n"
    "--b\n\nsee it\n--b\nContent-Type: image/png\n"
    "Content-Disposition: attachment; filename=\"../../cat.png\"\n"
    "Content-Transfer-Encoding: base64\n\nAAEC\n--b--\n";

START_TEST(several_are_passed_on_in_one_letter)
{
	for (int attached = 0; attached < 2; attached++) {
		struct draft *draft = forward(with_picture, attached != 0);
		struct message *message = message_of(
		    "From: c@x.example\nSubject: a/b\n\nmore words\n");

		ck_assert(answer_forward_add(draft, message, attached != 0));
		ck_assert_str_eq(draft->fields[DRAFT_SUBJECT], "Fwd: photo");
		ck_assert_uint_eq(draft->attachment_count,
		    attached != 0 ? 2 : 1);
		if (attached != 0)
			ck_assert_str_eq(draft->attachments[1].name, "a_b.eml");
		else
			ck_assert_ptr_nonnull(
			    strstr(draft->text.data, "\nmore words\n"));
		message_close(message);
		draft_free(draft);
	}
}
END_TEST

START_TEST(forwarded_inline_the_attachments_go_along)
{
	struct draft *draft = forward(with_picture, false);

	ck_assert_str_eq(draft->fields[DRAFT_SUBJECT], "Fwd: photo");
	ck_assert_str_eq(draft->fields[DRAFT_TO], "");
	ck_assert_ptr_nonnull(strstr(draft->text.data,
	    "----- Forwarded message from Alice <a@x.example> -----"));
	ck_assert_ptr_nonnull(strstr(draft->text.data, "\nsee it\n"));
	ck_assert_uint_eq(draft->attachment_count, 1);
	ck_assert_str_eq(draft->attachments[0].name, "cat.png");
	ck_assert_str_eq(draft->attachments[0].type, "image/png");
	ck_assert_int_eq(draft->attachments[0].size, 3);
	draft_free(draft);
}
END_TEST

START_TEST(forwarded_attached_it_is_the_message_as_stored)
{
	struct draft *draft = forward(with_picture, true);
	struct buf content = BUF_INIT;
	int fd;

	ck_assert_uint_eq(draft->attachment_count, 1);
	ck_assert_str_eq(draft->attachments[0].type, "message/rfc822");
	fd = attachment_open(&draft->attachments[0]);
	ck_assert_int_eq(buf_read(&content, fd, SIZE_MAX), 0);
	ck_assert_str_eq(content.data, with_picture);
	close(fd);
	buf_clear(&content);
	draft_free(draft);
}
END_TEST

START_TEST(a_letter_taken_up_again_is_what_it_was)
{
	struct people own = { 0 };
	struct writer writer = { "bob@campus.example", &own, "Bob", "" };
	struct message *message = message_of(
	    "From: =?utf-8?q?J=C3=B6rg?= <j@x.example>\nTo: a@x.example,\n"
	    " b@x.example\nCc: broken <\nSubject: =?utf-8?q?=C3=BC?=\n"
	    "In-Reply-To: <1@x>\nReferences: <0@x> <1@x>\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8; format=flowed\n\n"
	    "one long \nparagraph\n\n>> quoted \n>> too\n");
	struct draft *draft = answer_again(message, &writer);

	ck_assert_str_eq(draft->fields[DRAFT_FROM], "J\u00f6rg <j@x.example>");
	ck_assert_str_eq(draft->fields[DRAFT_TO], "a@x.example, b@x.example");
	ck_assert_str_eq(draft->fields[DRAFT_SUBJECT], "\u00fc");
	ck_assert_str_eq(draft->in_reply_to, "1@x");
	ck_assert_str_eq(draft->references, "0@x 1@x");
	ck_assert_str_eq(draft->text.data,
	    "one long paragraph\n\n>> quoted too\n");
	message_close(message);
	draft_free(draft);
}
END_TEST

Suite *
answer_suite(void)
{
	Suite *suite = suite_create("answer");
	TCase *tc = tcase_create("answer");

	tcase_add_loop_test(tc, a_reply_goes_to_the_right_people, 0,
	    COUNT(people));
	tcase_add_loop_test(tc, a_reply_stands_in_the_thread, 0,
	    COUNT(threads));
	tcase_add_test(tc, of_very_many_references_the_first_and_the_last_stay);
	tcase_add_loop_test(tc, the_subject_has_one_re, 0, COUNT(subjects));
	tcase_add_test(tc,
	    the_text_is_quoted_a_level_deeper_without_its_signature);
	tcase_add_test(tc, one_answer_to_several_is_to_all_of_them);
	tcase_add_test(tc, several_are_passed_on_in_one_letter);
	tcase_add_test(tc, forwarded_inline_the_attachments_go_along);
	tcase_add_test(tc, forwarded_attached_it_is_the_message_as_stored);
	tcase_add_test(tc, a_letter_taken_up_again_is_what_it_was);
	suite_add_tcase(suite, tc);
	return suite;
}
