/*
 * check_render.c - what a person gets to read of a message.
 *
 * Messages are given as bytes, results as the lines that RFC 2045 to 2047,
 * 3464 and 4155 and the exercises ask for.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mua/raw_text.h"
#include "mua/render.h"
#include "mua/save.h"
#include "mua/text.h"
#include "tests/suites.h"

enum { RECEIVED = 1795313597 }; /* 2026-11-22 02:13:17 UTC */

#define MIME "MIME-Version: 1.0\n"
#define MIXED MIME "Content-Type: multipart/mixed; boundary=b\n\n"

static struct message *
open_text(const char *text, size_t size)
{
	int fd = memfd_create("message", MFD_CLOEXEC);

	ck_assert_int_eq(write_all(fd, text, size), 0);
	return message_open(fd);
}

static void
render(const char *text, size_t size, bool full_headers, struct lines *lines)
{
	struct render_options options = {
		.full_headers = full_headers,
		.received = RECEIVED,
	};
	struct message *message = open_text(text, size);

	render_message(message, &options, lines);
	message_close(message);
}

static void
join(const struct lines *lines, struct buf *to)
{
	for (size_t i = 0; i < lines->count; i++)
		buf_printf(to, "%s\n", lines->items[i].text);
}

static const struct {
	const char *name;
	const char *message;
	const char *weeded; /* NULL: not looked at */
	const char *full;
} cases[] = {
	/* clang-format off */
	{ "the fields that matter, in one order",
	  "X-A: 1\nSubject: s\nDate: Sun, 22 Nov 2026 02:13:17 +0000\n"
	  "Cc: c@x.example\nFrom: a@x.example\nTo: b@x.example\n\nbody\n",
	  "From: a@x.example\nTo: b@x.example\nCc: c@x.example\n"
	  "Date: Sun, 22 Nov 2026 02:13:17 +0000\nSubject: s\n\nbody\n", NULL },
	{ "all headers are as stored, folds and blanks too",
	  "Return-Path: <a@x.example>\nReceived: from y\n\tby z;\n   x\n"
	  "subject:no blank\nX-Empty:\n\nbody\n",
	  NULL,
	  "From a@x.example Sun Nov 22 02:13:17 2026\n"
	  "Return-Path: <a@x.example>\nReceived: from y\n        by z;\n   x\n"
	  "subject:no blank\nX-Empty:\n\nbody\n" },
	{ "the null sender is MAILER-DAEMON in a From line",
	  "Return-Path: <>\n\nx\n", NULL,
	  "From MAILER-DAEMON Sun Nov 22 02:13:17 2026\n"
	  "Return-Path: <>\n\nx\n" },
	{ "encoded words are raw in full headers (RFC 2047)",
	  "Return-Path: <a@x.example>\n"
	  "Subject: =?ISO-8859-1?Q?Cami=F3n?= =?ISO-8859-1?B?SG9sYQ==?=\n\nx\n",
	  "Subject: Cami\u00f3nHola\n\nx\n",
	  "From a@x.example Sun Nov 22 02:13:17 2026\n"
	  "Return-Path: <a@x.example>\n"
	  "Subject: =?ISO-8859-1?Q?Cami=F3n?= =?ISO-8859-1?B?SG9sYQ==?=\n"
	  "\nx\n" },
	{ "quoted-printable text by its character set",
	  MIME "Content-Type: text/plain; charset=iso-8859-1\n"
	  "Content-Transfer-Encoding: quoted-printable\n\n"
	  "caf=E9 a=\nb\n", "\ncaf\u00e9 ab\n", NULL },
	{ "a whole message that is one base64 text",
	  MIME "Content-Type: text/plain; charset=utf-8\n"
	  "Content-Transfer-Encoding: base64\n\nSG9sYQ0KbXVuZG8NCg==\n",
	  "\nHola\nmundo\n", NULL },
	{ "preamble and epilogue are not shown, an attachment is named",
	  MIXED "pre\n--b\n\ntext\n--b\nContent-Type: image/png; "
	  "name=\"a.png\"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n"
	  "--b--\nepilogue\n",
	  "\ntext\n\n[-- Attachment 3: a.png, image/png, 8 bytes --]\n", NULL },
	{ "of alternatives the plain text, wherever it stands",
	  MIME "Content-Type: multipart/alternative; boundary=b\n\n"
	  "--b\nContent-Type: text/html\n\n<p>html</p>\n"
	  "--b\nContent-Type: text/plain\n\nplain\n--b--\n",
	  "\nplain\n", NULL },
	{ "an alternative within a mixture",
	  MIXED "--b\nContent-Type: multipart/alternative; boundary=c\n\n"
	  "--c\n\nplain\n--c\nContent-Type: multipart/related; boundary=d\n\n"
	  "--d\nContent-Type: text/html\n\n<p>\n--d--\n--c--\n"
	  "--b\n\nfooter\n--b--\n",
	  "\nplain\n\n[-- Part 6: text/plain, 6 bytes --]\nfooter\n", NULL },
	{ "html alone is shown as a text",
	  MIME "Content-Type: text/html; charset=us-ascii\n\n<p>hi</p>\n",
	  "\n[-- HTML; this is its text --]\nhi\n",
	  NULL },
	{ "a text with a file name is an attachment",
	  MIXED "--b\n\none\n--b\nContent-Type: text/plain; name=n.txt\n\ntwo\n"
	  "--b--\n",
	  "\none\n\n[-- Attachment 3: n.txt, text/plain, 3 bytes --]\n", NULL },
	{ "but not when it is all there is",
	  MIME "Content-Type: text/plain; charset=us-ascii; name=n.txt\n\ntwo\n",
	  "\ntwo\n", NULL },
	{ "a message within the message has a header of its own",
	  MIXED "--b\n\nsee below\n--b\nContent-Type: message/rfc822\n\n"
	  "From: in@x.example\nX-In: 1\nSubject: inner\n\ninner text\n--b--\n",
	  "\nsee below\n\n[-- Message 3: message/rfc822 --]\n"
	  "From: in@x.example\nSubject: inner\n\ninner text\n", NULL },
	{ "a message without a header is all body",
	  "\nonly text\n", "\nonly text\n", NULL },
	/* clang-format on */
};

START_TEST(messages_are_shown_as_they_are_meant)
{
	size_t size = strlen(cases[_i].message);

	for (int full = 0; full < 2; full++) {
		const char *expected = full ? cases[_i].full : cases[_i].weeded;
		struct lines lines = { 0 };
		struct buf text = BUF_INIT;

		if (expected == NULL)
			continue;
		render(cases[_i].message, size, full != 0, &lines);
		join(&lines, &text);
		/* a tab is compared as it is shown */
		for (char *tab = strchr(text.data, '\t'); tab != NULL;
		     tab = strchr(text.data, '\t')) {
			struct buf wide = BUF_INIT;

			buf_add(&wide, text.data, (size_t)(tab - text.data));
			buf_printf(&wide, "        %s", tab + 1);
			buf_clear(&text);
			text = wide;
		}
		ck_assert_msg(strcmp(text.data, expected) == 0,
		    "%s:\n%s--- expected:\n%s", cases[_i].name, text.data,
		    expected);
		buf_clear(&text);
		lines_clear(&lines);
	}
}
END_TEST

/* The style of the line that begins with TEXT. */
static enum style
style_of(const struct lines *lines, const char *text)
{
	for (size_t i = 0; i < lines->count; i++)
		if (strncmp(lines->items[i].text, text, strlen(text)) == 0)
			return lines->items[i].style;
	ck_abort_msg("no line %s", text);
}

START_TEST(quotes_signatures_and_faults_look_different)
{
	static const char text[] =
	    MIXED "--b\n\n> quoted\nown\n-- \nthe signature\n--b\n"
		  "Content-Type: image/png; name=a.png\n"
		  "Content-Transfer-Encoding: base64\n\n****\n--b--\n";
	struct lines lines = { 0 };

	render(text, strlen(text), false, &lines);
	ck_assert_int_eq(style_of(&lines, "> quoted"), STYLE_QUOTE);
	ck_assert_int_eq(style_of(&lines, "own"), STYLE_NORMAL);
	ck_assert_int_eq(style_of(&lines, "the sig"), STYLE_SIGNATURE);
	ck_assert_int_eq(style_of(&lines, "[-- Attach"), STYLE_PART);
	ck_assert_int_eq(style_of(&lines, "[-- Fault: "), STYLE_FAULT);
	lines_clear(&lines);
}
END_TEST

/* Row 09: one mark a byte, and the reason. */
START_TEST(undecodable_bytes_are_marked_and_explained)
{
	static const char text[] =
	    MIME "Content-Type: text/plain; charset=us-ascii\n\ncaf\xe9!\n";
	struct lines lines = { 0 };

	render(text, strlen(text), false, &lines);
	ck_assert_int_eq(style_of(&lines, "caf" TEXT_UNKNOWN "!"),
	    STYLE_NORMAL);
	ck_assert_int_eq(style_of(&lines, "[-- Fault: "), STYLE_FAULT);
	lines_clear(&lines);
}
END_TEST

/* Where hostile bytes can stand; %s is replaced by each of the attacks. */
static const char *const places[] = {
	"From: %s\nSubject: %s\n\n%s\n",
	"Return-Path: <%s>\nX-%s: %s\nTo: %s <a@b.example>\nDate: %s\n\n%s\n",
	MIME "Content-Type: text/plain; charset=\"%s\"\n"
	     "Content-Transfer-Encoding: %s\n\n%s\n",
	MIME "Content-Type: %s; name=\"%s\"\n\n%s\n",
	MIXED "--b\nContent-Type: image/%s; name=\"%s\"\n"
	      "Content-Disposition: attachment; filename=\"%s\"\n\n%s\n--b--\n",
	MIXED "--b\nContent-Type: message/rfc822\n\nSubject: %s\n\n%s\n--b--\n",
	MIXED "%s\n--b\n%s\n\n%s\n--b\n%s",
	"Authentication-Results: %s; spf=%s (%s) reason=\"%s\" a.b=%s\n"
	"Return-Path: <%s>\nX-Original-To: %s\nDelivered-To: %s\n"
	"Received: from %s (%s [192.0.2.1]) (Authenticated sender: %s)\n"
	"\tby %s (%s) with %s id %s (using %s with cipher %s) for <%s>; %s\n"
	"Sender: %s\nReply-To: %s: %s\nMessage-ID: %s\n\n%s\n",
	MIME "Content-Type: multipart/%s; boundary=\"%s\"; protocol=\"%s\"\n\n"
	     "--%s\nContent-Type: text/html; name=\"%s\"\n\n<p>%s<a href=\""
	     "http:%s\">%s</a>\n--%s\n\n%s\n--%s--\n%s\n",
	MIME "Content-Type: text/plain; format=flowed\n\n>%s \n>%s\n%s \n",
	MIME "Content-Type: application/pkcs7-mime; smime-type=%s\n\n%s\n",
};
static const char *const attacks[] = {
	"\033[31337m",
	"\033]0;PWNED\007",
	"\033P1$r\033\\",
	"\x9b"
	"31337m",
	"\xc2\x9b"
	"31337m",
	"\xc2\x9d"
	"0;PWNED\xc2\x9c",
	"\b\b\b\177\r",
	"\016\017\005",
	"\xe2\x80\xae"
	"gnp.exe",
	"\xe2\x81\xa6",
	"=?UTF-8?Q?=1B[31337m?=",
	"=?UTF-8?B?G1szMTMzN20=?=",
	"=?UTF-8?Q?=C2=9B31337m=E2=80=AE?=",
};

static void
put_attack(const char *place, const char *attack, struct buf *to)
{
	const char *at;

	for (; (at = strstr(place, "%s")) != NULL; place = at + 2) {
		buf_add(to, place, (size_t)(at - place));
		buf_addstr(to, attack);
	}
	buf_addstr(to, place);
}

/* No C0 but the tab, no DEL, no C1, no bidi control, all valid UTF-8. */
static void
assert_harmless(const struct line *line)
{
	for (size_t i = 0; i < line->size;) {
		int columns;
		size_t size = text_next(line->text + i, &columns);

		if (line->text[i] != '\t')
			ck_assert_msg(columns >= 0, "harmful: %s", line->text);
		i += size;
	}
	ck_assert_ptr_null(strstr(line->text, "\xe2\x80\xae"));
	ck_assert_ptr_null(strstr(line->text, "\xe2\x81\xa6"));
}

/* Everything that a window shows of MESSAGE. */
static void
render_windows(struct message *message, struct lines *lines)
{
	static char nothing[] = "";
	struct kept_envelope kept = { false, nothing, nothing, nothing, nothing,
		nothing, nothing, nothing, nothing };
	struct subject subject = { message, &kept };

	raw_text_lines(&subject, lines);
	structure_lines(&subject, 80, lines);
	trace_lines(&subject, 120, lines);
	envelope_lines(&subject, 80, lines);
}

START_TEST(nothing_in_a_message_controls_the_terminal)
{
	const char *attack = attacks[_i];

	for (size_t i = 0; i < COUNT(places); i++) {
		struct buf text = BUF_INIT;
		struct message *message;
		struct lines lines = { 0 };

		put_attack(places[i], attack, &text);
		render(text.data, text.size, false, &lines);
		render(text.data, text.size, true, &lines);
		message = open_text(text.data, text.size);
		for (size_t j = 0; j < message_part_count(message); j++)
			render_part(message, j, &lines);
		render_windows(message, &lines);
		message_close(message);
		for (size_t j = 0; j < lines.count; j++)
			assert_harmless(&lines.items[j]);
		lines_clear(&lines);
		buf_clear(&text);
	}
}
END_TEST

START_TEST(messages_within_messages_end_somewhere)
{
	struct buf text = BUF_INIT;
	struct lines lines = { 0 };

	for (int i = 0; i < 500; i++)
		buf_addstr(&text, "Content-Type: message/rfc822\n\n");
	render(text.data, text.size, false, &lines);
	ck_assert_uint_gt(lines.count, 0);
	ck_assert_uint_lt(lines.count, 200);
	ck_assert_ptr_nonnull(
	    strstr(lines.items[lines.count - 1].text, "Nested too deep"));
	lines_clear(&lines);
	buf_clear(&text);
}
END_TEST

static const struct {
	const char *filename;
	const char *type;
	const char *offered;
} names[] = {
	/* clang-format off */
	{ "cat.png", "image/png", "cat.png" },
	{ "../../etc/passwd", "text/plain", "passwd" },
	{ "/etc/passwd", "text/plain", "passwd" },
	{ "..\\..\\boot.ini", "text/plain", "boot.ini" },
	{ ".bashrc", "text/plain", "bashrc" },
	{ "-rf", "text/plain", "rf" },
	{ "a\nb", "text/plain", "a_b" },
	{ "a\033[31m", "text/plain", "a^[[31m" },
	{ "caf\u00e9.txt", "text/plain", "caf\u00e9.txt" },
	{ "", "text/html", "part-3.html" },
	{ "..", "application/pdf", "part-3.bin" },
	{ "dir/", "message/rfc822", "part-3.eml" },
	/* clang-format on */
};

START_TEST(a_message_does_not_choose_where_a_part_is_saved)
{
	char filename[64];
	char type[64];
	struct part part = { .filename = filename, .type = type };
	struct buf name = BUF_INIT;

	ck_assert(copy_string(filename, sizeof(filename), names[_i].filename));
	ck_assert(copy_string(type, sizeof(type), names[_i].type));
	save_name(&part, 3, &name);
	ck_assert_str_eq(name.data, names[_i].offered);
	buf_clear(&name);
}
END_TEST

Suite *
render_suite(void)
{
	Suite *suite = suite_create("render");
	TCase *tc = tcase_create("messages");

	tcase_add_unchecked_fixture(tc, text_use_utf8, NULL);
	tcase_add_loop_test(tc, messages_are_shown_as_they_are_meant, 0,
	    COUNT(cases));
	tcase_add_test(tc, quotes_signatures_and_faults_look_different);
	tcase_add_test(tc, undecodable_bytes_are_marked_and_explained);
	tcase_add_loop_test(tc, nothing_in_a_message_controls_the_terminal, 0,
	    COUNT(attacks));
	tcase_add_test(tc, messages_within_messages_end_somewhere);
	tcase_add_loop_test(tc, a_message_does_not_choose_where_a_part_is_saved,
	    0, COUNT(names));
	suite_add_tcase(suite, tc);
	return suite;
}
