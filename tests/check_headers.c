/*
 * check_headers.c - what a message is given on its way in.
 *
 * The messages are those of the worksheets 05, 08, 09, 12 and 15; what must
 * come of them is what Postfix 3.7 made of the same input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/buf.h"
#include "smtpd/headers.h"
#include "tests/check_headers_world.h"
#include "tests/suites.h"

#define ID "Message-Id: <20261122004832.3A3C1A823B6A00@it014.lab.example>\n"
#define DATE "Date: Sun, 22 Nov 2026 00:48:32 +0000\n"
#define FROM "From: student@lab.example\n"

static void
use_utc(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
}

/* Passes TEXT through in two pieces, cut at SPLIT. */
static void
pass(const char *text, size_t split, unsigned care, struct buf *to)
{
	struct headers headers;

	ck_assert_int_eq(headers_begin(&headers, &headers_stamp, care,
			     headers_collect, to),
	    0);
	ck_assert_int_eq(headers_add(&headers, text, split), 0);
	ck_assert_int_eq(headers_add(&headers, text + split,
			     strlen(text) - split),
	    0);
	ck_assert_int_eq(headers_end(&headers), 0);
	headers_clear(&headers);
}

/* What came out behind our Received. */
static const char *
behind_received(const struct buf *out)
{
	const char *line = out->data;

	ck_assert_int_eq(strncmp(line, "Received: ", 10), 0);
	do {
		line = strchr(line, '\n') + 1;
	} while (*line == '\t');
	return line;
}

static const struct {
	const char *in;
	unsigned care;
	const char *out;
} cases[] = {
	/* clang-format off */
	/* 05: a subject, nothing else */
	{ "Subject: Hola buenas\n\nasdfasfasd\n", CLASS,
	  "Subject: Hola buenas\n" ID DATE FROM "\nasdfasfasd\n" },
	/* 08: the body right behind the header */
	{ "X-Lab: vinicius\nThis is the bodymilk.\n", CLASS,
	  "X-Lab: vinicius\n" ID DATE FROM "\nThis is the bodymilk.\n" },
	{ "X-Lab: vinicius\nThis is the bodymilk.\n", FOREIGN,
	  "X-Lab: vinicius\nThis is the bodymilk.\n" },
	/* 09: malformed MIME, eight bits */
	{ "MIME-Version: 1.0\nContent-Type: text/plain: charset=us-ascii\n"
	  "Mensaje a ver qu\xC3\xA9 pasa.\n", CLASS,
	  "MIME-Version: 1.0\nContent-Type: text/plain: charset=us-ascii\n"
	  ID DATE FROM "\nMensaje a ver qu\xC3\xA9 pasa.\n" },
	/* 12: From is there */
	{ "Subject: Testing DSN\nFrom: Me <student@lab.example>\nTo: x\n\ny\n",
	  CLASS,
	  "Subject: Testing DSN\nFrom: Me <student@lab.example>\nTo: x\n"
	  ID DATE "\ny\n" },
	/* 15: no header at all, and blank lines */
	{ "Hello who are you?\n\nThis is a test\n\nGoodbye :(\n\n", CLASS,
	  ID DATE FROM "\nHello who are you?\n\nThis is a test\n\n"
	  "Goodbye :(\n\n" },
	{ "Hello who are you?\n\nGoodbye :(\n", FOREIGN,
	  "\nHello who are you?\n\nGoodbye :(\n" },
	{ "\nbehind a blank line: text\n", CLASS,
	  ID DATE FROM "\nbehind a blank line: text\n" },
	{ "\n\ntwo\n", FOREIGN, "\n\ntwo\n" },
	/* nothing, and nothing but a header */
	{ "", CLASS, ID DATE FROM },
	{ "", FOREIGN, "" },
	{ "Subject: alone\n", CLASS, "Subject: alone\n" ID DATE FROM },
	/* all is there, in any case of letters */
	{ "message-ID: <1@x>\nDATE: today\nfrom: a\n\nb\n", CLASS,
	  "message-ID: <1@x>\nDATE: today\nfrom: a\n\nb\n" },
	/* a folded field goes on; a folded line at the start is none */
	{ "Subject: a\n\tb\n c: d\n\ne\n", FOREIGN,
	  "Subject: a\n\tb\n c: d\n\ne\n" },
	{ " Subject: a\n\nb\n", FOREIGN, "\n Subject: a\n\nb\n" },
	/* the name is folded into another field: it is not there */
	{ "Subject: a\n From: b\n\nc\n", CLASS,
	  "Subject: a\n From: b\n" ID DATE FROM "\nc\n" },
	/* From behind the header is body */
	{ "Subject: a\n\nFrom: b\n", CLASS,
	  "Subject: a\n" ID DATE FROM "\nFrom: b\n" },
	/* RFC 822 let blanks stand before the colon */
	{ "From : b\nDate\t: now\nMessage-Id:x\n\nc\n", CLASS,
	  "From : b\nDate\t: now\nMessage-Id:x\n\nc\n" },
	/* no names: a blank within, eight bits, nothing */
	{ "Dear Bob: hello\n", FOREIGN, "\nDear Bob: hello\n" },
	{ "\xC3\x89l: hello\n", FOREIGN, "\n\xC3\x89l: hello\n" },
	{ ": hello\n", FOREIGN, "\n: hello\n" },
	/* a mailbox's From line is no field */
	{ "From bob Sun Nov 22 00:48:32 2026\nSubject: x\n\ny\n", FOREIGN,
	  "\nFrom bob Sun Nov 22 00:48:32 2026\nSubject: x\n\ny\n" },
	/* never a To, and the trace of others stays in order */
	{ "Received: from a\n\tby b; x\nReceived: from c\n\nd\n", FOREIGN,
	  "Received: from a\n\tby b; x\nReceived: from c\n\nd\n" },
	/* empty ones count as missing, and there are no two */
	{ "Date:\nFrom: \n\t\nMessage-Id: <>\n\nb\n", CLASS,
	  "Message-Id: <>\n" DATE FROM "\nb\n" },
	{ "date :\nSubject: a\n\nb\n", CLASS,
	  "Subject: a\n" ID DATE FROM "\nb\n" },
	{ "Date:\nFrom: \n\t\n\nb\n", FOREIGN, "Date:\nFrom: \n\t\n\nb\n" },
	/* RFC 5322 A.3: resent by mutt, all is there */
	{ "Resent-From: Mary <m@x>\nResent-To: j@x\n"
	  "Resent-Date: Mon, 24 Nov 1997 14:22:01 -0800\n"
	  "Resent-Message-ID: <78910@x>\nFrom: J <j@x>\nTo: m@x\n"
	  "Subject: Hi\nDate: Fri, 21 Nov 1997 09:55:06 -0600\n"
	  "Message-ID: <1234@x>\n\nb\n", SUBMIT,
	  "Resent-From: Mary <m@x>\nResent-To: j@x\n"
	  "Resent-Date: Mon, 24 Nov 1997 14:22:01 -0800\n"
	  "Resent-Message-ID: <78910@x>\nFrom: J <j@x>\nTo: m@x\n"
	  "Subject: Hi\nDate: Fri, 21 Nov 1997 09:55:06 -0600\n"
	  "Message-ID: <1234@x>\n\nb\n" },
	/* what is missing is the resender's, not the author's */
	{ "Resent-To: j@x\nSubject: a\n\nb\n", SUBMIT,
	  "Resent-To: j@x\nSubject: a\nResent-" ID "Resent-" DATE
	  "Resent-" FROM "\nb\n" },
	{ "Resent-Bcc: j@x\nResent-Date:\n\nb\n", SUBMIT,
	  "Resent-" ID "Resent-" DATE "Resent-" FROM "\nb\n" },
	{ "Resent-Odd: x\n\nb\n", CLASS,
	  "Resent-Odd: x\n" ID DATE FROM "\nb\n" },
	/* 23: Bcc goes on submission, with all its lines, wherever it is */
	{ "To: a@x\nBcc: b@x,\n\tc@x,\n d@x\nSubject: s\n\nb\n", SUBMIT,
	  "To: a@x\nSubject: s\n" ID DATE FROM "\nb\n" },
	{ "bCC : b@x\nTo: a@x\n\nBcc: text\n", SUBMIT,
	  "To: a@x\n" ID DATE FROM "\nBcc: text\n" },
	{ "To: a@x\nBcc:\n", SUBMIT, "To: a@x\n" ID DATE FROM },
	{ "Bcc: b@x\n c@x\n", SUBMIT, ID DATE FROM },
	{ "Bcc: b@x\nand here the text\n", SUBMIT,
	  ID DATE FROM "\nand here the text\n" },
	{ "Bcc: b@x\nBcc: c@x\nResent-bcc: d@x\n\te@x\n\nb\n", SUBMIT,
	  "Resent-" ID "Resent-" DATE "Resent-" FROM "\nb\n" },
	{ "Bccs: b@x\nX-Bcc: c@x\nX: Bcc: d@x\n\nb\n", SUBMIT,
	  "Bccs: b@x\nX-Bcc: c@x\nX: Bcc: d@x\n" ID DATE FROM "\nb\n" },
	/* and stays where nothing is submitted */
	{ "Bcc: b@x\nFrom: a\nDate: d\nMessage-Id: <i@x>\n\nb\n", CLASS,
	  "Bcc: b@x\nFrom: a\nDate: d\nMessage-Id: <i@x>\n\nb\n" },
	{ "Bcc: b@x\n c@x\nResent-Bcc: d@x\n\nb\n", FOREIGN,
	  "Bcc: b@x\n c@x\nResent-Bcc: d@x\n\nb\n" },
	/* clang-format on */
};

START_TEST(what_is_missing_goes_in_behind_the_last_field)
{
	size_t size = strlen(cases[_i].in);

	use_utc();
	for (size_t split = 0; split <= size; split++) {
		struct buf out = BUF_INIT;

		pass(cases[_i].in, split, cases[_i].care, &out);
		ck_assert_str_eq(behind_received(&out), cases[_i].out);
		buf_clear(&out);
	}
}
END_TEST

START_TEST(every_byte_of_a_body_is_kept)
{
	char body[256 + 3] = "\n";
	struct headers headers;
	struct buf out = BUF_INIT;

	for (int c = 0; c < 256; c++)
		body[c + 1] = (char)c;
	body[257] = '\n';
	ck_assert_int_eq(headers_begin(&headers, &headers_stamp, FOREIGN,
			     headers_collect, &out),
	    0);
	ck_assert_int_eq(headers_add(&headers, body, 258), 0);
	ck_assert_int_eq(headers_end(&headers), 0);
	ck_assert_uint_gt(out.size, 258);
	ck_assert_mem_eq(out.data + out.size - 258, body, 258);
	buf_clear(&out);
}
END_TEST

START_TEST(received_fields_are_counted_in_the_header_only)
{
	struct headers headers;
	struct buf out = BUF_INIT;
	const char text[] = "Received: a\nRECEIVED: b\n\treceived: c\n"
			    "Received-SPF: d\n\nReceived: e\n";

	ck_assert_int_eq(headers_begin(&headers, &headers_stamp, FOREIGN,
			     headers_collect, &out),
	    0);
	ck_assert_int_eq(headers_add(&headers, text, strlen(text)), 0);
	ck_assert_int_eq(headers_end(&headers), 0);
	ck_assert_int_eq(headers.received, 2);
	buf_clear(&out);
}
END_TEST

/* RFC 5321 4.4 and RFC 3848, by example. */
static const struct {
	struct stamp stamp;
	const char *received;
} traces[] = {
	/* clang-format off */
	{ { .id = "A", .hostname = "mx.example", .helo = "desk",
	    .peer = "192.0.2.7", .protocol = "ESMTP",
	    .recipient = "b@c.example", .when = HEADERS_WHEN },
	  "Received: from desk ([192.0.2.7])\n"
	  "\tby mx.example (Postlab) with ESMTP id A\n"
	  "\tfor <b@c.example>; Sun, 22 Nov 2026 00:48:32 +0000\n" },
	{ { .id = "A", .hostname = "mx.example", .helo = "desk",
	    .peer = "2001:db8::1", .protocol = "ESMTPSA",
	    .tls = "TLS1.3 with cipher X (256/256 bits)",
	    .when = HEADERS_WHEN },
	  "Received: from desk ([IPv6:2001:db8::1])\n"
	  "\tby mx.example (Postlab) with ESMTPSA id A\n"
	  "\t(using TLS1.3 with cipher X (256/256 bits));\n"
	  "\tSun, 22 Nov 2026 00:48:32 +0000\n" },
	/* foreign text cannot end the comment, the field or the line */
	{ { .id = "A", .hostname = "mx.example",
	    .helo = "a); b\r\nX: y <\"(\xE9\x01 z", .peer = "192.0.2.7",
	    .protocol = "SMTP", .when = HEADERS_WHEN },
	  "Received: from a???b??X:?y???????z ([192.0.2.7])\n"
	  "\tby mx.example (Postlab) with SMTP id A;\n"
	  "\tSun, 22 Nov 2026 00:48:32 +0000\n" },
	{ { .id = "A", .hostname = "mx.example", .helo = "raphael@example.org",
	    .peer = "192.0.2.7", .protocol = "SMTP", .when = HEADERS_WHEN },
	  "Received: from raphael@example.org ([192.0.2.7])\n"
	  "\tby mx.example (Postlab) with SMTP id A;\n"
	  "\tSun, 22 Nov 2026 00:48:32 +0000\n" },
	/* clang-format on */
};

START_TEST(received_tells_where_a_message_came_from)
{
	struct headers headers;
	struct buf out = BUF_INIT;

	use_utc();
	ck_assert_int_eq(headers_begin(&headers, &traces[_i].stamp, FOREIGN,
			     headers_collect, &out),
	    0);
	ck_assert_str_eq(out.data, traces[_i].received);
	headers_clear(&headers);
	buf_clear(&out);
}
END_TEST

START_TEST(a_report_comes_from_the_mailer_daemon)
{
	struct stamp report = headers_stamp;
	struct headers headers;
	struct buf out = BUF_INIT;

	report.sender = "";
	ck_assert_int_eq(headers_begin(&headers, &report, CLASS,
			     headers_collect, &out),
	    0);
	ck_assert_int_eq(headers_end(&headers), 0);
	ck_assert_ptr_nonnull(
	    strstr(out.data, "\nFrom: MAILER-DAEMON@lab.example\n"));
	buf_clear(&out);
}
END_TEST

/* A header of SIZE octets in lines of 100, one field or many; and a body. */
static void
make_header(struct buf *to, size_t size, const char *lead)
{
	while (to->size < size) {
		size_t n = size - to->size < 100 ? size - to->size : 100;

		buf_addstr(to, to->size == 0 ? "A: " : lead);
		while (to->size % 100 != n - 1 && to->size < size - 1)
			buf_addchar(to, 'x');
		buf_addchar(to, '\n');
	}
}

static const char *const leads[] = { "A: ", " " };

START_TEST(a_header_may_have_a_mebibyte_and_no_more)
{
	for (size_t more = 0; more < 2; more++) {
		struct buf text = BUF_INIT;
		struct buf out = BUF_INIT;
		struct headers headers;

		/* The blank line is looked at as well. */
		make_header(&text, HEADERS_SIZE_MAX - 1 + more, leads[_i]);
		ck_assert_uint_eq(text.size, HEADERS_SIZE_MAX - 1 + more);
		buf_addstr(&text, "\nbody\n");
		ck_assert_int_eq(headers_begin(&headers, &headers_stamp, SUBMIT,
				     headers_collect, &out),
		    0);
		ck_assert_int_eq(headers_add(&headers, text.data, text.size),
		    more == 0 ? 0 : -1);
		ck_assert_int_eq(headers.too_big, more == 1);
		headers_clear(&headers);
		buf_clear(&text);
		buf_clear(&out);
	}
}
END_TEST

static int
refuse(void *arg, const char *data, size_t size)
{
	(void)arg;
	(void)data;
	(void)size;
	return -1;
}

START_TEST(a_sink_that_is_full_is_noticed)
{
	struct headers headers;

	ck_assert_int_eq(headers_begin(&headers, &headers_stamp, CLASS, refuse,
			     NULL),
	    -1);
	ck_assert_int_eq(headers_add(&headers, "a: b\nc: d\n", 10), -1);
	ck_assert_int_eq(headers_end(&headers), -1);
	headers_clear(&headers);
}
END_TEST

Suite *
headers_suite(void)
{
	Suite *suite = suite_create("headers");
	TCase *tc = tcase_create("headers");

	tcase_add_loop_test(tc, what_is_missing_goes_in_behind_the_last_field,
	    0, COUNT(cases));
	tcase_add_test(tc, every_byte_of_a_body_is_kept);
	tcase_add_test(tc, received_fields_are_counted_in_the_header_only);
	tcase_add_loop_test(tc, a_header_may_have_a_mebibyte_and_no_more, 0,
	    COUNT(leads));
	tcase_add_loop_test(tc, received_tells_where_a_message_came_from, 0,
	    COUNT(traces));
	tcase_add_test(tc, a_report_comes_from_the_mailer_daemon);
	tcase_add_test(tc, a_sink_that_is_full_is_noticed);
	suite_add_tcase(suite, tc);
	return suite;
}
