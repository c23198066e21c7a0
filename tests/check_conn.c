/*
 * check_conn.c - buffering, taps, hand-over and relay of common/conn.
 *
 * Most tests use a SEQPACKET socket pair: one send is one packet and one recv
 * takes one, so how output is grouped can be seen exactly.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "tests/check_conn_pair.h"
#include "tests/suites.h"

START_TEST(a_burst_is_answered_in_one_packet)
{
	struct conn *conn = open_pair(SOCK_SEQPACKET, 5);
	char line[80];

	send(peer, BYTES("A\r\nB\r\nC\r\n"), 0);
	shutdown(peer, SHUT_WR);
	while (conn_getline(conn, line, sizeof(line)) == CONN_LINE)
		conn_putline(conn, "250 %s", line);
	ck_assert_str_eq(received(), "250 A\r\n250 B\r\n250 C\r\n");
	conn_close(conn);
	ck_assert_str_eq(received(), "");
	close(peer);
}
END_TEST

START_TEST(long_output_leaves_in_blocks_of_16_KiB)
{
	struct conn *conn = open_pair(SOCK_SEQPACKET, 5);
	char block[10000];

	memset(block, 'x', sizeof(block));
	conn_write(conn, block, sizeof(block));
	conn_write(conn, block, sizeof(block));
	ck_assert_uint_eq(strlen(received()), 16384);
	conn_close(conn);
	ck_assert_uint_eq(strlen(received()), 20000 - 16384);
	close(peer);
}
END_TEST

START_TEST(quiet_is_who_has_said_nothing_more)
{
	struct conn *conn = open_pair(SOCK_STREAM, 5);
	char line[80];

	ck_assert(conn_is_quiet(conn));
	ck_assert_int_eq(write(peer, BYTES("A\r\nB\r\n")), 6);
	ck_assert_uint_eq(conn_pending(conn), 0);
	ck_assert(!conn_is_quiet(conn)); /* in the kernel's buffer */
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	ck_assert(!conn_is_quiet(conn)); /* in ours */
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	ck_assert(conn_is_quiet(conn));
	close(peer);
	ck_assert(!conn_is_quiet(conn));
	conn_close(conn);
}
END_TEST

START_TEST(peek_shows_what_came_and_consume_takes_it)
{
	struct conn *conn = open_pair(SOCK_SEQPACKET, 5);
	const char *data;
	char line[80];

	send(peer, BYTES("DATA\r\nabc"), 0);
	send(peer, BYTES("def"), 0);
	close(peer);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	ck_assert_uint_eq(conn_pending(conn), 3);
	ck_assert(!conn_is_quiet(conn));
	ck_assert_uint_eq(conn_peek(conn, &data), 3);
	ck_assert_mem_eq(data, "abc", 3);
	conn_consume(conn, 2);
	ck_assert_uint_eq(conn_peek(conn, &data), 1);
	ck_assert_mem_eq(data, "c", 1);
	conn_consume(conn, 1);
	ck_assert_uint_eq(conn_pending(conn), 0);
	ck_assert_uint_eq(conn_peek(conn, &data), 3);
	ck_assert_mem_eq(data, "def", 3);
	conn_consume(conn, 3);
	ck_assert_uint_eq(conn_peek(conn, &data), 0);
	conn_close(conn);
}
END_TEST

START_TEST(after_a_failed_write_every_read_says_end)
{
	struct conn *conn = open_pair(SOCK_STREAM, 5);
	char line[80];

	/* A pipelined command is here, but nobody is left to answer. */
	ck_assert_int_eq(write(peer, BYTES("A\r\nB\r\n")), 6);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	close(peer);
	conn_putline(conn, "250 Ok");
	ck_assert_int_eq(conn_flush(conn), -1);
	ck_assert_str_eq(conn_error(conn), strerror(EPIPE));
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_END);
	conn_putline(conn, "250 Ok");
	ck_assert_int_eq(conn_flush(conn), -1);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_END);
	conn_close(conn);
}
END_TEST

START_TEST(a_half_closed_peer_still_gets_its_answers)
{
	struct conn *conn = open_pair(SOCK_STREAM, 5);
	char line[80];

	ck_assert_int_eq(write(peer, BYTES("NOOP\r\n")), 6);
	shutdown(peer, SHUT_WR);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	ck_assert_ptr_null(conn_error(conn));
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_END);
	ck_assert_str_eq(conn_error(conn), "closed by the other side");
	conn_putline(conn, "250 Ok");
	conn_close(conn);
	ck_assert_str_eq(received(), "250 Ok\r\n");
	close(peer);
}
END_TEST

static char seen[256];

static void
note(void *arg, char direction, const char *data, size_t size)
{
	size_t at = strlen(seen);

	(void)snprintf(seen + at, sizeof(seen) - at, "%s%c%.*s", (char *)arg,
	    direction, (int)size, data);
}

START_TEST(the_tap_sees_both_directions)
{
	struct conn *conn = open_pair(SOCK_SEQPACKET, 5);
	char mark[] = "#";
	char line[80];

	conn_set_tap(conn, note, mark);
	conn_putline(conn, "220 hello");
	send(peer, BYTES("QUIT\r\n"), 0);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	conn_set_tap(conn, NULL, NULL);
	conn_putline(conn, "221 unseen");
	conn_close(conn);
	ck_assert_str_eq(seen, "#>220 hello\r\n#<QUIT\r\n");
	close(peer);
}
END_TEST

START_TEST(a_connection_moves_on_with_its_unread_input)
{
	struct conn *first = open_pair(SOCK_SEQPACKET, 5);
	struct buf rest = BUF_INIT;
	char line[80];

	send(peer, BYTES("PASS x\r\nSTAT\r\nLI"), 0);
	ck_assert_int_eq(conn_getline(first, line, sizeof(line)), CONN_LINE);
	conn_putline(first, "+OK");
	struct conn *second = conn_open(conn_release(first, &rest), 30);
	ck_assert_str_eq(received(), "+OK\r\n");
	ck_assert_str_eq(rest.data, "STAT\r\nLI");
	ck_assert_int_eq(conn_getline(first, line, sizeof(line)), CONN_END);
	conn_close(first);

	conn_unread(second, rest.data, rest.size);
	buf_clear(&rest);
	send(peer, BYTES("ST\r\n"), 0);
	ck_assert_int_eq(conn_getline(second, line, sizeof(line)), CONN_LINE);
	ck_assert_str_eq(line, "STAT");
	ck_assert_int_eq(conn_getline(second, line, sizeof(line)), CONN_LINE);
	ck_assert_str_eq(line, "LIST");
	conn_close(second);
	close(peer);
}
END_TEST

START_TEST(unread_takes_any_amount_and_goes_before_what_is_there)
{
	struct conn *conn = open_pair(SOCK_SEQPACKET, 5);
	char many[20000];
	char line[80];
	int count = 0;

	for (size_t i = 0; i < sizeof(many); i += 4)
		memcpy(many + i, "AB\r\n", 4);
	conn_unread(conn, BYTES("LAST\r\n"));
	conn_unread(conn, many, sizeof(many));
	while (conn_getline(conn, line, sizeof(line)) == CONN_LINE &&
	    strcmp(line, "AB") == 0)
		count++;
	ck_assert_int_eq(count, sizeof(many) / 4);
	ck_assert_str_eq(line, "LAST");
	conn_close(conn);
	close(peer);
}
END_TEST

/* A TCP connection over loopback: one end in PEER, the other returned. */
static struct conn *
open_tcp(void)
{
	struct sockaddr_storage name;
	socklen_t size = sizeof(name);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(listen(listener, 1), 0);
	getsockname(listener, (struct sockaddr *)&name, &size);
	peer = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(peer, (struct sockaddr *)&name, size), 0);
	int fd = accept(listener, NULL, NULL);
	close(listener);
	return conn_open(fd, 30);
}

START_TEST(the_last_reply_arrives_though_more_input_was_there)
{
	struct conn *conn = open_tcp();
	char line[80];
	char more[30000];

	memset(more, 'x', sizeof(more));
	ck_assert_int_eq(write(peer, BYTES("QUIT\r\n")), 6);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	ck_assert_int_eq(write(peer, more, sizeof(more)), sizeof(more));
	conn_putline(conn, "221 2.0.0 Bye");
	conn_close(conn);
	ck_assert_str_eq(received(), "221 2.0.0 Bye\r\n");
	/* The end, and no reset. */
	ck_assert_int_eq(recv(peer, more, sizeof(more), 0), 0);
	close(peer);
}
END_TEST

START_TEST(a_relay_carries_everything_and_the_last_answers)
{
	int back[2];
	char block[1000];
	size_t total = 0;
	ssize_t n;

	struct conn *conn = open_pair(SOCK_STREAM, 5);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, back), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(peer);
		close(back[1]);
		conn_unread(conn, BYTES("before "));
		conn_putline(conn, "+OK");
		conn_relay(conn, back[0]);
		conn_close(conn);
		_exit(0);
	}
	close(back[0]);
	conn_close(conn);
	ck_assert_int_eq(write(peer, BYTES("QUIT\r\n")), 6);
	shutdown(peer, SHUT_WR);

	/* All input, then its end, though nobody has answered yet. */
	while ((n = read(back[1], block + total, sizeof(block) - total)) > 0)
		total += (size_t)n;
	ck_assert_uint_eq(total, 13);
	ck_assert_mem_eq(block, "before QUIT\r\n", 13);
	ck_assert_str_eq(received(), "+OK\r\n");

	memset(block, 'y', sizeof(block));
	for (int i = 0; i < 500; i++) {
		ck_assert_int_eq(send(back[1], block, sizeof(block), 0), 1000);
		ck_assert_int_eq(recv(peer, block, sizeof(block), MSG_WAITALL),
		    1000);
	}
	close(back[1]);
	ck_assert_int_eq(recv(peer, block, sizeof(block), 0), 0);
	close(peer);
	waitpid(pid, NULL, 0);
}
END_TEST

START_TEST(a_relay_does_not_wait_for_ever_for_one_who_reads_nothing)
{
	static char block[100000];
	int back[2];
	int status;

	struct conn *conn = open_pair(SOCK_STREAM, 1);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, back), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(peer);
		close(back[1]);
		conn_relay(conn, back[0]);
		_exit(0);
	}
	close(back[0]);
	/* More than the sockets take; then the end, with much left behind. */
	for (int i = 0; i < 10; i++) {
		while (send(back[1], block, sizeof(block),
			   MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
			;
		usleep(20000);
	}
	close(back[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	conn_close(conn);
	close(peer);
}
END_TEST

Suite *
conn_suite(void)
{
	Suite *suite = suite_create("conn");
	TCase *bytes = tcase_create("bytes");

	tcase_add_test(bytes, a_burst_is_answered_in_one_packet);
	tcase_add_test(bytes, long_output_leaves_in_blocks_of_16_KiB);
	tcase_add_test(bytes, quiet_is_who_has_said_nothing_more);
	tcase_add_test(bytes, peek_shows_what_came_and_consume_takes_it);
	tcase_add_test(bytes, after_a_failed_write_every_read_says_end);
	tcase_add_test(bytes, a_half_closed_peer_still_gets_its_answers);
	tcase_add_test(bytes,
	    a_relay_does_not_wait_for_ever_for_one_who_reads_nothing);
	tcase_add_test(bytes, the_tap_sees_both_directions);
	tcase_add_test(bytes, a_connection_moves_on_with_its_unread_input);
	tcase_add_test(bytes,
	    unread_takes_any_amount_and_goes_before_what_is_there);
	tcase_add_test(bytes,
	    the_last_reply_arrives_though_more_input_was_there);
	tcase_add_test(bytes, a_relay_carries_everything_and_the_last_answers);
	suite_add_tcase(suite, bytes);
	return suite;
}
