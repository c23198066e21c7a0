/*
 * check_anatomy.c - a message taken apart to its bytes, and what is odd in it.
 *
 * Each oddity has a message that has it and nothing else, and the rule of the
 * RFC that it breaks.
 */
#include <check.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mua/anatomy.h"
#include "mua/raw_text.h"
#include "tests/suites.h"

#define PLAIN                                                                  \
	"From: a@x.example\nDate: Sun, 22 Nov 2026 02:13:17 +0000\n"           \
	"Message-ID: <1@x.example>\n"
#define MIME PLAIN "MIME-Version: 1.0\n"
#define MIXED MIME "Content-Type: multipart/mixed; boundary=b\n\n"

static void
take_apart(const char *text, size_t size, struct anatomy *anatomy)
{
	int fd = memfd_create("message", MFD_CLOEXEC);

	ck_assert_int_eq(write_all(fd, text, size), 0);
	anatomy_read(message_open(fd), anatomy);
}

static void
finish(struct anatomy *anatomy)
{
	struct message *message = anatomy->message;

	anatomy_clear(anatomy);
	message_close(message);
}

static const struct {
	const char *text;
	size_t size;       /* 0: of the string */
	const char *found; /* NULL: nothing */
	size_t line;       /* from 1 */
} cases[] = {
	/* clang-format off */
	{ PLAIN "\nall is well\n", 0, NULL, 0 },
	{ PLAIN "Subject: =?ISO-8859-1?Q?Cami=F3n?=\n\nwell\n", 0, NULL, 0 },
	{ MIXED "--b\n\ntext\n--b\nContent-Type: image/png\n"
	  "Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b--\n", 0,
	  NULL, 0 },
	{ "From: a@x.example\r\nDate: Sun, 22 Nov 2026 02:13:17 +0000\r\n"
	  "Message-ID: <1@x.example>\r\n\r\nCR LF throughout\r\n", 0, NULL, 0 },
	/* ends of lines, bytes */
	{ PLAIN "\na\rb\n", 0, "A bare CR", 5 },
	{ "From: a@x.example\r\nDate: Sun, 22 Nov 2026 02:13:17 +0000\r\n"
	  "Message-ID: <1@x.example>\r\n\r\nbare\n", 0, "A bare LF", 5 },
	{ PLAIN "\nx\r\n", 0, "A CR before the LF", 5 },
	{ PLAIN "\na\0b\n", sizeof(PLAIN "\na\0b\n") - 1, "A NUL byte", 5 },
	{ PLAIN "\n\033[31m\n", 0, "An escape character", 5 },
	{ PLAIN "\n\007\n", 0, "A control character, ^G", 5 },
	{ PLAIN "Subject: caf\xe9\n\nx\n", 0, "Byte E9 in a header", 4 },
	{ PLAIN "Subject: caf\u00e9\n\nx\n", 0, "SMTPUTF8", 4 },
	/* the header */
	{ PLAIN "X-A : 1\n\nx\n", 0, "A blank before the colon", 4 },
	{ PLAIN "From: b@x.example\n\nx\n", 0, "A second From", 4 },
	{ PLAIN "Date: Sun, 22 Nov 2026 02:13:17 +0000\n\nx\n", 0,
	  "A second Date", 4 },
	{ PLAIN "Message-Id: <2@x.example>\n\nx\n", 0, "A second Message-ID",
	  4 },
	{ "Date: Sun, 22 Nov 2026 02:13:17 +0000\nMessage-ID: <1@x>\n\nx\n", 0,
	  "There is no From", 1 },
	{ "From: a@x\nMessage-ID: <1@x>\n\nx\n", 0, "There is no Date", 1 },
	{ "From: a@x\nDate: Sun, 22 Nov 2026 02:13:17 +0000\n\nx\n", 0,
	  "There is no Message-ID", 1 },
	{ "From: a@x\nDate: yesterday\nMessage-ID: <1@x>\n\nx\n", 0,
	  "cannot be read as a date", 2 },
	{ "From: a@x\nDate: Mon, 22 Nov 2026 02:13:17 +0000\n"
	  "Message-ID: <1@x>\n\nx\n", 0, "That day was a Sun", 2 },
	{ "From: a@x\nDate: Sun, 22 Nov 2026 02:13:17 +0000\n"
	  "Message-ID: none\n\nx\n", 0, "It should be <something@host>", 3 },
	{ PLAIN "Content-Type: text/plain\n\nx\n", 0,
	  "MIME fields without MIME-Version", 1 },
	{ PLAIN "MIME-Version: 2.7\n\nx\n", 0, "is not 1.0", 4 },
	{ PLAIN "X-A: 1\n \t\n 2\n\nx\n", 0, "of blanks alone", 5 },
	{ PLAIN "no field\nx\n", 0, "No blank line between", 1 },
	{ MIME "Content-Type: text/plain: charset=us-ascii\n\nx\n", 0,
	  "Content-Type cannot be read", 1 },
	{ MIME "Content-Transfer-Encoding: bas64\n\nx\n", 0,
	  "A transfer encoding nobody knows", 5 },
	/* addresses, worksheet 32 */
	{ PLAIN "To: not: u1@x.example, u2@x.example\n\nx\n", 0,
	  "begins a group that no ; ends", 4 },
	{ PLAIN "To: u1\n\nx\n", 0, "\"u1\" has no domain", 4 },
	/* encoded words, RFC 2047 */
	{ PLAIN "Subject: =?utf-8?Q?a b?=\n\nx\n", 0, "a blank in it", 4 },
	{ PLAIN "Subject: =?utf-8?X?ab?=\n\nx\n", 0, "neither B nor Q", 4 },
	{ PLAIN "Subject: =?utf-8?B?abc?=\n\nx\n", 0, "groups of four", 4 },
	{ PLAIN "Subject: =?utf-8?B?a*==?=\n\nx\n", 0, "is no base64", 4 },
	{ PLAIN "Subject: =?utf-8?Q?a=GZ?=\n\nx\n", 0, "hexadecimal", 4 },
	{ PLAIN "Subject: =?klingon?Q?a?=\n\nx\n", 0, "is not known here", 4 },
	{ PLAIN "Subject: x=?utf-8?Q?a?=\n\nx\n", 0, "close to other text", 4 },
	{ PLAIN "Subject: =?utf-8?Q?a?=x\n\nx\n", 0, "close to it", 4 },
	{ PLAIN "Subject: =?utf-8?Q?open\n\nx\n", 0, "no ?= ends it", 4 },
	{ PLAIN "Subject: =?utf-8?Q?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?=\n\nx\n", 0, "longer than 75", 4 },
	{ PLAIN "To: \"=?utf-8?Q?a?=\" <b@x.example>\n\nx\n", 0, "in quotes",
	  4 },
	/* bodies and boundaries */
	{ MIME "Content-Transfer-Encoding: 7bit\n\ncaf\u00e9\n", 0,
	  "Byte C3 in a text that is declared 7bit", 7 },
	{ MIME "Content-Transfer-Encoding: base64\n\nSG9s\nYQ*=\n", 0,
	  "a byte that is no base64", 8 },
	{ MIME "Content-Transfer-Encoding: quoted-printable\n\nok\na=GZ\n", 0,
	  "a \"=\" that quotes nothing", 8 },
	{ MIXED "--b\n\nx\n", 0, "closing line --b-- is missing", 1 },
	{ MIXED "-- b\n\nx\n--b--\n", 0, "A blank between --", 7 },
	{ MIXED "--b\n\nx\n--B\n--b--\n", 0, "upper and lower case", 10 },
	{ MIXED "--b\n\nx\n--b x\n--b--\n", 0, "something stands behind", 10 },
	{ MIXED "--b\nx\n--b--\n", 0, "No blank line before the text", 8 },
	{ MIME "Content-Type: multipart/mixed\n\nx\n", 0,
	  "A multipart without a boundary", 1 },
	{ MIME "Content-Type: multipart/mixed; boundary=b\n"
	  "Content-Transfer-Encoding: base64\n\n--b\n\nx\n--b--\n", 0,
	  "cannot be encoded itself", 1 },
	{ MIME "Content-Type: text/plain; charset=klingon\n\nx\n", 0,
	  "\"klingon\" is not known", 7 },
	/* clang-format on */
};

/* Each is found on its line; and what has none of them has nothing odd. */
START_TEST(oddities_are_found_where_they_are)
{
	size_t size =
	    cases[_i].size != 0 ? cases[_i].size : strlen(cases[_i].text);
	struct anatomy anatomy;
	bool found = false;

	take_apart(cases[_i].text, size, &anatomy);
	for (size_t i = 0; i < anatomy.oddity_count; i++) {
		const struct oddity *oddity = &anatomy.oddities[i];

		if (cases[_i].found == NULL)
			ck_abort_msg("%s", oddity->what);
		if (strstr(oddity->what, cases[_i].found) == NULL)
			continue;
		found = true;
		ck_assert_uint_eq(anatomy_line(&anatomy, oddity->offset) + 1,
		    cases[_i].line);
	}
	ck_assert_msg(found == (cases[_i].found != NULL), "not found: %s",
	    cases[_i].found);
	finish(&anatomy);
}
END_TEST

START_TEST(a_line_of_999_octets_is_too_long)
{
	for (int more = 0; more < 2; more++) {
		struct buf text = BUF_INIT;
		struct anatomy anatomy;

		buf_addstr(&text, PLAIN "\n");
		for (int i = 0; i < 998 + more; i++)
			buf_addchar(&text, 'x');
		buf_addchar(&text, '\n');
		take_apart(text.data, text.size, &anatomy);
		ck_assert_uint_eq(anatomy.oddity_count, (size_t)more);
		finish(&anatomy);
		buf_clear(&text);
	}
}
END_TEST

static const char nested[] =
    "From: a@x.example\n"
    "Subject: =?ISO-8859-1?Q?Cami=F3n?=\n"
    "Content-Type: multipart/mixed; boundary=o\n\n"
    "preamble\n--o\nContent-Type: multipart/alternative; boundary=i\n\n"
    "--i\nContent-Type: text/plain; charset=iso-8859-1\n"
    "Content-Transfer-Encoding: quoted-printable\n\ncaf=E9\n"
    "--i--\ninner epilogue\n--o\n"
    "Content-Type: text/plain; charset=utf-8\n"
    "Content-Transfer-Encoding: base64\n\nw6nDqcOp\nw6k=\n--o--\nepilogue\n";

/* Every byte is in one node, in order; nothing is between them. */
static void
assert_covered(const struct anatomy *anatomy)
{
	size_t at = 0;

	for (size_t i = 0; i < anatomy->node_count; i++) {
		ck_assert_uint_eq(anatomy->nodes[i].start, at);
		ck_assert_uint_gt(anatomy->nodes[i].end, at);
		at = anatomy->nodes[i].end;
	}
	ck_assert_uint_eq(at, anatomy->size);
}

static const struct {
	const char *line; /* begins with it */
	const char *label;
	const char *meaning;
} parts[] = {
	/* clang-format off */
	{ "From:", "From", "a@x.example" },
	{ "Subject:", "Subject", "Cami\u00f3n" },
	{ "preamble", "preamble", "not shown: for readers without MIME" },
	{ "--o\n", "boundary of 1", "a part of 1 begins" },
	{ "--i\n", "boundary of 2", "a part of 2 begins" },
	{ "caf=E9", "text of 3", "caf\u00e9" },
	{ "--i--", "end of 2", "the last part of 2 has ended" },
	{ "inner", "epilogue", "not shown: behind the last part" },
	{ "w6nDqcOp", "text of 4", "\u00e9\u00e9\u00e9" },
	{ "w6k=", "text of 4", "\u00e9" },
	{ "--o--", "end of 1", "the last part of 1 has ended" },
	{ "epilogue", "epilogue", "not shown: behind the last part" },
	/* clang-format on */
};

START_TEST(every_line_has_its_place_and_its_meaning)
{
	struct anatomy anatomy;
	size_t next = 0;

	take_apart(nested, strlen(nested), &anatomy);
	assert_covered(&anatomy);
	for (size_t i = 0; i < anatomy.line_count && next < COUNT(parts); i++) {
		struct buf text = BUF_INIT;
		size_t size;
		const char *line = anatomy_bytes(&anatomy, i, &size);
		const char *wanted = parts[next].line;

		if (strncmp(line, wanted, strlen(wanted)) != 0)
			continue;
		anatomy_label(&anatomy,
		    anatomy_node(&anatomy, anatomy.lines[i]), &text);
		ck_assert_str_eq(text.data, parts[next].label);
		buf_reset(&text);
		anatomy_meaning(&anatomy, i, &text);
		ck_assert_str_eq(text.data, parts[next].meaning);
		buf_clear(&text);
		next++;
	}
	ck_assert_uint_eq(next, COUNT(parts));
	finish(&anatomy);
}
END_TEST

/*
 * A group of four, and a character, is of the line that it begins in:
 * w6nD qWE= is C3 A9 C3 A9 61.
 */
START_TEST(base64_lines_are_decoded_one_by_one)
{
	static const char text[] =
	    MIME "Content-Type: text/plain; charset=utf-8\n"
		 "Content-Transfer-Encoding: base64\n\nYWJj\nw6\nnDqW\nE=\n";
	struct anatomy anatomy;
	struct buf all = BUF_INIT;

	take_apart(text, strlen(text), &anatomy);
	for (size_t i = 7; i < anatomy.line_count; i++) {
		anatomy_meaning(&anatomy, i, &all);
		buf_addchar(&all, '|');
	}
	ck_assert_str_eq(all.data, "abc|\u00e9\u00e9|a||");
	buf_clear(&all);
	finish(&anatomy);
}
END_TEST

START_TEST(a_line_end_within_a_meaning_begins_no_line)
{
	static const char text[] =
	    MIME "Content-Type: text/plain; charset=utf-8\n"
		 "Content-Transfer-Encoding: base64\n\nYQpiDQpjCg==\n";
	struct subject subject = { 0 };
	struct lines lines = { 0 };
	struct anatomy anatomy;

	take_apart(text, strlen(text), &anatomy);
	subject.message = anatomy.message;
	raw_text_lines(&subject, &lines);
	ck_assert_ptr_nonnull(
	    strstr(lines.items[lines.count - 1].text, "= a^Jb^M^Jc"));
	for (size_t i = 0; i < lines.count; i++)
		ck_assert_ptr_null(strchr(lines.items[i].text, '\n'));
	lines_clear(&lines);
	finish(&anatomy);
}
END_TEST

static const char *const damaged[] = {
	"",
	"\n",
	"x",
	"--b",
	"Content-Type: multipart/mixed; boundary=b\n--b",
	"From \n\nx",
	"Content-Type: multipart/mixed; boundary=\"\"\n\n--\n--\n",
	"Content-Type: message/rfc822\n\n\n--\n",
	"A:\n\0\n",
};

START_TEST(damaged_messages_are_covered_too)
{
	struct anatomy anatomy;
	struct lines lines = { 0 };

	take_apart(damaged[_i], strlen(damaged[_i]), &anatomy);
	assert_covered(&anatomy);

	struct subject subject = { anatomy.message, NULL };

	raw_text_lines(&subject, &lines);
	structure_lines(&subject, 80, &lines);
	lines_clear(&lines);
	finish(&anatomy);
}
END_TEST

Suite *
anatomy_suite(void)
{
	Suite *suite = suite_create("anatomy");
	TCase *tc = tcase_create("anatomy");

	tcase_add_loop_test(tc, oddities_are_found_where_they_are, 0,
	    COUNT(cases));
	tcase_add_test(tc, a_line_of_999_octets_is_too_long);
	tcase_add_test(tc, every_line_has_its_place_and_its_meaning);
	tcase_add_test(tc, base64_lines_are_decoded_one_by_one);
	tcase_add_test(tc, a_line_end_within_a_meaning_begins_no_line);
	tcase_add_loop_test(tc, damaged_messages_are_covered_too, 0,
	    COUNT(damaged));
	suite_add_tcase(suite, tc);
	return suite;
}
