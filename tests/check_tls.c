/*
 * check_tls.c - TLS below a connection: who can talk to whom, and what for.
 */
#include <gnutls/x509.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/log.h"
#include "common/tls.h"
#include "tests/check_tls_peers.h"
#include "tests/suites.h"

static struct conn *
connect_to(int fd, const char *ca_file, const char *host, bool verify)
{
	char *ca = ca_file == NULL ? NULL : tls_test_file(ca_file);
	struct tls_context *context = tls_client_context(ca);
	struct conn *conn = conn_open(fd, 30);

	free(ca);
	ck_assert_ptr_nonnull(context);
	(void)tls_connect(conn, context, host, verify);
	tls_context_free(context);
	return conn;
}

/* Answers three lines, and then the end. */
static void
serve_three(struct conn *conn)
{
	char line[80];

	EXPECT(tls_describe(conn) == NULL);
	EXPECT(tls_accept(conn, tls_test_context, NULL) == 0);
	EXPECT(strncmp(tls_describe(conn), "TLS1.3 with cipher TLS_", 23) == 0);
	for (int i = 0; i < 3; i++) {
		EXPECT(conn_getline(conn, line, sizeof(line)) == CONN_LINE);
		conn_putline(conn, "250 %s", line);
	}
	EXPECT(conn_getline(conn, line, sizeof(line)) == CONN_END);
	EXPECT(strcmp(conn_error(conn), "closed by the other side") == 0);
}

START_TEST(lines_pass_both_ways_and_a_group_of_replies_is_one_record)
{
	pid_t pid;
	const char *data;
	struct conn *conn = connect_to(tls_test_serve(serve_three, &pid),
	    "ca.pem", "mail.campus.example", true);

	ck_assert_ptr_null(conn_error(conn));
	ck_assert_str_eq(tls_describe(conn),
	    "TLS1.3 with cipher TLS_AES_128_GCM_SHA256 (128/128 bits)");
	conn_write(conn, "a\r\nb\r\nc\r\n", 9);
	/* One peek is one record, as conn_peek asks GnuTLS once. */
	ck_assert_uint_eq(conn_peek(conn, &data), 21);
	ck_assert_mem_eq(data, "250 a\r\n250 b\r\n250 c\r\n", 21);
	conn_close(conn);
	ck_server_was_content(pid);
}
END_TEST

static void
serve_handshake(struct conn *conn)
{
	const char *data;

	(void)tls_accept(conn, tls_test_context, NULL);
	(void)conn_peek(conn, &data);
}

static const struct {
	const char *ca_file;
	const char *host;
	bool verify;
	const char *error; /* part of it, NULL: accepted */
} peers[] = {
	/* clang-format off */
	{ "ca.pem", "mail.campus.example", true, NULL },
	{ "ca.pem", "localhost", true, NULL },
	{ "ca.pem", "127.0.0.1", true, NULL },
	{ "ca.pem", "::1", true, NULL },
	{ "ca.pem", "mail.far.example", true, "name in the certificate" },
	{ "ca.pem", "127.0.0.2", true, "name in the certificate" },
	{ "ca.pem", "mail.far.example", false, NULL },
	/* the system's authorities do not know our private one */
	{ NULL, "mail.campus.example", true, "issuer is unknown" },
	{ NULL, "mail.campus.example", false, NULL },
	/* clang-format on */
};

START_TEST(a_certificate_is_good_for_its_names_only)
{
	pid_t pid;
	struct conn *conn = connect_to(tls_test_serve(serve_handshake, &pid),
	    peers[_i].ca_file, peers[_i].host, peers[_i].verify);

	if (peers[_i].error == NULL)
		ck_assert_ptr_null(conn_error(conn));
	else
		ck_assert_ptr_nonnull(
		    strstr(conn_error(conn), peers[_i].error));
	conn_close(conn);
	ck_server_was_content(pid);
}
END_TEST

/* What clients have, in their order, and what the server takes of it. */
static const struct {
	const char *priorities;
	gnutls_cipher_algorithm_t cipher;
	gnutls_group_t group;
	int retries; /* as it sends a key for the first of its groups alone */
} offers[] = {
	/* clang-format off */
	{ "NORMAL:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1", /* OpenSSL's */
		GNUTLS_CIPHER_AES_128_GCM, GNUTLS_GROUP_X25519, 0 },
	{ "NORMAL:-GROUP-ALL:+GROUP-SECP256R1:+GROUP-X25519",
		GNUTLS_CIPHER_AES_128_GCM, GNUTLS_GROUP_X25519, 1 },
	{ "NORMAL:-GROUP-ALL:+GROUP-SECP256R1:+GROUP-SECP384R1",
		GNUTLS_CIPHER_AES_128_GCM, GNUTLS_GROUP_SECP256R1, 0 },
	{ "NORMAL:-CIPHER-ALL:+AES-256-GCM:-GROUP-ALL:+GROUP-SECP384R1",
		GNUTLS_CIPHER_AES_256_GCM, GNUTLS_GROUP_SECP384R1, 0 },
	{ "NORMAL:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305"
	  ":-GROUP-ALL:+GROUP-FFDHE3072",
		GNUTLS_CIPHER_CHACHA20_POLY1305, GNUTLS_GROUP_FFDHE3072, 0 },
	/* clang-format on */
};

static int retries;

static int
count_retry(gnutls_session_t tls, unsigned type, unsigned when,
    unsigned incoming, const gnutls_datum_t *message)
{
	(void)tls;
	(void)type;
	(void)when;
	(void)incoming;
	(void)message;
	retries++;
	return 0;
}

START_TEST(the_server_takes_the_cheapest_of_what_is_offered)
{
	struct raw raw;
	pid_t pid;

	raw_open_with(&raw, tls_test_serve(serve_handshake, &pid),
	    offers[_i].priorities, GNUTLS_KEY_SHARE_TOP);
	gnutls_handshake_set_hook_function(raw.tls,
	    GNUTLS_HANDSHAKE_HELLO_RETRY_REQUEST, GNUTLS_HOOK_POST,
	    count_retry);
	ck_assert_int_eq(raw_handshake(&raw), 0);
	ck_assert_int_eq(gnutls_cipher_get(raw.tls), offers[_i].cipher);
	ck_assert_int_eq(gnutls_group_get(raw.tls), offers[_i].group);
	ck_assert_int_eq(retries, offers[_i].retries);
	raw_close(&raw);
	ck_server_was_content(pid);
}
END_TEST

static const struct {
	const char *priorities;
	int result;
	gnutls_protocol_t version;
	gnutls_pk_algorithm_t key;
} clients[] = {
	/* clang-format off */
	{ "NORMAL:-VERS-ALL:+VERS-TLS1.3", 0,
		GNUTLS_TLS1_3, GNUTLS_PK_ECDSA },
	{ "NORMAL:-VERS-ALL:+VERS-TLS1.2", 0,
		GNUTLS_TLS1_2, GNUTLS_PK_ECDSA },
	/* clients that know RSA certificates only */
	{ "NORMAL:-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-SHA256", 0,
		GNUTLS_TLS1_3, GNUTLS_PK_RSA },
	{ "NORMAL:-VERS-ALL:+VERS-TLS1.2:-ECDHE-ECDSA", 0,
		GNUTLS_TLS1_2, GNUTLS_PK_RSA },
	/* what is too old, and what has no forward secrecy */
	{ "NORMAL:-VERS-ALL:+VERS-TLS1.1", GNUTLS_E_FATAL_ALERT_RECEIVED,
		0, 0 },
	{ "NORMAL:-VERS-ALL:+VERS-TLS1.0", GNUTLS_E_FATAL_ALERT_RECEIVED,
		0, 0 },
	{ "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA",
		GNUTLS_E_FATAL_ALERT_RECEIVED, 0, 0 },
	{ "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ANON-ECDH:+ANON-DH",
		GNUTLS_E_FATAL_ALERT_RECEIVED, 0, 0 },
	/* clang-format on */
};

START_TEST(each_client_gets_what_suits_it_and_old_versions_nothing)
{
	struct raw raw;
	pid_t pid;

	raw_open(&raw, tls_test_serve(serve_handshake, &pid),
	    clients[_i].priorities);
	int rc = raw_handshake(&raw);
	ck_assert_int_eq(rc, clients[_i].result);
	if (rc == 0) {
		const gnutls_datum_t *list =
		    gnutls_certificate_get_peers(raw.tls, NULL);
		gnutls_x509_crt_t crt;

		ck_assert_int_eq(gnutls_protocol_get_version(raw.tls),
		    clients[_i].version);
		gnutls_x509_crt_init(&crt);
		gnutls_x509_crt_import(crt, list, GNUTLS_X509_FMT_DER);
		ck_assert_int_eq(gnutls_x509_crt_get_pk_algorithm(crt, NULL),
		    (int)clients[_i].key);
		gnutls_x509_crt_deinit(crt);
	}
	raw_close(&raw);
	ck_server_was_content(pid);
}
END_TEST

START_TEST(another_worker_takes_the_session_ticket)
{
	struct raw raw;
	gnutls_datum_t data;
	pid_t pid;

	raw_open(&raw, tls_test_serve(serve_three, &pid), "NORMAL");
	ck_assert_int_eq(raw_handshake(&raw), 0);
	ck_assert(!gnutls_session_is_resumed(raw.tls));
	gnutls_record_send(raw.tls, "a\r\nb\r\nc\r\n", 9);
	/* The tickets come before the first record. */
	char text[80];
	ssize_t n = raw_receive(&raw, text, sizeof(text));
	ck_assert_int_gt(n, 0);
	ck_assert_int_eq(gnutls_session_get_data2(raw.tls, &data), 0);
	gnutls_bye(raw.tls, GNUTLS_SHUT_WR);
	raw_close(&raw);
	ck_server_was_content(pid);

	raw_open(&raw, tls_test_serve(serve_handshake, &pid), "NORMAL");
	gnutls_session_set_data(raw.tls, data.data, data.size);
	ck_assert_int_eq(raw_handshake(&raw), 0);
	ck_assert(gnutls_session_is_resumed(raw.tls));
	gnutls_free(data.data);
	raw_close(&raw);
	ck_server_was_content(pid);
}
END_TEST

static void
serve_until_the_end(struct conn *conn)
{
	const char *data;

	EXPECT(tls_accept(conn, tls_test_context, NULL) == 0);
	EXPECT(conn_peek(conn, &data) == 0);
}

/* What a client says at its end, and what it hears. */
static const struct {
	bool says_goodbye;
	ssize_t hears;
} ends[] = {
	{ true, 0 }, /* RFC 8446 6.1 */
	{ false, GNUTLS_E_PREMATURE_TERMINATION },
};

START_TEST(who_leaves_without_a_goodbye_hears_none)
{
	struct raw raw;
	char text[80];
	ssize_t n;
	pid_t pid;

	raw_open(&raw, tls_test_serve(serve_until_the_end, &pid), "NORMAL");
	ck_assert_int_eq(raw_handshake(&raw), 0);
	if (ends[_i].says_goodbye)
		gnutls_bye(raw.tls, GNUTLS_SHUT_WR);
	shutdown(raw.fd, SHUT_WR);
	n = raw_receive(&raw, text, sizeof(text));
	ck_assert_int_eq(n, ends[_i].hears);
	raw_close(&raw);
	ck_server_was_content(pid);
}
END_TEST

static void
wait_for_client(struct conn *conn)
{
	const char *data;

	EXPECT(conn_peek(conn, &data) == 0);
}

static void
wait_for_either(struct conn *conn)
{
	int ends_of[2];

	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends_of) == 0);
	conn_relay(conn, ends_of[0]);
}

static void (*const waits[])(struct conn *conn) = {
	wait_for_client,
	wait_for_either,
};

/* One of waits[]; a server is a copy of this process. */
static void (*wait_of_server)(struct conn *conn);

static void
serve_who_says_nothing(struct conn *conn)
{
	size_t before;

	EXPECT(tls_accept(conn, tls_test_context, NULL) == 0);
	before = mallinfo2().arena;
	conn_set_timeout(conn, 3);
	wait_of_server(conn);
	/* AddressSanitizer's allocator says 0. */
	EXPECT(before == 0 || mallinfo2().arena < before);
}

START_TEST(who_waits_gives_the_memory_of_the_handshake_back)
{
	struct raw raw;
	pid_t pid;

	wait_of_server = waits[_i];
	raw_open(&raw, tls_test_serve(serve_who_says_nothing, &pid), "NORMAL");
	ck_assert_int_eq(raw_handshake(&raw), 0);
	ck_server_was_content(pid);
	raw_close(&raw);
}
END_TEST

START_TEST(a_context_needs_at_least_one_certificate)
{
	char empty[] = "/tmp/check_tls_empty.XXXXXX";

	log_set_level(LOG_ERROR + 1);
	ck_assert_ptr_nonnull(mkdtemp(empty));
	ck_assert_ptr_null(tls_server_context(empty));
	rmdir(empty);
}
END_TEST

Suite *
tls_suite(void)
{
	Suite *suite = suite_create("tls");
	TCase *tc = tcase_create("tls");

	tcase_add_unchecked_fixture(tc, tls_test_setup, tls_test_teardown);
	tcase_add_test(tc,
	    lines_pass_both_ways_and_a_group_of_replies_is_one_record);
	tcase_add_loop_test(tc, a_certificate_is_good_for_its_names_only, 0,
	    (int)COUNT(peers));
	tcase_add_loop_test(tc,
	    the_server_takes_the_cheapest_of_what_is_offered, 0, COUNT(offers));
	tcase_add_loop_test(tc,
	    each_client_gets_what_suits_it_and_old_versions_nothing, 0,
	    (int)COUNT(clients));
	tcase_add_test(tc, another_worker_takes_the_session_ticket);
	tcase_add_loop_test(tc, who_leaves_without_a_goodbye_hears_none, 0,
	    (int)COUNT(ends));
	tcase_add_loop_test(tc,
	    who_waits_gives_the_memory_of_the_handshake_back, 0,
	    (int)COUNT(waits));
	tcase_add_test(tc, a_context_needs_at_least_one_certificate);
	suite_add_tcase(suite, tc);
	return suite;
}
