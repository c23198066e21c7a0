/*
 * check_answer_wild.c - answers to messages that somebody has made up, or a
 * disk has damaged: what they become is mail, and nothing of them is a field.
 */
#include <check.h>
#include <string.h>
#include <unistd.h>

#include "maildir/message.h"
#include "mua/answer.h"
#include "mua/copy.h"
#include "mua/letter.h"
#include "mua/text.h"
#include "tests/suites.h"

/* The letter that DRAFT becomes, whether or not it can be sent, is mail. */
static void
ck_is_mail(struct draft *draft)
{
	struct buf text = BUF_INIT;
	char why[600];
	int fd = copy_scratch();
	size_t column = 0;
	bool in_header = true;

	if (letter_write(draft, LETTER_SENT, fd, why, sizeof(why)) == -1) {
		close(fd);
		return;
	}
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(buf_read(&text, fd, SIZE_MAX), 0);
	for (size_t i = 0; i < text.size; i++) {
		char c = text.data[i];

		if (c == '\n' && column == 0)
			in_header = false;
		column = c == '\n' ? 0 : column + 1;
		ck_assert_msg(column <= 998, "a long line: %.100s",
		    text.data + i - (column <= 998 ? 0 : 998));
		ck_assert(c != '\r' && c != '\0');
		/* A control character would be somebody's attack. */
		if (in_header)
			ck_assert(
			    c == '\n' || c == '\t' || (unsigned char)c >= ' ');
	}
	*strstr(text.data, "\n\n") = '\0';
	ck_assert_ptr_null(strcasestr(text.data, "\nBcc:"));
	buf_clear(&text);
	close(fd);
}

static const char seed_message[] =
    "From: \"a\" <a@x.example>\nReply-To: =?utf-8?q?=0aBcc:_v?= <r@x>\n"
    "To: bob@campus.example, =?iso-8859-1?b?/////w==?= <c@x.example>\n"
    "Cc: g: u1@x.example, \"x,y\"@z.example;\nSubject: =?utf-8?q?a=0d=0aBcc:"
    "_v@x?= x\nMessage-ID: <1@x>\nReferences: <2@x> <3@x>\n"
    "List-Post: <mailto:l@x.example?bcc=v@x.example>\n"
    "Mail-Followup-To: l@x.example\nMIME-Version: 1.0\n"
    "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
    "Content-Type: text/plain; charset=utf-8; format=flowed\n\n> a \nb\n"
    "--b\nContent-Type: application/x; name*=utf-8''%0aBcc:%20v.txt\n"
    "Content-Disposition: attachment; filename=\"../\r\nBcc: v\"\n\ndata\n"
    "--b\nContent-Type: message/rfc822\n\nSubject: in\n\nhi\n--b--\n";

/* Changes some bytes, and sometimes makes something very long. */
static void
mutate(struct buf *text, unsigned *state)
{
	for (int i = 0; i < 6; i++) {
		size_t at;

		*state = *state * 1103515245 + 12345;
		at = (*state >> 8) % text->size;
		text->data[at] = (char)(*state >> 16);
	}
	if (*state % 3 == 0) {
		struct buf longer = BUF_INIT;
		size_t at = (*state >> 4) % text->size;

		buf_add(&longer, text->data, at);
		for (int i = 0; i < 3000; i++)
			buf_addchar(&longer, (char)('a' + i % 7));
		buf_add(&longer, text->data + at, text->size - at);
		buf_clear(text);
		*text = longer;
	}
}

START_TEST(whatever_a_message_holds_the_answer_is_mail)
{
	struct people own = { 0 };
	struct writer writer = { "bob@campus.example", &own, "Bob", "" };
	unsigned state = (unsigned)_i + 1;

	for (int round = 0; round < 25; round++) {
		struct buf text = BUF_INIT;
		struct message *message;
		struct draft *draft;
		int fd = copy_scratch();

		buf_add(&text, seed_message, sizeof(seed_message) - 1);
		if (round > 0 || _i > 0)
			mutate(&text, &state);
		ck_assert_int_eq(write_all(fd, text.data, text.size), 0);
		message = message_open(fd);
		for (int how = 0; how < 6; how++) {
			if (how < 3)
				draft = answer_reply(message,
				    (enum answer_to)how, &writer);
			else if (how < 5)
				draft =
				    answer_forward(message, how == 3, &writer);
			else
				draft = answer_again(message, &writer);
			ck_is_mail(draft);
			draft_free(draft);
		}
		message_close(message);
		buf_clear(&text);
	}
}
END_TEST

Suite *
answer_wild_suite(void)
{
	Suite *suite = suite_create("answer_wild");
	TCase *tc = tcase_create("answer_wild");

	tcase_add_unchecked_fixture(tc, text_use_utf8, NULL);
	tcase_add_loop_test(tc, whatever_a_message_holds_the_answer_is_mail, 0,
	    8);
	suite_add_tcase(suite, tc);
	return suite;
}
