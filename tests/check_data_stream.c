/*
 * check_data_stream.c - whole messages through the data reader: its limits,
 * pieces of any size, a connection, a sink that fails.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/data_reader.h"
#include "tests/suites.h"

static int
collect(void *arg, const char *data, size_t size)
{
	buf_add(arg, data, size);
	return 0;
}

START_TEST(a_message_of_just_the_limit_is_taken)
{
	static const char wire[] = "12345678\r\n..2345\r\n.\r\n";
	struct buf got = BUF_INIT;
	struct data_reader reader;

	data_reader_init(&reader, 17, collect, &got);
	ck_assert_uint_eq(data_reader_feed(&reader, wire, strlen(wire)),
	    strlen(wire));
	ck_assert_int_eq(reader.fault, DATA_FINE);
	ck_assert_int_eq(reader.octets, 17);
	buf_clear(&got);
}
END_TEST

START_TEST(a_message_over_the_limit_is_read_to_its_end_and_refused)
{
	static const char wire[] = "12345678\r\n..2345\r\n.\r\nRSET\r\n";
	struct buf got = BUF_INIT;
	struct data_reader reader;

	data_reader_init(&reader, 16, collect, &got);
	ck_assert_str_eq(wire + data_reader_feed(&reader, wire, strlen(wire)),
	    "RSET\r\n");
	ck_assert_int_eq(reader.fault, DATA_TOO_BIG);
	ck_assert_int_eq(data_reader_reply(&reader).code, 552);
	ck_assert_int_eq(strncmp(data_reader_reply(&reader).text, "5.3.4 ", 6),
	    0);
	buf_clear(&got);
}
END_TEST

START_TEST(a_line_may_be_as_long_as_its_limit)
{
	static const char wire[] = "1234\r\n12345\r\n.\r\n";
	struct buf got = BUF_INIT;
	struct data_reader reader;

	data_reader_init(&reader, 0, collect, &got);
	reader.line_limit = 4 + _i;
	data_reader_feed(&reader, wire, strlen(wire));
	ck_assert(data_reader_done(&reader));
	ck_assert_int_eq(reader.fault, _i == 0 ? DATA_LONG_LINE : DATA_FINE);
	ck_assert_int_eq(reader.fault_line, _i == 0 ? 2 : 0);
	buf_clear(&got);
}
END_TEST

static int
refuse(void *arg, const char *data, size_t size)
{
	(void)data;
	(void)size;
	++*(int *)arg;
	return -1;
}

START_TEST(a_sink_that_fails_is_not_called_again)
{
	static const char wire[] = "a\r\nb\r\n.\r\nNOOP";
	struct data_reader reader;
	int calls = 0;

	data_reader_init(&reader, 0, refuse, &calls);
	data_reader_feed(&reader, wire, 3);
	ck_assert_str_eq(wire + 3 +
		data_reader_feed(&reader, wire + 3, strlen(wire) - 3),
	    "NOOP");
	ck_assert_int_eq(calls, 1);
	ck_assert_int_eq(reader.fault, DATA_SINK);
	ck_assert_int_eq(data_reader_reply(&reader).code, 452);
}
END_TEST

/* The client's side of RFC 5321 4.5.2: LF text to CRLF, dots stuffed. */
static void
to_wire(const struct buf *message, struct buf *wire)
{
	bool at_start = true;

	for (size_t i = 0; i < message->size; i++) {
		char c = message->data[i];

		if (at_start && c == '.')
			buf_addchar(wire, '.');
		at_start = c == '\n';
		if (at_start)
			buf_addchar(wire, '\r');
		buf_addchar(wire, c);
	}
	buf_addstr(wire, ".\r\n");
}

/* Lines of every length up to beyond the reader's own buffer, many dots. */
static void
make_message(struct buf *message, unsigned seed)
{
	static const char letters[] = "..abcdefghij \t\xE9\x01\x7F";

	srandom(seed);
	for (int line = 0; line < 60; line++) {
		long size = random() % (line % 10 == 9 ? 12000 : 90);

		for (long i = 0; i < size; i++)
			buf_addchar(message,
			    letters[(size_t)random() % (sizeof(letters) - 1)]);
		buf_addchar(message, '\n');
	}
}

START_TEST(what_was_sent_is_what_arrives)
{
	struct buf message = BUF_INIT, wire = BUF_INIT, got = BUF_INIT;
	struct data_reader reader;
	size_t taken = 0;

	make_message(&message, (unsigned)_i + 1);
	to_wire(&message, &wire);
	data_reader_init(&reader, 0, collect, &got);
	while (taken < wire.size) {
		size_t piece = 1 + (size_t)random() % (_i < 5 ? 20000 : 100);

		if (piece > wire.size - taken)
			piece = wire.size - taken;
		ck_assert_uint_eq(data_reader_feed(&reader, wire.data + taken,
				      piece),
		    piece);
		taken += piece;
	}
	ck_assert(data_reader_done(&reader));
	ck_assert_int_eq(reader.fault, DATA_FINE);
	ck_assert_uint_eq(got.size, message.size);
	ck_assert_mem_eq(got.data, message.data, got.size);
	ck_assert_int_eq(reader.octets, (int64_t)message.size + 60);
	buf_clear(&message);
	buf_clear(&wire);
	buf_clear(&got);
}
END_TEST

START_TEST(the_next_command_stays_in_the_connection)
{
	struct buf got = BUF_INIT;
	struct data_reader reader;
	struct conn *conn;
	char line[80];
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ck_assert_int_eq(write_all(fds[1], "hello\r\n.\r\nQUIT\r\nx\r\n", 19),
	    0);
	close(fds[1]);
	conn = conn_open(fds[0], 30);
	data_reader_init(&reader, 0, collect, &got);
	ck_assert(data_reader_run(&reader, conn));
	ck_assert_str_eq(got.data, "hello\n");
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	ck_assert_str_eq(line, "QUIT");

	data_reader_init(&reader, 0, collect, &got);
	ck_assert_msg(!data_reader_run(&reader, conn),
	    "a text that breaks off is no message");
	conn_close(conn);
	buf_clear(&got);
}
END_TEST

Suite *
data_stream_suite(void)
{
	Suite *suite = suite_create("data_stream");
	TCase *tc = tcase_create("data_stream");

	tcase_add_test(tc, a_message_of_just_the_limit_is_taken);
	tcase_add_test(tc,
	    a_message_over_the_limit_is_read_to_its_end_and_refused);
	tcase_add_loop_test(tc, a_line_may_be_as_long_as_its_limit, 0, 2);
	tcase_add_test(tc, a_sink_that_fails_is_not_called_again);
	tcase_add_loop_test(tc, what_was_sent_is_what_arrives, 0, 10);
	tcase_add_test(tc, the_next_command_stays_in_the_connection);
	suite_add_tcase(suite, tc);
	return suite;
}
