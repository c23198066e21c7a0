/*
 * check_tls_attack.c - peers with bad intentions around a TLS handshake.
 */
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/tls.h"
#include "tests/check_tls_peers.h"
#include "tests/suites.h"

static void
serve_starttls(struct conn *conn)
{
	char line[80];
	size_t dropped;

	EXPECT(conn_getline(conn, line, sizeof(line)) == CONN_LINE);
	EXPECT(strcmp(line, "STARTTLS") == 0);
	conn_putline(conn, "220 2.0.0 Ready");
	EXPECT(tls_accept(conn, tls_test_context, &dropped) == 0);
	EXPECT(dropped == strlen("RSET\r\n"));
	EXPECT(conn_getline(conn, line, sizeof(line)) == CONN_LINE);
	EXPECT(strcmp(line, "NOOP") == 0);
	conn_putline(conn, "250 Ok");
}

/* RFC 3207 4.2, CVE-2011-0411 */
START_TEST(plaintext_sent_ahead_of_the_handshake_is_dropped)
{
	struct raw raw;
	char text[80];
	pid_t pid;
	int fd = tls_test_serve(serve_starttls, &pid);

	ck_assert_int_eq(write(fd, "STARTTLS\r\nRSET\r\n", 16), 16);
	ck_assert_int_eq(recv(fd, text, 17, MSG_WAITALL), 17);
	ck_assert_mem_eq(text, "220 2.0.0 Ready\r\n", 17);
	raw_open(&raw, fd, "NORMAL");
	ck_assert_int_eq(raw_handshake(&raw), 0);
	gnutls_record_send(raw.tls, "NOOP\r\n", 6);
	ssize_t n = raw_receive(&raw, text, sizeof(text));
	ck_assert_int_eq(n, 8);
	ck_assert_mem_eq(text, "250 Ok\r\n", 8);
	raw_close(&raw);
	ck_server_was_content(pid);
}
END_TEST

/* CVE-2021-38371 and its kin: the answer sent ahead to a client. */
START_TEST(a_client_refuses_plaintext_behind_the_go_ahead)
{
	int ends[2];
	char line[80];
	struct tls_context *context = tls_client_context(NULL);

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	struct conn *conn = conn_open(ends[0], 30);
	ck_assert_int_eq(write(ends[1], "220 go\r\n250 forged\r\n", 20), 20);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	ck_assert_int_eq(tls_connect(conn, context, "x.example", false), -1);
	ck_assert_str_eq(conn_error(conn),
	    "TLS: plaintext before the handshake");
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_END);
	conn_close(conn);
	close(ends[1]);
	tls_context_free(context);
}
END_TEST

static void
serve_until_end(struct conn *conn)
{
	char line[80];

	EXPECT(tls_accept(conn, tls_test_context, NULL) == 0);
	EXPECT(conn_getline(conn, line, sizeof(line)) == CONN_LINE);
	EXPECT(strcmp(line, "NOOP") == 0);
	for (int i = 0; i < 3; i++)
		EXPECT(conn_getline(conn, line, sizeof(line)) == CONN_END);
}

/* CVE-2026-45185: what follows in clear must never be read. */
START_TEST(when_tls_ends_the_connection_ends)
{
	struct raw raw;
	pid_t pid;

	raw_open(&raw, tls_test_serve(serve_until_end, &pid), "NORMAL");
	ck_assert_int_eq(raw_handshake(&raw), 0);
	/* It finds all of it at once, and cannot leave before the RSET. */
	kill(pid, SIGSTOP);
	gnutls_record_send(raw.tls, "NOOP\r\n", 6);
	if (_i == 0)
		gnutls_bye(raw.tls, GNUTLS_SHUT_WR);
	if (_i <= 1)
		ck_assert_int_eq(send(raw.fd, "RSET\r\n", 6, MSG_NOSIGNAL), 6);
	kill(pid, SIGCONT);
	raw_close(&raw);
	ck_server_was_content(pid);
}
END_TEST

static void
serve_no_second_handshake(struct conn *conn)
{
	char line[80];

	EXPECT(tls_accept(conn, tls_test_context, NULL) == 0);
	EXPECT(conn_getline(conn, line, sizeof(line)) == CONN_LINE);
	EXPECT(conn_getline(conn, line, sizeof(line)) == CONN_END);
	EXPECT(strcmp(conn_error(conn),
		   "TLS: renegotiation is not done here") == 0);
}

/* CVE-2009-3555, CVE-2011-1473: TLS 1.2 alone has it. */
START_TEST(a_client_cannot_begin_a_second_handshake)
{
	struct raw raw;
	pid_t pid;

	raw_open(&raw, tls_test_serve(serve_no_second_handshake, &pid),
	    "NORMAL:-VERS-ALL:+VERS-TLS1.2");
	ck_assert_int_eq(raw_handshake(&raw), 0);
	gnutls_record_send(raw.tls, "NOOP\r\n", 6);
	ck_assert_int_lt(raw_handshake(&raw), 0);
	raw_close(&raw);
	ck_server_was_content(pid);
}
END_TEST

static void
serve_impatiently(struct conn *conn)
{
	conn_set_timeout(conn, 1);
	EXPECT(tls_accept(conn, tls_test_context, NULL) == -1);
	EXPECT(strcmp(conn_error(conn), "took too long") == 0);
}

START_TEST(a_handshake_byte_by_byte_ends_with_the_timeout)
{
	/* The head of a handshake record of 512 bytes, then drops of it. */
	static const char head[] = "\x16\x03\x01\x02";
	struct timespec pause = { 0, 200000000 };
	time_t start = time(NULL);
	pid_t pid;
	int fd = tls_test_serve(serve_impatiently, &pid);

	ck_assert_int_eq(send(fd, head, 4, 0), 4);
	while (send(fd, "", 1, MSG_NOSIGNAL) == 1 && time(NULL) < start + 6)
		nanosleep(&pause, NULL);
	ck_assert(time(NULL) < start + 4);
	close(fd);
	ck_server_was_content(pid);
}
END_TEST

static void
serve_nonsense(struct conn *conn)
{
	char line[80];

	EXPECT(tls_accept(conn, tls_test_context, NULL) == -1);
	EXPECT(strncmp(conn_error(conn), "TLS: ", 5) == 0);
	conn_putline(conn, "250 this must not leave in clear");
	EXPECT(conn_flush(conn) == -1);
	EXPECT(conn_getline(conn, line, sizeof(line)) == CONN_END);
}

START_TEST(nothing_leaves_in_clear_after_a_failed_handshake)
{
	char data[4096];
	size_t size = 0;
	ssize_t n;
	pid_t pid;
	int fd = tls_test_serve(serve_nonsense, &pid);

	ck_assert_int_eq(send(fd, "EHLO x\r\nMAIL FROM:<>\r\n", 22, 0), 22);
	while ((n = recv(fd, data + size, sizeof(data) - size, 0)) > 0)
		size += (size_t)n;
	ck_assert_ptr_null(memmem(data, size, "250", 3));
	close(fd);
	ck_server_was_content(pid);
}
END_TEST

Suite *
tls_attack_suite(void)
{
	Suite *suite = suite_create("tls_attack");
	TCase *tc = tcase_create("attack");

	tcase_add_unchecked_fixture(tc, tls_test_setup, tls_test_teardown);
	tcase_set_timeout(tc, 20);
	tcase_add_test(tc, plaintext_sent_ahead_of_the_handshake_is_dropped);
	tcase_add_test(tc, a_client_refuses_plaintext_behind_the_go_ahead);
	tcase_add_loop_test(tc, when_tls_ends_the_connection_ends, 0, 3);
	tcase_add_test(tc, a_client_cannot_begin_a_second_handshake);
	tcase_add_test(tc, a_handshake_byte_by_byte_ends_with_the_timeout);
	tcase_add_test(tc, nothing_leaves_in_clear_after_a_failed_handshake);
	suite_add_tcase(suite, tc);
	return suite;
}
