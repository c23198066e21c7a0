/*
 * check_receive.c - DATA from the wire into the spool.
 *
 * What ends DATA is data_reader's and tested there; here is what the session
 * gets to hear, and that the spool holds the message and nothing else.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "smtpd/receive.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

enum { LIMIT = 1 << 20 };

static const struct stamp stamp = {
	.id = "A",
	.hostname = "mx.example",
	.helo = "desk",
	.peer = "192.0.2.7",
	.protocol = "ESMTP",
	.sender = "a@b.example",
};

static int queue = -1;

static void
make_world(void)
{
	folder_enter();
	ck_assert_int_eq(mkdir("queue", 0700), 0);
	ck_assert_int_eq(mkdir("queue/incoming", 0700), 0);
	ck_assert_int_eq(mkdir("queue/incoming/spool", 0700), 0);
	queue = open("queue/incoming", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ne(queue, -1);
}

static void
remove_world(void)
{
	close(queue);
	folder_leave();
}

/* Feeds WIRE in pieces of STEP bytes; *REST is what was not taken. */
static struct reply
feed(const char *wire, size_t size, size_t step, struct mail_spool *spool,
    size_t *rest)
{
	struct receive receive;
	size_t at = 0;

	mail_spool_init(spool, queue);
	receive_begin(&receive, LIMIT, &stamp, false, spool);
	while (at < size && !data_reader_done(&receive.reader)) {
		size_t n = size - at < step ? size - at : step;

		at += data_reader_feed(&receive.reader, wire + at, n);
	}
	ck_assert(data_reader_done(&receive.reader));
	*rest = size - at;
	return receive_end(&receive);
}

/* The spool's message, without the Received field that was put in. */
static void
read_spool(struct mail_spool *spool, struct buf *to)
{
	int fd = mail_spool_fd(spool);
	const char *end;

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(buf_read(to, fd, 1 << 24), 0);
	ck_assert_int_eq((int64_t)to->size, spool->size);
	ck_assert_int_eq(strncmp(to->data, "Received: from desk ", 20), 0);
	end = strstr(to->data, ";\n\t");
	ck_assert_ptr_nonnull(end);
	buf_drop(to, (size_t)(strchr(end + 2, '\n') + 1 - to->data));
}

static const struct {
	const char *wire;
	size_t size;
	int code;
	const char *answer; /* it begins so */
	const char *stored;
	size_t rest;
} cases[] = {
/* clang-format off */
#define WIRE(s) s, sizeof(s) - 1
	{ WIRE("A: b\r\n\r\nc\r\n.\r\n"), 250, "2.0.0", "A: b\n\nc\n", 0 },
	{ WIRE("A: b\r\n\r\n..c\r\n.\r\nQUIT\r\n"), 250, "2.0.0",
	  "A: b\n\n.c\n", 6 },
	{ WIRE(".\r\n"), 250, "2.0.0", "", 0 },
	{ WIRE("A: b\r\nc\r\n.\r\n"), 250, "2.0.0", "A: b\nc\n", 0 },
	{ WIRE("A: b\n\r\n.\r\nQUIT\r\n"), 550, "5.5.2 <LF> without <CR> in line 1", NULL, 6 },
	{ WIRE("A: b\r\n\r\nc\n.\n\r\n.\r\n"), 550, "5.5.2 <LF> without <CR> in line 3", NULL, 5 },
	{ WIRE("A: b\r\n\r\nc\n.\r\nMAIL FROM:<x>\r\n.\r\n"), 550, "5.5.2 <LF>", NULL, 0 },
	{ WIRE("A: b\r\n\r\nc\r\n.\nMAIL FROM:<x>\r\n.\r\n"), 550, "5.5.2 <LF>", NULL, 18 },
	{ WIRE("A: b\r\n\r\nc\r.\r\n.\r\n"), 550, "5.5.2 <CR> without <LF> in line 3", NULL, 0 },
	{ WIRE("A: b\r\r\n.\r\n"), 550, "5.5.2 <CR> without <LF> in line 1", NULL, 0 },
	{ WIRE("A: \0b\r\n.\r\n"), 550, "5.5.2 NUL byte in line 1", NULL, 0 },
#undef WIRE
	/* clang-format on */
};

START_TEST(the_answer_names_the_mistake_however_the_bytes_come)
{
	for (size_t step = 1; step <= cases[_i].size; step++) {
		struct mail_spool spool;
		struct buf stored = BUF_INIT;
		size_t rest;
		struct reply r =
		    feed(cases[_i].wire, cases[_i].size, step, &spool, &rest);

		ck_assert_int_eq(r.code, cases[_i].code);
		ck_assert_int_eq(strncmp(r.text, cases[_i].answer,
				     strlen(cases[_i].answer)),
		    0);
		ck_assert_uint_eq(rest, cases[_i].rest);
		if (cases[_i].stored != NULL) {
			read_spool(&spool, &stored);
			ck_assert_str_eq(stored.data, cases[_i].stored);
		}
		buf_clear(&stored);
		mail_spool_clear(&spool);
	}
}
END_TEST

/* A line of SIZE octets without its CRLF. */
static void
put_line(struct buf *to, size_t size)
{
	while (size-- > 0)
		buf_addchar(to, 'x');
	buf_addstr(to, "\r\n");
}

/* A message of so many OCTETS as RFC 1870 counts: CRLFs, no final dot. */
static void
put_message(struct buf *to, size_t octets)
{
	buf_addstr(to, "A: b\r\n\r\n");
	while (octets - to->size > 2000)
		put_line(to, 998);
	put_line(to, octets - to->size - 2);
	ck_assert_uint_eq(to->size, octets);
	buf_addstr(to, ".\r\n");
}

static struct reply
answer_to(const struct buf *wire, size_t step)
{
	struct mail_spool spool;
	size_t rest;
	struct reply r = feed(wire->data, wire->size, step, &spool, &rest);

	mail_spool_clear(&spool);
	ck_assert_uint_eq(rest, 0);
	return r;
}

START_TEST(a_message_of_just_the_limit_is_taken)
{
	struct buf wire = BUF_INIT;

	put_message(&wire, LIMIT);
	ck_assert_int_eq(answer_to(&wire, 4096).code, 250);
	buf_clear(&wire);
}
END_TEST

START_TEST(a_message_of_one_octet_more_is_552_5_3_4)
{
	struct buf wire = BUF_INIT;
	struct reply r;

	put_message(&wire, LIMIT + 1);
	r = answer_to(&wire, 4096);
	ck_assert_int_eq(r.code, 552);
	ck_assert_int_eq(strncmp(r.text, "5.3.4 ", 6), 0);
	buf_clear(&wire);
}
END_TEST

START_TEST(a_line_may_have_65536_octets_and_no_more)
{
	struct buf wire = BUF_INIT;

	buf_addstr(&wire, "A: b\r\n\r\n");
	put_line(&wire, RECEIVE_LINE_MAX);
	buf_addstr(&wire, ".\r\n");
	ck_assert_int_eq(answer_to(&wire, 1000).code, 250);
	buf_reset(&wire);
	put_line(&wire, RECEIVE_LINE_MAX + 1);
	buf_addstr(&wire, ".\r\n");
	ck_assert_int_eq(answer_to(&wire, 1000).code, 554);
	buf_clear(&wire);
}
END_TEST

START_TEST(more_than_a_hundred_received_fields_are_a_loop)
{
	struct buf wire = BUF_INIT;
	struct reply r;

	for (int i = 0; i < 100; i++)
		buf_addstr(&wire, "Received: from a\r\n\tby b; c\r\n");
	buf_addstr(&wire, "\r\nd\r\n.\r\n");
	ck_assert_int_eq(answer_to(&wire, 4096).code, 250);
	buf_reset(&wire);
	for (int i = 0; i < 101; i++)
		buf_addstr(&wire, "Received: from a\r\n\tby b; c\r\n");
	buf_addstr(&wire, "\r\nd\r\n.\r\n");
	r = answer_to(&wire, 4096);
	ck_assert_int_eq(r.code, 554);
	ck_assert_int_eq(strncmp(r.text, "5.4.6 ", 6), 0);
	buf_clear(&wire);
}
END_TEST

/* A header without end, in good lines, as a client may send it all day. */
START_TEST(a_header_past_a_mebibyte_is_552_in_clear_words)
{
	struct buf wire = BUF_INIT;
	struct mail_spool spool;
	struct receive receive;
	struct reply r;

	while (wire.size <= HEADERS_SIZE_MAX + 60000)
		buf_addstr(&wire, "X-Again: and again and again and again\r\n");
	buf_addstr(&wire, "\r\nbody\r\n.\r\n");
	mail_spool_init(&spool, queue);
	receive_begin(&receive, 0, &stamp, HEADERS_COMPLETE, &spool);
	for (size_t at = 0; at < wire.size; at += 1000)
		data_reader_feed(&receive.reader, wire.data + at,
		    wire.size - at < 1000 ? wire.size - at : 1000);
	ck_assert(data_reader_done(&receive.reader));
	r = receive_end(&receive);
	ck_assert_int_eq(r.code, 552);
	ck_assert_str_eq(r.text,
	    "5.3.4 Header too big: at most 1048576 octets before the body");
	mail_spool_clear(&spool);
	buf_clear(&wire);
}
END_TEST

/* RFC 5321 4.5.3.1.6: 1000 octets with CRLF, and no stuffed dot counts. */
START_TEST(lines_longer_than_998_octets_are_counted)
{
	static const size_t lengths[] = { 997, 998, 999, 5000, 10, 998 };
	struct buf wire = BUF_INIT;
	struct mail_spool spool;
	struct receive receive;

	buf_addstr(&wire, "A: b\r\n\r\n.");
	for (size_t i = 0; i < COUNT(lengths); i++) {
		/* The first is 998 long behind the dot that was stuffed. */
		if (i == 0)
			buf_addchar(&wire, '.');
		put_line(&wire, lengths[i]);
	}
	buf_addstr(&wire, ".\r\n");
	mail_spool_init(&spool, queue);
	receive_begin(&receive, 0, &stamp, 0, &spool);
	data_reader_feed(&receive.reader, wire.data, wire.size);
	ck_assert(data_reader_done(&receive.reader));
	ck_assert_int_eq(receive.reader.long_lines, 2);
	ck_assert_int_eq(receive_end(&receive).code, 250);
	mail_spool_clear(&spool);
	buf_clear(&wire);
}
END_TEST

/* Small ones stay in memory, large ones do not; both are whole. */
static const size_t sizes[] = { 100, 60000, 65500, 66000, 200000, LIMIT };

START_TEST(the_spool_holds_a_message_of_any_size)
{
	struct buf wire = BUF_INIT;
	struct buf stored = BUF_INIT;
	struct mail_spool spool;
	const char *line;
	size_t rest;

	put_message(&wire, sizes[_i]);
	ck_assert_int_eq(feed(wire.data, wire.size, 4096, &spool, &rest).code,
	    250);
	ck_assert_int_eq(spool.fd == -1, sizes[_i] < 65000);
	read_spool(&spool, &stored);
	line = wire.data;
	for (const char *got = stored.data; *got != '\0';) {
		size_t n = strcspn(got, "\n");

		ck_assert_int_eq(strncmp(got, line, n), 0);
		ck_assert_int_eq(strncmp(line + n, "\r\n", 2), 0);
		got += n + 1;
		line += n + 2;
	}
	ck_assert_str_eq(line, ".\r\n");
	mail_spool_clear(&spool);
	buf_clear(&stored);
	buf_clear(&wire);
}
END_TEST

START_TEST(the_spool_leaves_no_name_behind)
{
	struct buf wire = BUF_INIT;
	struct mail_spool spool;
	size_t rest;

	put_message(&wire, 200000);
	feed(wire.data, wire.size, 4096, &spool, &rest);
	ck_assert_int_ne(spool.fd, -1);
	/* rmdir takes only an empty folder. */
	ck_assert_int_eq(rmdir("queue/incoming/spool"), 0);
	mail_spool_clear(&spool);
	buf_clear(&wire);
}
END_TEST

START_TEST(a_message_that_cannot_be_spooled_is_refused_for_now)
{
	struct buf wire = BUF_INIT;
	struct reply r;

	ck_assert_int_eq(rmdir("queue/incoming/spool"), 0);
	put_message(&wire, 200000);
	r = answer_to(&wire, 4096);
	ck_assert_int_eq(r.code, 452);
	ck_assert_int_eq(strncmp(r.text, "4.3.1 ", 6), 0);
	buf_clear(&wire);
}
END_TEST

START_TEST(a_client_that_leaves_in_the_middle_gets_no_answer)
{
	const char wire[] = "A: b\r\n\r\nc\r\n.\r";
	struct receive receive;
	struct mail_spool spool;
	struct conn *conn;
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	conn = conn_open(ends[0], 30);
	ck_assert_int_eq(write_all(ends[1], wire, strlen(wire)), 0);
	close(ends[1]);
	mail_spool_init(&spool, queue);
	receive_begin(&receive, LIMIT, &stamp, true, &spool);
	ck_assert_int_eq(receive_message(conn, &receive).code, 0);
	mail_spool_clear(&spool);
	conn_close(conn);
}
END_TEST

Suite *
receive_suite(void)
{
	Suite *suite = suite_create("receive");
	TCase *tc = tcase_create("receive");

	tcase_add_checked_fixture(tc, make_world, remove_world);
	tcase_add_loop_test(tc,
	    the_answer_names_the_mistake_however_the_bytes_come, 0,
	    COUNT(cases));
	tcase_add_test(tc, a_message_of_just_the_limit_is_taken);
	tcase_add_test(tc, a_message_of_one_octet_more_is_552_5_3_4);
	tcase_add_test(tc, a_line_may_have_65536_octets_and_no_more);
	tcase_add_test(tc, more_than_a_hundred_received_fields_are_a_loop);
	tcase_add_test(tc, a_header_past_a_mebibyte_is_552_in_clear_words);
	tcase_add_test(tc, lines_longer_than_998_octets_are_counted);
	tcase_add_loop_test(tc, the_spool_holds_a_message_of_any_size, 0,
	    COUNT(sizes));
	tcase_add_test(tc, the_spool_leaves_no_name_behind);
	tcase_add_test(tc, a_message_that_cannot_be_spooled_is_refused_for_now);
	tcase_add_test(tc, a_client_that_leaves_in_the_middle_gets_no_answer);
	suite_add_tcase(suite, tc);
	return suite;
}
