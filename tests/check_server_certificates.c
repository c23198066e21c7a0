/*
 * check_server_certificates.c - new certificates in the life of a daemon:
 * noticed without an order, taken on SIGHUP, or not while they are no good.
 */
#include <gnutls/x509.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/conn_private.h"
#include "common/mem.h"
#include "common/server_certificates.h"
#include "common/tls.h"
#include "tests/check_server_stage.h"
#include "tests/suites.h"

enum {
	TEST_SECONDS = 60,
	HASTY = 240, /* milliseconds between two looks */
	A_WHILE = 5 * HASTY,
	NEVER = 3600 * 1000,
};

static const struct stage_options with_tls = { .tls = "starttls" };
static struct stage stage;

static void
setup(void)
{
	certificates_period = HASTY;
	stage_open(&stage, &with_tls);
}

static void
teardown(void)
{
	stage_close(&stage, 20);
}

static struct conn *
connect_by_tls(void)
{
	struct tls_context *context = tls_client_context(NULL);
	struct conn *conn = stage_connect(&stage, "127.0.0.1");

	stage_line(conn);
	stage_ask(conn, "starttls");
	ck_assert_int_eq(tls_connect(conn, context, "localhost", false), 0);
	tls_context_free(context);
	return conn;
}

/* The serial number of the certificate that the server has shown. */
static void
get_serial(const struct conn *conn, char hex[100])
{
	const gnutls_datum_t *list =
	    gnutls_certificate_get_peers(conn->tls, NULL);
	unsigned char serial[40];
	size_t size = sizeof(serial);
	gnutls_x509_crt_t crt;

	gnutls_x509_crt_init(&crt);
	ck_assert_int_eq(gnutls_x509_crt_import(crt, list, GNUTLS_X509_FMT_DER),
	    0);
	ck_assert_int_eq(gnutls_x509_crt_get_serial(crt, serial, &size), 0);
	gnutls_x509_crt_deinit(crt);
	for (size_t i = 0; i < size; i++)
		snprintf(hex + 2 * i, 3, "%02x", serial[i]);
}

/* Of the certificate that a new session gets. */
static void
get_new_serial(char hex[100])
{
	struct conn *conn = connect_by_tls();

	get_serial(conn, hex);
	conn_putline(conn, "quit");
	ck_assert_str_eq(stage_line(conn), "221 bye");
	conn_close(conn);
}

/* Moves FOLDER's file over the one in use, as certbot does. */
static void
put(const char *folder, const char *name)
{
	char from[80];
	char to[80];

	snprintf(from, sizeof(from), "%s/%s", folder, name);
	snprintf(to, sizeof(to), "tls/%s", name);
	ck_assert_int_eq(rename(from, to), 0);
}

static void
put_all(const char *folder)
{
	put(folder, "server-ecdsa.pem");
	put(folder, "server-ecdsa.key");
	put(folder, "server-rsa.pem");
	put(folder, "server-rsa.key");
}

static bool
still_answers(struct conn *conn)
{
	return strcmp(stage_ask(conn, "open spool/message"), "ok") == 0;
}

START_TEST(new_certificates_are_seen_without_an_order)
{
	struct conn *old = connect_by_tls();
	char before[100];
	char after[100];

	get_serial(old, before);
	get_new_serial(after);
	ck_assert_str_eq(after, before);
	stage_certify("next");
	put_all("next");
	stage_await_log("event=certificates-loaded");
	get_new_serial(after);
	ck_assert_str_ne(after, before);
	/* And the session that was there goes on. */
	ck_assert(still_answers(old));
	conn_close(old);
}
END_TEST

START_TEST(half_a_pair_is_not_taken_and_complained_of_once)
{
	char before[100];
	char after[100];

	get_new_serial(before);
	stage_certify("next");
	put("next", "server-ecdsa.pem");
	stage_await_log("event=certificates-not-loaded");
	stage_sleep(A_WHILE);
	ck_assert_int_eq(stage_log_count("event=certificates-not-loaded"), 1);
	ck_assert_int_eq(stage_log_count("event=certificates-loaded"), 0);
	get_new_serial(after);
	ck_assert_str_eq(after, before);
	put("next", "server-ecdsa.key");
	stage_await_log("event=certificates-loaded");
	get_new_serial(after);
	ck_assert_str_ne(after, before);
}
END_TEST

START_TEST(a_file_that_is_half_written_is_not_taken)
{
	char before[100];
	char after[100];

	get_new_serial(before);
	ck_assert_int_eq(truncate("tls/server-ecdsa.pem", 200), 0);
	stage_await_log("event=certificates-not-loaded");
	get_new_serial(after);
	ck_assert_str_eq(after, before);
}
END_TEST

START_TEST(on_sighup_they_are_taken_at_once)
{
	struct conn *old;
	char before[100];
	char after[100];

	stage_close(&stage, 20);
	certificates_period = NEVER;
	stage_open(&stage, &with_tls);
	old = connect_by_tls();
	get_serial(old, before);
	stage_certify("next");
	put_all("next");
	kill(stage.master, SIGHUP);
	stage_await_log("event=reloaded");
	get_new_serial(after);
	ck_assert_str_ne(after, before);
	ck_assert(still_answers(old));
	conn_close(old);
	ck_assert_int_eq(stage_log_count("event=certificates-loaded"), 0);
}
END_TEST

START_TEST(sighup_with_broken_ones_changes_nothing)
{
	char before[100];
	char after[100];

	get_new_serial(before);
	ck_assert_int_eq(truncate("tls/server-rsa.key", 100), 0);
	kill(stage.master, SIGHUP);
	stage_await_log("event=not-reloaded");
	get_new_serial(after);
	ck_assert_str_eq(after, before);
}
END_TEST

START_TEST(certificates_that_never_change_are_loaded_once)
{
	struct conn *conn = connect_by_tls();

	stage_sleep(A_WHILE);
	ck_assert_int_eq(stage_log_count("event=certificates-loaded"), 0);
	/* Their worker is not a retired one: it serves again. */
	conn_putline(conn, "quit");
	ck_assert_str_eq(stage_line(conn), "221 bye");
	conn_close(conn);
}
END_TEST

Suite *
server_certificates_suite(void)
{
	Suite *suite = suite_create("server_certificates");
	TCase *tc = tcase_create("server_certificates");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, TEST_SECONDS);
	tcase_add_test(tc, new_certificates_are_seen_without_an_order);
	tcase_add_test(tc, half_a_pair_is_not_taken_and_complained_of_once);
	tcase_add_test(tc, a_file_that_is_half_written_is_not_taken);
	tcase_add_test(tc, on_sighup_they_are_taken_at_once);
	tcase_add_test(tc, sighup_with_broken_ones_changes_nothing);
	tcase_add_test(tc, certificates_that_never_change_are_loaded_once);
	suite_add_tcase(suite, tc);

	/* A zygote has them as they were when it was begun. */
	tc = tcase_create("born");
	tcase_add_checked_fixture(tc, stage_use_zygote, NULL);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, TEST_SECONDS);
	tcase_add_test(tc, new_certificates_are_seen_without_an_order);
	tcase_add_test(tc, on_sighup_they_are_taken_at_once);
	suite_add_tcase(suite, tc);
	return suite;
}
