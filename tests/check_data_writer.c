/*
 * check_data_writer.c - stored messages on their way to the wire.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/data_writer.h"
#include "common/mem.h"
#include "tests/check_smtp_peer.h"
#include "tests/suites.h"

#define BYTES(text) text, sizeof(text) - 1

static const struct {
	const char *stored;
	size_t size;
	const char *wire;
	size_t wire_size;
} messages[] = {
	/* clang-format off */
	{ BYTES(""), BYTES(".\r\n") },
	{ BYTES("\n"), BYTES("\r\n.\r\n") },
	{ BYTES("a\n"), BYTES("a\r\n.\r\n") },
	{ BYTES("a"), BYTES("a\r\n.\r\n") },
	{ BYTES("a\n\nb"), BYTES("a\r\n\r\nb\r\n.\r\n") },
	/* RFC 5321 4.5.2: a dot at the begin of a line, and only there */
	{ BYTES("."), BYTES("..\r\n.\r\n") },
	{ BYTES(".\n"), BYTES("..\r\n.\r\n") },
	{ BYTES("..\n"), BYTES("...\r\n.\r\n") },
	{ BYTES("a\n.b\n"), BYTES("a\r\n..b\r\n.\r\n") },
	{ BYTES("a.\n b.\n"), BYTES("a.\r\n b.\r\n.\r\n") },
	{ BYTES("\n.\n.\n"), BYTES("\r\n..\r\n..\r\n.\r\n") },
	/* every byte is kept */
	{ BYTES("\xe9\0\xff\x80\n"), BYTES("\xe9\0\xff\x80\r\n.\r\n") },
	/* but CR */
	{ BYTES("a\r\nb\r\n"), BYTES("a\r\nb\r\n.\r\n") },
	{ BYTES("\r\n"), BYTES("\r\n.\r\n") },
	{ BYTES("a\rb\n"), BYTES("a b\r\n.\r\n") },
	{ BYTES("a\r\r\nb"), BYTES("a \r\nb\r\n.\r\n") },
	{ BYTES("\r.\n"), BYTES(" .\r\n.\r\n") },
	{ BYTES("a\n\r.\r\nQUIT\n"), BYTES("a\r\n .\r\nQUIT\r\n.\r\n") },
	{ BYTES("a\r"), BYTES("a\r\n.\r\n") },
	{ BYTES("a\n\r"), BYTES("a\r\n\r\n.\r\n") },
	/* clang-format on */
};

/* What arrives at the other end until it is closed. */
static void
receive_all(int fd, struct buf *to)
{
	ck_assert_int_eq(buf_read(to, fd, 1 << 20), 0);
	close(fd);
}

START_TEST(a_message_arrives_stuffed_and_with_crlf)
{
	int ends[2];
	struct buf wire = BUF_INIT;
	int fd = smtp_peer_message(messages[_i].stored, messages[_i].size);

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	struct conn *conn = conn_open(ends[0], 30);
	ck_assert_int_eq(data_write_fd(conn, fd), 0);
	conn_close(conn);
	receive_all(ends[1], &wire);
	ck_assert_uint_eq(wire.size, messages[_i].wire_size);
	ck_assert_mem_eq(wire.data, messages[_i].wire, wire.size);
	buf_clear(&wire);
	close(fd);
}
END_TEST

/* What the other side makes of text behind a 354 (RFC 5321 4.5.2). */
static void
take_dots_off(const char *wire, size_t size, struct buf *to)
{
	for (size_t i = 0; i < size - strlen(".\r\n"); i++)
		if (wire[i] != '.' || (i > 0 && wire[i - 1] != '\n'))
			buf_addchar(to, wire[i]);
}

START_TEST(a_chunk_has_the_same_text_without_dots_and_its_size)
{
	int ends[2];
	struct buf wire = BUF_INIT;
	struct buf text = BUF_INIT;
	struct data_writer measured = { .chunked = true };
	struct data_writer writer = { .chunked = true };
	int fd = smtp_peer_message(messages[_i].stored, messages[_i].size);

	take_dots_off(messages[_i].wire, messages[_i].wire_size, &text);
	ck_assert_int_eq(data_copy_fd(&measured, fd), 0);
	ck_assert_int_eq(measured.size, (int64_t)text.size);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	writer.conn = conn_open(ends[0], 30);
	ck_assert_int_eq(data_copy_fd(&writer, fd), 0);
	ck_assert_int_eq(writer.size, measured.size);
	conn_close(writer.conn);
	receive_all(ends[1], &wire);
	ck_assert_uint_eq(wire.size, text.size);
	ck_assert_mem_eq(wire.data, text.data, wire.size);
	buf_clear(&wire);
	buf_clear(&text);
	close(fd);
}
END_TEST

START_TEST(it_is_the_same_byte_by_byte)
{
	int ends[2];
	struct buf wire = BUF_INIT;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	struct conn *conn = conn_open(ends[0], 30);
	struct data_writer writer = { .conn = conn };
	for (size_t i = 0; i < messages[_i].size; i++) {
		char c = messages[_i].stored[i];

		data_write(&writer, &c, 1);
	}
	data_finish(&writer);
	conn_close(conn);
	receive_all(ends[1], &wire);
	ck_assert_uint_eq(wire.size, messages[_i].wire_size);
	ck_assert_mem_eq(wire.data, messages[_i].wire, wire.size);
	buf_clear(&wire);
}
END_TEST

/* Takes CRLF and stuffing off again, as simply as can be. */
static void
decode(const struct buf *wire, struct buf *to)
{
	const char *line = wire->data;

	while (strncmp(line, ".\r\n", 3) != 0) {
		const char *end = strstr(line, "\r\n");

		ck_assert_ptr_nonnull(end);
		line += *line == '.';
		buf_add(to, line, (size_t)(end - line));
		buf_addchar(to, '\n');
		line = end + 2;
	}
	ck_assert_str_eq(line, ".\r\n");
}

START_TEST(a_large_message_arrives_whole)
{
	static const char alphabet[] = "..\n\nabc";
	struct buf stored = BUF_INIT;
	struct buf wire = BUF_INIT;
	struct buf back = BUF_INIT;
	int ends[2];

	srand(2920);
	for (int i = 0; i < 200000; i++)
		buf_addchar(&stored, alphabet[rand() % 7]);
	buf_addchar(&stored, '\n');
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct conn *conn = conn_open(ends[0], 30);

		close(ends[1]);
		(void)data_write_fd(conn,
		    smtp_peer_message(stored.data, stored.size));
		conn_close(conn);
		_exit(0);
	}
	close(ends[0]);
	receive_all(ends[1], &wire);
	waitpid(pid, NULL, 0);
	decode(&wire, &back);
	ck_assert_uint_eq(back.size, stored.size);
	ck_assert_mem_eq(back.data, stored.data, stored.size);
	buf_clear(&stored);
	buf_clear(&wire);
	buf_clear(&back);
}
END_TEST

START_TEST(what_cannot_be_read_gets_no_final_dot)
{
	int ends[2];
	struct buf wire = BUF_INIT;
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	struct conn *conn = conn_open(ends[0], 30);
	ck_assert_int_eq(data_write_fd(conn, fd), -1);
	ck_assert_int_eq(errno, EISDIR);
	conn_close(conn);
	receive_all(ends[1], &wire);
	ck_assert_uint_eq(wire.size, 0);
	buf_clear(&wire);
	close(fd);
}
END_TEST

Suite *
data_writer_suite(void)
{
	Suite *suite = suite_create("data_writer");
	TCase *tc = tcase_create("data_writer");

	tcase_add_loop_test(tc, a_message_arrives_stuffed_and_with_crlf, 0,
	    (int)COUNT(messages));
	tcase_add_loop_test(tc,
	    a_chunk_has_the_same_text_without_dots_and_its_size, 0,
	    (int)COUNT(messages));
	tcase_add_loop_test(tc, it_is_the_same_byte_by_byte, 0,
	    (int)COUNT(messages));
	tcase_add_test(tc, a_large_message_arrives_whole);
	tcase_add_test(tc, what_cannot_be_read_gets_no_final_dot);
	suite_add_tcase(suite, tc);
	return suite;
}
