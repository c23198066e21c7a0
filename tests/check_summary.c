/*
 * check_summary.c - what a list shows of a message, and text made harmless.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "maildir/message.h"
#include "tests/check_mail.h"
#include "tests/suites.h"

#define MARK "\xEF\xBF\xBD"

static struct summary
summary_of(const char *mail)
{
	struct summary summary;
	int fd = mail_make(mail, strlen(mail));

	summary_read(fd, &summary);
	close(fd);
	return summary;
}

/* One header, and what a list shows for it. */
static const struct {
	const char *header;
	const char *from;
	const char *subject;
} headers[] = {
	/* clang-format off */
	{ "From: bob@x.example\nSubject: plain\n", "bob@x.example", "plain" },
	/* worksheet 11 */
	{ "Subject: =?ISO-8859-1?Q?Cami=F3n?=\n", "", "Cami\xC3\xB3n" },
	{ "Subject: =?ISO-8859-1?B?SG9sYQ==?=\n", "", "Hola" },
	/* RFC 2047 8: blanks between encoded words are not shown */
	{ "Subject: =?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=\n", "", "ab" },
	{ "Subject: =?ISO-8859-1?Q?a?= b\n", "", "a b" },
	{ "Subject: =?UTF-8?Q?=C3?=\n =?UTF-8?Q?=A9t?=\n", "", "\xC3\xA9t" },
	{ "Subject: =?US-ASCII?Q?a_b?=\n", "", "a b" },
	/* folded, tabs, CRLF */
	{ "Subject: one\n\ttwo\n three\n", "", "one two three" },
	{ "Subject: one\r\n two\r\n", "", "one two" },
	{ "SUBJECT :late colon\n", "", "late colon" },
	/* names */
	{ "From: =?UTF-8?Q?J=C3=B6rg?= <j@x.example>\n",
	    "J\xC3\xB6rg <j@x.example>", "" },
	{ "From: \"Doe, John\" <j@x.example>\n",
	    "\"Doe, John\" <j@x.example>", "" },
	{ "From: a@x.example (Alice)\n", "Alice <a@x.example>", "" },
	{ "From: nobody at all\n", "nobody at all", "" },
	/* the first of a name counts */
	{ "Subject: one\nSubject: two\n", "", "one" },
	/* nothing is guessed of raw bytes */
	{ "Subject: caf\xE9\n", "", "caf" MARK },
	{ "Subject: caf\xC3\xA9\n", "", "caf\xC3\xA9" },
	/* nothing reaches the terminal */
	{ "Subject: =?UTF-8?Q?=1B]0;x=07?=\n", "", "^[]0;x^G" },
	{ "Subject: a\x1B[2Jb\n", "", "a^[[2Jb" },
	{ "Subject: =?UTF-8?Q?a=0Ab=09c?=\n", "", "a b c" },
	{ "Subject: \xE2\x80\xAE" "fdp.exe\n", "", "<U+202E>fdp.exe" },
	{ "", "", "" },
	/* clang-format on */
};

START_TEST(a_list_shows_decoded_and_harmless_fields)
{
	char *mail = xasprintf("%s\ntext\n", headers[_i].header);
	struct summary summary = summary_of(mail);

	ck_assert_str_eq(summary.from, headers[_i].from);
	ck_assert_str_eq(summary.subject, headers[_i].subject);
	summary_clear(&summary);
	free(mail);
}
END_TEST

/* Dates as people's programs write them; seconds by date -u -d. */
static const struct {
	const char *date;
	int64_t seconds;
} dates[] = {
	/* clang-format off */
	{ "Thu, 19 Nov 2026 10:21:04 +0000", 1795083664 },
	{ "Thu, 19 Nov 2026 10:21:04 -0300", 1795094464 },
	{ "19 Nov 2026 10:21 GMT",           1795083660 },
	{ "Thu, 1 Jan 1970 00:00:01 +0000",  1 },
	{ "yesterday",                       0 },
	{ "",                                0 },
	/* clang-format on */
};

START_TEST(a_date_is_read_or_left_out)
{
	char *mail = xasprintf("Date: %s\n\n", dates[_i].date);
	struct summary summary = summary_of(mail);

	ck_assert_int_eq(summary.date, dates[_i].seconds);
	summary_clear(&summary);
	free(mail);
}
END_TEST

START_TEST(identifiers_come_without_their_brackets)
{
	struct summary summary;
	int fd = mail_open("11-encoded-subject-q");

	summary_read(fd, &summary);
	close(fd);
	ck_assert_str_eq(summary.message_id, "one@campus.example");
	ck_assert_str_eq(summary.in_reply_to, "zero@campus.example");
	ck_assert_str_eq(summary.references,
	    "minus.one@campus.example zero@campus.example");
	ck_assert_str_eq(summary.from, "Jos\xC3\xA9 <jose@campus.example>");
	ck_assert_str_eq(summary.to,
	    "\xC3\x85sa <asa@campus.example>, bob@campus.example");
	summary_clear(&summary);
}
END_TEST

static const struct {
	const char *mail;
	int attachments;
} attachments[] = {
	/* clang-format off */
	{ "05-typed", 0 }, { "10-picture", 1 }, { "10-unclosed", 1 },
	{ "10-boundary-with-blank", 1 }, { "10-parts-without-blank-line", 0 },
	{ "nested", 2 }, { "report", 0 }, { "15-no-header", 0 },
	/* clang-format on */
};

START_TEST(parts_with_a_file_name_are_counted)
{
	int fd = mail_open(attachments[_i].mail);
	struct summary summary;

	summary_read(fd, &summary);
	ck_assert_int_eq(summary.attachments, attachments[_i].attachments);
	summary_clear(&summary);
	close(fd);
}
END_TEST

START_TEST(the_offset_of_the_descriptor_does_not_matter)
{
	static const char mail[] = "Subject: here\n\ntext\n";
	int fd = mail_make(mail, sizeof(mail) - 1);
	struct summary summary;

	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), sizeof(mail) - 1);
	summary_read(fd, &summary);
	ck_assert_str_eq(summary.subject, "here");
	ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), sizeof(mail) - 1);
	summary_clear(&summary);
	close(fd);
}
END_TEST

START_TEST(a_subject_is_cut_at_a_whole_character)
{
	struct buf mail = BUF_INIT;
	struct summary summary;

	buf_addstr(&mail, "Subject: x");
	for (int i = 0; i < 3000; i++)
		buf_addstr(&mail, "\xC3\xA9");
	buf_addstr(&mail, "\n\n");
	summary = summary_of(mail.data);
	ck_assert_uint_eq(strlen(summary.subject), 999);
	ck_assert_str_eq(summary.subject + 997, "\xC3\xA9");
	summary_clear(&summary);
	buf_clear(&mail);
}
END_TEST

/* Text, and what a terminal may get for it. */
static const struct {
	const char *text;
	size_t size;
	const char *safe;
} texts[] = {
	/* clang-format off */
	{ "plain\ttext\n",           11, "plain\ttext\n" },
	{ "\x1B[31m",                 5, "^[[31m" },
	{ "a\0b",                     3, "a^@b" },
	{ "\x7F",                     1, "^?" },
	{ "a\r\nb\rc",                6, "a\nb^Mc" },
	{ "\xC2\x9B" "31m",           5, MARK "31m" },       /* C1: CSI */
	{ "\xC2\xA0",                 2, "\xC2\xA0" },
	{ "\xE2\x80\xAE",             3, "<U+202E>" },
	{ "\xE2\x81\xA6",             3, "<U+2066>" },
	{ "\xF3\xA0\x81\x81",         4, "<U+E0041>" },
	{ "\xF0\x9F\x98\x80",         4, "\xF0\x9F\x98\x80" },
	{ "\xC3",                     1, MARK },
	{ "\xE2\x82",                 2, MARK MARK },
	{ "\xC0\xAF",                 2, MARK MARK },        /* overlong */
	{ "\xED\xA0\x80",             3, MARK MARK MARK },   /* surrogate */
	{ "\xF4\x90\x80\x80",         4, MARK MARK MARK MARK },
	{ "\xFF\xFE",                 2, MARK MARK },
	{ "\xC3\xA9\xE9t",            4, "\xC3\xA9" MARK "t" },
	/* clang-format on */
};

START_TEST(no_text_can_command_a_terminal)
{
	struct buf safe = BUF_INIT;

	text_safe(texts[_i].text, texts[_i].size, &safe);
	ck_assert_str_eq(safe.data, texts[_i].safe);
	buf_clear(&safe);
}
END_TEST

START_TEST(every_byte_alone_is_harmless)
{
	for (int c = 0; c < 256; c++) {
		char byte = (char)c;
		struct buf safe = BUF_INIT;

		text_safe(&byte, 1, &safe);
		for (size_t i = 0; i < safe.size; i++)
			if (c != '\n' && c != '\t')
				ck_assert(safe.data[i] < 0 ||
				    (safe.data[i] >= ' ' &&
					safe.data[i] != 127));
		buf_clear(&safe);
	}
}
END_TEST

START_TEST(repaired_text_tells_how_many_bytes_were_broken)
{
	struct buf text = BUF_INIT;

	ck_assert_uint_eq(text_repair("a\xE9 \x1B\0\xC3\xA9", 7, &text), 2);
	ck_assert_str_eq(text.data, "a" MARK " \x1B" MARK "\xC3\xA9");
	buf_clear(&text);
}
END_TEST

Suite *
summary_suite(void)
{
	Suite *suite = suite_create("summary");
	TCase *tc = tcase_create("summary");

	mail_find();
	tcase_add_loop_test(tc, a_list_shows_decoded_and_harmless_fields, 0,
	    COUNT(headers));
	tcase_add_loop_test(tc, a_date_is_read_or_left_out, 0, COUNT(dates));
	tcase_add_test(tc, identifiers_come_without_their_brackets);
	tcase_add_loop_test(tc, parts_with_a_file_name_are_counted, 0,
	    COUNT(attachments));
	tcase_add_test(tc, the_offset_of_the_descriptor_does_not_matter);
	tcase_add_test(tc, a_subject_is_cut_at_a_whole_character);
	tcase_add_loop_test(tc, no_text_can_command_a_terminal, 0,
	    COUNT(texts));
	tcase_add_test(tc, every_byte_alone_is_harmless);
	tcase_add_test(tc, repaired_text_tells_how_many_bytes_were_broken);
	suite_add_tcase(suite, tc);
	return suite;
}
