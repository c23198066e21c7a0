/*
 * check_message.c - messages as a reader sees them: the part tree, contents,
 * and what is said of damaged ones (worksheets 08, 09, 10, 11, 15).
 */
#include <stdlib.h>
#include <string.h>

#include "maildir/message.h"
#include "tests/check_mail.h"
#include "tests/suites.h"

#define MARK "\xEF\xBF\xBD"

/* What a part must say.  FAULT is a piece of the sentence, NULL for none. */
static const struct {
	const char *mail;
	size_t part;
	int depth;
	const char *type;
	const char *filename;
	const char *content; /* its beginning; NULL where there is none */
	const char *fault;
} parts[] = {
	/* clang-format off */
	{ "05-typed", 0, 0, "text/plain", "",
	    "Hello Bob,\nthis is my first message.\n", NULL },
	{ "08-x-header", 0, 0, "text/plain", "",
	    "And here begins the text at once\n", NULL },
	{ "08-no-blank-line", 0, 0, "text/plain", "",
	    "And here begins the text at once\nNote: this", "No blank line" },
	{ "09-malformed-type", 0, 0, "text/plain", "",
	    "qu" MARK MARK " tal, dijo " MARK "l\n",
	    "text/plain: charset=us-ascii" },
	{ "09-malformed-type", 0, 0, "text/plain", "",
	    "qu", "3 bytes are no us-ascii" },
	{ "09-declared-latin1", 0, 0, "text/plain", "",
	    "un caf\xC3\xA9, s'il vous pla\xC3\xAEt\n", NULL },
	{ "10-picture", 0, 0, "multipart/mixed", "", NULL, NULL },
	{ "10-picture", 1, 1, "text/plain", "", "Look at this dot.", NULL },
	{ "10-picture", 2, 1, "image/png", "dot.png",
	    "\x89PNG\r\n\x1A\n", NULL },
	{ "10-damaged-base64", 2, 1, "application/octet-stream", "bytes.bin",
	    "", "base64 text is damaged in line 2" },
	{ "10-boundary-with-blank", 1, 1, "text/plain", "",
	    "Look at this dot.", NULL },
	{ "10-boundary-with-blank", 2, 1, "image/png", "dot.png",
	    "\x89PNG\r\n\x1A\n", NULL },
	{ "10-parts-without-blank-line", 1, 1, "text/plain", "",
	    "The text follows the header at once.\nAnd goes on.",
	    "No blank line between the header and the text" },
	{ "10-parts-without-blank-line", 2, 1, "text/plain", "",
	    "This part has no header, and no blank line.",
	    "No blank line before the text" },
	{ "10-unclosed", 0, 0, "multipart/mixed", "", NULL,
	    "closing line --frontier-- is missing" },
	{ "10-unclosed", 2, 1, "image/png", "dot.png",
	    "\x89PNG\r\n\x1A\n", NULL },
	{ "15-no-header", 0, 0, "text/plain", "",
	    "This text has no header at all.\n\nIt has", NULL },
	{ "nested", 0, 0, "multipart/mixed", "", NULL, NULL },
	{ "nested", 1, 1, "multipart/alternative", "", NULL, NULL },
	{ "nested", 2, 2, "text/plain", "",
	    "Gr\xC3\xBC\xC3\x9F" "e, see below and reply.", NULL },
	{ "nested", 3, 2, "text/html", "", "<p>Gr&uuml;", NULL },
	{ "nested", 4, 1, "message/rfc822", "", "From: dave@", NULL },
	{ "nested", 5, 2, "multipart/mixed", "", NULL, NULL },
	{ "nested", 6, 3, "text/plain", "", "At eight?", NULL },
	{ "nested", 7, 3, "text/csv", "guests \xC3\xBC.csv", "carol,dave",
	    NULL },
	{ "nested", 8, 1, "application/pdf", "men\xC3\xBA.pdf", "%PDF-",
	    NULL },
	{ "report", 0, 0, "multipart/report", "", NULL, NULL },
	{ "report", 2, 1, "message/delivery-status", "", "Reporting-MTA:",
	    NULL },
	{ "report", 3, 1, "text/rfc822-headers", "", "Subject: hello", NULL },
	/* clang-format on */
};

START_TEST(a_part_shows_what_it_is_and_what_is_wrong_with_it)
{
	struct message *message = message_open(mail_open(parts[_i].mail));
	struct buf content = BUF_INIT;
	const struct part *part;

	ck_assert_uint_lt(parts[_i].part, message_part_count(message));
	message_content(message, parts[_i].part, &content);
	part = message_part(message, parts[_i].part);
	ck_assert_str_eq(part->type, parts[_i].type);
	ck_assert_int_eq(part->depth, parts[_i].depth);
	ck_assert_str_eq(part->filename, parts[_i].filename);
	if (parts[_i].content == NULL)
		ck_assert(part->multipart);
	else
		ck_assert_int_eq(strncmp(content.data, parts[_i].content,
				     strlen(parts[_i].content)),
		    0);
	if (parts[_i].fault == NULL)
		ck_assert_ptr_null(part->fault);
	else
		ck_assert_msg(part->fault != NULL &&
			strstr(part->fault, parts[_i].fault) != NULL,
		    "the fault says: %s",
		    part->fault == NULL ? "nothing" : part->fault);
	buf_clear(&content);
	message_close(message);
}
END_TEST

/* How many parts each has, so that none is invented or lost. */
static const struct {
	const char *mail;
	size_t parts;
} counts[] = {
	/* clang-format off */
	{ "05-typed", 1 }, { "15-no-header", 1 }, { "10-picture", 3 },
	{ "10-damaged-base64", 3 }, { "10-boundary-with-blank", 3 },
	{ "10-parts-without-blank-line", 3 }, { "10-unclosed", 3 },
	{ "nested", 9 }, { "report", 4 },
	/* clang-format on */
};

START_TEST(a_message_has_as_many_parts_as_were_sent)
{
	struct message *message = message_open(mail_open(counts[_i].mail));

	ck_assert_uint_eq(message_part_count(message), counts[_i].parts);
	message_close(message);
}
END_TEST

START_TEST(damaged_base64_gives_all_but_the_damaged_line)
{
	struct message *message = message_open(mail_open("10-damaged-base64"));
	struct buf content = BUF_INIT;

	/* bytes 0 to 255 were encoded, 57 a line; line 2 has one bad byte */
	message_content(message, 2, &content);
	ck_assert_uint_ge(content.size, 254);
	for (int i = 0; i < 57; i++)
		ck_assert_int_eq((unsigned char)content.data[i], i);
	for (size_t i = 1; i <= 256 - 2 * 57; i++)
		ck_assert_int_eq((unsigned char)content.data[content.size - i],
		    (int)(256 - i));
	buf_clear(&content);
	message_close(message);
}
END_TEST

START_TEST(preamble_and_epilogue_are_shown_by_no_part)
{
	struct message *message = message_open(mail_open("10-picture"));
	struct buf content = BUF_INIT;

	for (size_t i = 1; i < message_part_count(message); i++)
		message_content(message, i, &content);
	ck_assert_ptr_null(memmem(content.data, content.size, "preamble", 8));
	ck_assert_ptr_null(memmem(content.data, content.size, "epilogue", 8));
	buf_clear(&content);
	message_close(message);
}
END_TEST

START_TEST(the_header_is_given_byte_for_byte)
{
	static const char mail[] =
	    "X-Odd :  a\tb \n"
	    "Subject: =?x\xE9?=\n"
	    " folded\n"
	    "Content-Type: text/plain: charset=us-ascii\n"
	    "\n"
	    "text\n";
	struct message *message =
	    message_open(mail_make(mail, sizeof(mail) - 1));
	size_t size = sizeof(mail) - 1 - strlen("\ntext\n");

	ck_assert_uint_eq(strlen(message_header(message)), size);
	ck_assert_mem_eq(message_header(message), mail, size);
	message_close(message);
}
END_TEST

START_TEST(fields_are_decoded_and_the_first_of_a_name_counts)
{
	static const char mail[] = "Subject: =?ISO-8859-1?Q?Cami=F3n?=\n"
				   "subject: second\n"
				   "To: =?UTF-8?B?w4VzYQ==?= <asa@x.example>\n"
				   "\n";
	struct message *message =
	    message_open(mail_make(mail, sizeof(mail) - 1));

	ck_assert_str_eq(message_field(message, "Subject"), "Cami\xC3\xB3n");
	ck_assert_str_eq(message_field(message, "to"),
	    "\xC3\x85sa <asa@x.example>");
	ck_assert_str_eq(message_field(message, "Cc"), "");
	ck_assert_str_eq(message_field(message, "Subject"), "Cami\xC3\xB3n");
	message_close(message);
}
END_TEST

START_TEST(the_raw_message_is_the_stored_one)
{
	static const char mail[] = "A: b\r\n\r\nx\0y\xFF";
	struct message *message =
	    message_open(mail_make(mail, sizeof(mail) - 1));
	struct buf raw = BUF_INIT;

	message_raw(message, &raw);
	ck_assert_uint_eq(raw.size, sizeof(mail) - 1);
	ck_assert_mem_eq(raw.data, mail, raw.size);
	buf_clear(&raw);
	message_close(message);
}
END_TEST

START_TEST(an_empty_message_and_a_missing_one_are_still_messages)
{
	struct message *message = message_open(_i == 0 ? mail_make("", 0) : -1);
	struct buf content = BUF_INIT;

	ck_assert_uint_eq(message_part_count(message), 1);
	ck_assert_str_eq(message_part(message, 0)->type, "text/plain");
	ck_assert_str_eq(message_header(message), "");
	message_content(message, 0, &content);
	ck_assert_uint_eq(content.size, 0);
	buf_clear(&content);
	message_close(message);
}
END_TEST

START_TEST(a_fault_is_told_once_however_often_one_looks)
{
	struct message *message = message_open(mail_open("09-malformed-type"));
	struct buf content = BUF_INIT;
	char *fault;

	message_content(message, 0, &content);
	fault = xstrdup(message_part(message, 0)->fault);
	message_content(message, 0, &content);
	ck_assert_str_eq(message_part(message, 0)->fault, fault);
	free(fault);
	buf_clear(&content);
	message_close(message);
}
END_TEST

Suite *
message_suite(void)
{
	Suite *suite = suite_create("message");
	TCase *tc = tcase_create("message");

	mail_find();
	tcase_add_loop_test(tc,
	    a_part_shows_what_it_is_and_what_is_wrong_with_it, 0, COUNT(parts));
	tcase_add_loop_test(tc, a_message_has_as_many_parts_as_were_sent, 0,
	    COUNT(counts));
	tcase_add_test(tc, damaged_base64_gives_all_but_the_damaged_line);
	tcase_add_test(tc, preamble_and_epilogue_are_shown_by_no_part);
	tcase_add_test(tc, the_header_is_given_byte_for_byte);
	tcase_add_test(tc, fields_are_decoded_and_the_first_of_a_name_counts);
	tcase_add_test(tc, the_raw_message_is_the_stored_one);
	tcase_add_loop_test(tc,
	    an_empty_message_and_a_missing_one_are_still_messages, 0, 2);
	tcase_add_test(tc, a_fault_is_told_once_however_often_one_looks);
	suite_add_tcase(suite, tc);
	return suite;
}
