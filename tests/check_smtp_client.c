/*
 * check_smtp_client.c - greeting, commands and replies of the SMTP client.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/smtp_client.h"
#include "common/tls.h"
#include "tests/check_smtp_peer.h"
#include "tests/check_tls_peers.h"
#include "tests/suites.h"

#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X500 X100 X100 X100 X100 X100

static const char unlike_smtp[] =
    "4.4.2 the other side does not answer as SMTP does";

static const struct {
	const char *wire;
	int code;
	const char *text;
} replies[] = {
	/* clang-format off */
	{ "250 2.1.0 Ok\r\n", 250, "2.1.0 Ok" },
	{ "250-a\r\n250-b\r\n250 c\r\n", 250, "a\nb\nc" },
	{ "250\r\n", 250, "" },
	{ "250 \r\n", 250, "" },
	{ "250-\r\n250 x\r\n", 250, "\nx" },
	{ "550 5.1.1 caf\xc3\xa9\r\n", 550, "5.1.1 caf\xc3\xa9" },
	{ "550 \a\x1b[2Jwiped\tout\x7f\r\n", 550, "  [2Jwiped out " },
	{ "354 go\r\n", 354, "go" },
	/* a line longer than any reply: the reply counts, its tail does not */
	{ "250 " X500 X500 X500 "\r\n", 250, X500 },
	/* more text than a struct reply holds is cut at a line */
	{ "250-" X500 "\r\n250-" X500 "\r\n250 " X500 "\r\n", 250,
		X500 "\n" X500 },
	/* no replies */
	{ "hello\r\n", 421, unlike_smtp },
	{ "\r\n", 421, unlike_smtp },
	{ "25\r\n", 421, unlike_smtp },
	{ "2500 x\r\n", 421, unlike_smtp },
	{ "250_x\r\n", 421, unlike_smtp },
	{ "150 x\r\n", 421, unlike_smtp },
	{ "650 x\r\n", 421, unlike_smtp },
	{ "260 x\r\n", 421, unlike_smtp },
	{ "250-a\r\n550 b\r\n", 421, unlike_smtp },
	{ "250-a\r\nb\r\n", 421, unlike_smtp },
	{ "250 bare\n", 421, unlike_smtp },
	{ "250 stray\r cr\r\n", 421, unlike_smtp },
	/* the end, before and within a reply */
	{ "", 421, "4.4.2 closed by the other side" },
	{ "250-a\r\n", 421, "4.4.2 closed by the other side" },
	{ "250 unfinished", 421, "4.4.2 closed by the other side" },
	/* clang-format on */
};

START_TEST(a_reply_is_read_whatever_the_peer_sends)
{
	struct exchange script[] = { { NULL, replies[_i].wire }, { 0 } };
	struct smtp_client client = { 0 };

	client.conn = smtp_peer_start(script, false);
	struct reply r = smtp_read_reply(&client);
	ck_assert_int_eq(r.code, replies[_i].code);
	ck_assert_str_eq(r.text, replies[_i].text);
	ck_smtp_peer_was_content(client.conn);
}
END_TEST

START_TEST(an_endless_reply_is_not_read_for_ever)
{
	struct buf wire = BUF_INIT;
	struct smtp_client client = { 0 };

	for (int i = 0; i < 1000; i++)
		buf_addstr(&wire, "250-x\r\n");
	struct exchange script[] = { { NULL, wire.data }, { 0 } };
	client.conn = smtp_peer_start(script, true);
	ck_assert_str_eq(smtp_read_reply(&client).text, unlike_smtp);
	/* Nothing that comes later makes it usable again. */
	ck_assert_int_eq(smtp_command(&client, "NOOP").code, 421);
	ck_smtp_peer_was_content(client.conn);
	buf_clear(&wire);
}
END_TEST

START_TEST(ehlo_says_what_the_server_can)
{
	static const struct exchange script[] = {
		{ NULL, "220-Welcome\r\n220 mx ESMTP\r\n" },
		{ "EHLO me.example\r\n",
		    "250-mx.far.example at your service\r\n"
		    "250-PIPELINING\r\n250-size 1000\r\n250-DSN\r\n"
		    "250-8BITMIMES\r\n250-AUTH PLAIN LOGIN\r\n"
		    "250-xforward ADDR TLS\r\n250 X-OURS\r\n" },
		{ 0 },
	};
	struct smtp_client client;
	struct conn *conn = smtp_peer_start(script, false);
	struct reply r = smtp_client_open(&client, conn, false, "me.example");

	ck_assert_int_eq(r.code, 250);
	ck_assert_uint_eq(client.extensions,
	    EXT_PIPELINING | EXT_SIZE | EXT_DSN | EXT_AUTH | EXT_XFORWARD);
	ck_assert_str_eq(client.auth, "PLAIN LOGIN");
	ck_assert_str_eq(client.xforward, "ADDR TLS");
	ck_assert_str_eq(client.greeting, "mx.far.example");
	ck_smtp_peer_was_content(conn);
}
END_TEST

START_TEST(a_server_of_1982_is_greeted_with_helo)
{
	static const struct exchange script[] = {
		{ NULL, "220 old\r\n" },
		{ "EHLO me.example\r\n", "500 PIPELINING\r\n" },
		{ "HELO me.example\r\n", "250 old.example\r\n" },
		{ 0 },
	};
	struct smtp_client client;
	struct conn *conn = smtp_peer_start(script, false);

	ck_assert_int_eq(smtp_client_open(&client, conn, false, "me.example")
			     .code,
	    250);
	ck_assert_uint_eq(client.extensions, 0);
	ck_smtp_peer_was_content(conn);
}
END_TEST

static const struct {
	bool lmtp;
	struct exchange script[3];
	int code;
} openings[] = {
	/* clang-format off */
	{ false, { { NULL, "554 5.7.1 go away\r\n" } }, 554 },
	{ false, { { NULL, "421 4.3.2 busy\r\n" } }, 421 },
	{ false, { { NULL, "250 no greeting\r\n" } }, 250 },
	{ false, { { NULL, "220 x\r\n" },
		{ "EHLO me\r\n", "421 4.3.2 bye\r\n" } }, 421 },
	{ true, { { NULL, "220 x\r\n" },
		{ "LHLO me\r\n", "250 x\r\n" } }, 250 },
	/* RFC 2033 4.1: LMTP has no HELO to fall back to */
	{ true, { { NULL, "220 x\r\n" },
		{ "LHLO me\r\n", "500 what\r\n" } }, 500 },
	/* clang-format on */
};

START_TEST(the_reply_of_an_opening_is_the_one_that_decides)
{
	struct smtp_client client;
	struct conn *conn = smtp_peer_start(openings[_i].script, true);

	ck_assert_int_eq(smtp_client_open(&client, conn, openings[_i].lmtp,
			     "me")
			     .code,
	    openings[_i].code);
	ck_smtp_peer_was_content(conn);
}
END_TEST

START_TEST(a_line_break_in_a_command_is_not_sent)
{
	static const struct exchange script[] = { { 0 } };
	struct smtp_client client = { 0 };

	client.conn = smtp_peer_start(script, true);
	ck_assert_int_eq(smtp_command(&client, "VRFY %s", "x\r\nMAIL FROM:<>")
			     .code,
	    554);
	ck_assert_int_eq(smtp_command(&client, "VRFY %s", "x\ny").code, 554);
	ck_smtp_peer_was_content(client.conn);
}
END_TEST

START_TEST(quit_is_said_once_and_not_to_the_broken)
{
	static const struct exchange script[] = {
		{ "QUIT\r\n", "221 bye\r\n" },
		{ 0 },
	};
	struct smtp_client client = { 0 };

	client.conn = smtp_peer_start(script, true);
	smtp_client_quit(&client);
	smtp_client_quit(&client);
	ck_smtp_peer_was_content(client.conn);
}
END_TEST

static void
serve_starttls(struct conn *conn)
{
	char line[80];

	conn_putline(conn, "220 mx");
	EXPECT(conn_getline(conn, line, sizeof(line)) == CONN_LINE);
	conn_putline(conn,
	    "250-mx\r\n250-STARTTLS\r\n250-XFORWARD TLS\r\n"
	    "250 AUTH LOGIN");
	EXPECT(conn_getline(conn, line, sizeof(line)) == CONN_LINE);
	EXPECT(strcmp(line, "STARTTLS") == 0);
	conn_putline(conn, "220 go");
	if (tls_accept(conn, tls_test_context, NULL) == -1)
		return;
	if (conn_getline(conn, line, sizeof(line)) == CONN_END)
		return;
	EXPECT(strcmp(line, "EHLO me.example") == 0);
	conn_putline(conn, "250-mx\r\n250 SIZE");
}

static const struct {
	const char *host;
	int code;
	unsigned extensions;
} secured[] = {
	{ "localhost", 250, EXT_SIZE },
	{ "mail.far.example", 421, EXT_STARTTLS | EXT_AUTH | EXT_XFORWARD },
};

START_TEST(starttls_verifies_and_forgets_what_was_said_before)
{
	pid_t pid;
	struct smtp_client client;
	struct conn *conn = conn_open(tls_test_serve(serve_starttls, &pid), 30);
	char *ca = tls_test_file("ca.pem");
	struct tls_context *context = tls_client_context(ca);

	free(ca);
	ck_assert_int_eq(smtp_client_open(&client, conn, false, "me.example")
			     .code,
	    250);
	struct reply r = smtp_client_starttls(&client, context,
	    secured[_i].host, true, "me.example");
	ck_assert_int_eq(r.code, secured[_i].code);
	ck_assert_uint_eq(client.extensions, secured[_i].extensions);
	if (r.code == 421) {
		ck_assert_int_eq(strncmp(r.text, "4.7.5 ", 6), 0);
		ck_assert_int_eq(smtp_command(&client, "NOOP").code, 421);
	} else {
		ck_assert_str_eq(client.auth, "");
		ck_assert_str_eq(client.xforward, "");
	}
	conn_close(conn);
	tls_context_free(context);
	ck_server_was_content(pid);
}
END_TEST

START_TEST(connect_knows_unix_paths_and_literal_addresses)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in6 name = { 0 };
	socklen_t size = sizeof(name);
	char where[200];
	int fd;

	(void)snprintf(un.sun_path, sizeof(un.sun_path), "/tmp/check_smtp.%d",
	    (int)getpid());
	(void)snprintf(where, sizeof(where), "unix:%s", un.sun_path);
	unlink(un.sun_path);
	int local = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(local, (struct sockaddr *)&un, sizeof(un)), 0);
	ck_assert_int_eq(listen(local, 1), 0);
	fd = smtp_connect(where, 2);
	ck_assert_int_ne(fd, -1);
	close(fd);
	close(local);
	ck_assert_int_eq(smtp_connect(where, 2), -1);
	ck_assert_int_eq(errno, ECONNREFUSED);
	unlink(un.sun_path);

	int tcp = socket(AF_INET6, SOCK_STREAM, 0);
	ck_assert_int_eq(listen(tcp, 2), 0);
	getsockname(tcp, (struct sockaddr *)&name, &size);
	int port = ntohs(name.sin6_port);
	(void)snprintf(where, sizeof(where), "[::1]:%d", port);
	fd = smtp_connect(where, 2);
	ck_assert_int_ne(fd, -1);
	close(fd);
	(void)snprintf(where, sizeof(where), "127.0.0.1:%d", port);
	fd = smtp_connect(where, 2);
	ck_assert_int_ne(fd, -1);
	close(fd);
	close(tcp);
}
END_TEST

static const char *const nowhere[] = { "", "unix:", "127.0.0.1",
	"127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:25x",
	"[::1]", "[::1]:", "::1:25", "mail.example:25", "127.0.0.1:-1" };

START_TEST(connect_refuses_what_is_no_address)
{
	ck_assert_int_eq(smtp_connect(nowhere[_i], 1), -1);
	ck_assert_int_ne(errno, 0);
}
END_TEST

Suite *
smtp_client_suite(void)
{
	Suite *suite = suite_create("smtp_client");
	TCase *tc = tcase_create("client");
	TCase *secure = tcase_create("starttls");

	tcase_add_loop_test(tc, a_reply_is_read_whatever_the_peer_sends, 0,
	    (int)COUNT(replies));
	tcase_add_test(tc, an_endless_reply_is_not_read_for_ever);
	tcase_add_test(tc, ehlo_says_what_the_server_can);
	tcase_add_test(tc, a_server_of_1982_is_greeted_with_helo);
	tcase_add_loop_test(tc, the_reply_of_an_opening_is_the_one_that_decides,
	    0, (int)COUNT(openings));
	tcase_add_test(tc, a_line_break_in_a_command_is_not_sent);
	tcase_add_test(tc, quit_is_said_once_and_not_to_the_broken);
	tcase_add_test(tc, connect_knows_unix_paths_and_literal_addresses);
	tcase_add_loop_test(tc, connect_refuses_what_is_no_address, 0,
	    (int)COUNT(nowhere));
	suite_add_tcase(suite, tc);
	tcase_add_unchecked_fixture(secure, tls_test_setup, tls_test_teardown);
	tcase_add_loop_test(secure,
	    starttls_verifies_and_forgets_what_was_said_before, 0,
	    (int)COUNT(secured));
	suite_add_tcase(suite, secure);
	return suite;
}
