/*
 * check_message_limits.c - messages made to cost: nested, many, endless.
 *
 * Each must be read in bounded time, depth and number of parts.  Time is CPU
 * time, and measured against an ordinary message of the same size in the same
 * process: a step that is done for each pair of bytes or lines costs thousands
 * of times as much, whatever the machine and whoever else uses it.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "maildir/message.h"
#include "maildir/parts.h"
#include "tests/check_mail.h"
#include "tests/suites.h"

enum { MEGABYTE = 1024 * 1024, TIMES_MAX = 200 };

static void
nest_multiparts(struct buf *mail)
{
	for (int i = 0; i < 300; i++)
		buf_printf(mail,
		    "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i,
		    i);
	buf_addstr(mail, "\nthe innermost text\n");
}

static void
nest_messages(struct buf *mail)
{
	for (int i = 0; i < 300; i++)
		buf_addstr(mail, "Content-Type: message/rfc822\n\n");
	buf_addstr(mail, "\nthe innermost text\n");
}

static void
add_parts(struct buf *mail)
{
	buf_addstr(mail, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (int i = 0; i < 50000; i++)
		buf_addstr(mail, "--b\n\nx\n");
	buf_addstr(mail, "--b--\n");
}

/* Each line must be compared with each of 100 open boundaries. */
static void
add_almost_boundaries(struct buf *mail)
{
	for (int i = 0; i < 100; i++)
		buf_printf(mail,
		    "Content-Type: multipart/mixed; boundary=aaaaaaaaaaaa%d\n"
		    "\n--aaaaaaaaaaaa%d\n",
		    i, i);
	while (mail->size < 4 * MEGABYTE)
		buf_addstr(mail, "--aaaaaaaaaaaaX\n");
}

static void
add_dashes(struct buf *mail)
{
	buf_addstr(mail,
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n");
	while (mail->size < 4 * MEGABYTE)
		buf_addstr(mail, "--\n");
}

static void
add_one_line(struct buf *mail)
{
	buf_addstr(mail, "Subject: ");
	while (mail->size < 4 * MEGABYTE)
		buf_addstr(mail, "=?UTF-8?Q?=C3=A9?= ");
}

static void
add_fields(struct buf *mail)
{
	while (mail->size < 4 * MEGABYTE)
		buf_addstr(mail, "Content-Type: text/plain; charset=x\n");
}

static void
add_folds(struct buf *mail)
{
	buf_addstr(mail, "References:");
	while (mail->size < 4 * MEGABYTE)
		buf_addstr(mail, "\n <a@b>");
}

static void
add_groups(struct buf *mail)
{
	buf_addstr(mail, "From: ");
	for (int i = 0; i < 100000; i++)
		buf_addstr(mail, "a:");
	buf_addstr(mail, "\nTo: ");
	for (int i = 0; i < 100000; i++)
		buf_addstr(mail, "(");
	buf_addstr(mail, "\nCc: ");
	for (int i = 0; i < 100000; i++)
		buf_addstr(mail, "<");
	buf_addstr(mail, "\n\ntext\n");
}

static void
add_parameters(struct buf *mail)
{
	buf_addstr(mail, "Content-Type: text/plain");
	for (int i = 0; i < 20000; i++)
		buf_printf(mail, "; name*%d*=%%C3", i);
	buf_addstr(mail, "\n\ntext\n");
}

static void
add_bad_base64(struct buf *mail)
{
	buf_addstr(mail, "Content-Transfer-Encoding: base64\n\n");
	while (mail->size < 4 * MEGABYTE)
		buf_addstr(mail, "=!A");
}

/* Not as large: at each iconv() AddressSanitizer looks at all of its input. */
static void
add_bad_charset(struct buf *mail)
{
	buf_addstr(mail, "Content-Type: text/plain; charset=ISO-2022-JP\n\n");
	while (mail->size < MEGABYTE / 4)
		buf_addstr(mail, "\x1B$\xFF");
}

static const struct {
	void (*make)(struct buf *mail);
	const char *fault; /* somewhere; NULL for any or none */
} costly[] = {
	/* clang-format off */
	{ nest_multiparts, "Nested too deep" },
	{ nest_messages, "Nested too deep" },
	{ add_parts, "Too many parts" },
	{ add_almost_boundaries, NULL }, { add_dashes, NULL },
	{ add_one_line, NULL }, { add_fields, NULL }, { add_folds, NULL },
	{ add_groups, NULL }, { add_parameters, NULL },
	{ add_bad_base64, "base64" }, { add_bad_charset, "ISO-2022-JP" },
	/* clang-format on */
};

/* Reads everything; whether FAULT is told somewhere. */
static bool
read_all(struct message *message, const char *fault)
{
	bool told = fault == NULL;
	size_t count = message_part_count(message);

	ck_assert_uint_le(count, PART_COUNT_MAX + PART_DEPTH_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct part *part = message_part(message, i);
		struct buf content = BUF_INIT;

		ck_assert_int_le(part->depth, PART_DEPTH_MAX);
		if (!part->multipart)
			message_content(message, i, &content);
		if (fault != NULL && part->fault != NULL &&
		    strstr(part->fault, fault) != NULL)
			told = true;
		buf_clear(&content);
	}
	message_field(message, "From");
	message_field(message, "To");
	message_field(message, "Cc");
	message_field(message, "Subject");
	return told;
}

static int64_t
cpu_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * (int64_t)1000000000 + now.tv_nsec;
}

/* Nanoseconds of CPU that it takes to read all of MAIL, which is cleared. */
static int64_t
cost_of(struct buf *mail, const char *fault)
{
	int fd = mail_make(mail->data, mail->size);
	int64_t start;
	struct summary summary;
	struct message *message;

	buf_clear(mail);
	start = cpu_now();
	summary_read(fd, &summary);
	message = message_open(fd);
	ck_assert(read_all(message, fault));
	message_close(message);
	summary_clear(&summary);
	return cpu_now() - start;
}

/* As people write them, of SIZE bytes or a megabyte: what is less costs nothing
 * that can be measured. */
static void
add_ordinary_text(struct buf *mail, size_t size)
{
	buf_addstr(mail,
	    "From: bob@campus.example\nTo: alice@campus.example\n"
	    "Subject: the whole book\nContent-Type: text/plain; "
	    "charset=UTF-8\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n");
	while (mail->size < size || mail->size < MEGABYTE)
		buf_addstr(mail,
		    "It was a caf=C3=A9 like all the others, and yet.\n");
}

START_TEST(a_message_made_to_cost_costs_little)
{
	struct buf mail = BUF_INIT;
	struct buf ordinary = BUF_INIT;
	int64_t little;

	message_library_init();
	costly[_i].make(&mail);
	add_ordinary_text(&ordinary, mail.size);
	little = cost_of(&ordinary, NULL);
	ck_assert_int_lt(cost_of(&mail, costly[_i].fault), little * TIMES_MAX);
}
END_TEST

START_TEST(what_is_nested_too_deep_is_not_lost)
{
	struct buf mail = BUF_INIT;
	struct buf content = BUF_INIT;
	struct message *message;

	if (_i == 0)
		nest_multiparts(&mail);
	else
		nest_messages(&mail);
	message = message_open(mail_make(mail.data, mail.size));
	message_content(message, message_part_count(message) - 1, &content);
	ck_assert_ptr_nonnull(strstr(content.data, "the innermost text"));
	buf_clear(&content);
	buf_clear(&mail);
	message_close(message);
}
END_TEST

/* CPU that a hundred deliveries of a text of SIZE bytes spend on its summary.
 */
static int64_t
cost_of_summaries(size_t size)
{
	static const char header[] = "Subject: large\n"
				     "Content-Type: text/plain\n\n";
	char *body = xcalloc(1, size);
	struct summary summary;
	int64_t start;
	int64_t spent;
	int fd;

	memcpy(body, header, sizeof(header) - 1);
	fd = mail_make(body, size);
	free(body);
	start = cpu_now();
	for (int i = 0; i < 100; i++) {
		summary_read(fd, &summary);
		ck_assert_str_eq(summary.subject, "large");
		summary_clear(&summary);
	}
	spent = cpu_now() - start;
	close(fd); /* which costs more, the larger it is */
	return spent;
}

/* A summary is read at every delivery: it must not read a large body. */
START_TEST(a_large_body_costs_a_delivery_nothing)
{
	int64_t little;

	message_library_init();
	little = cost_of_summaries(MEGABYTE);
	/* All of it would be 64 times as much. */
	ck_assert_int_lt(cost_of_summaries(64 * MEGABYTE), 16 * little);
}
END_TEST

Suite *
message_limits_suite(void)
{
	Suite *suite = suite_create("message_limits");
	TCase *tc = tcase_create("message_limits");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_message_made_to_cost_costs_little, 0,
	    COUNT(costly));
	tcase_add_loop_test(tc, what_is_nested_too_deep_is_not_lost, 0, 2);
	tcase_add_test(tc, a_large_body_costs_a_delivery_nothing);
	suite_add_tcase(suite, tc);
	return suite;
}
