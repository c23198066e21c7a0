/*
 * check_pop3_handover.c - the way of a client from one process to another, and
 * what the mailbox thinks of a front that has been taken over.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/fdpass.h"
#include "common/log.h"
#include "pop3d/handover.h"
#include "pop3d/mailbox.h"
#include "tests/check_pop3_world.h"
#include "tests/suites.h"

enum { TEST_SECONDS = 30, TIMEOUT = 10 };

static char domain[] = "campus.example";

static const struct config config = { .domain = domain };

static void
setup(void)
{
	log_set_level(LOG_ERROR);
}

static void
wait_clean(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

START_TEST(a_client_in_clear_goes_over_with_its_unread_input)
{
	struct handover handover = { .peer = "192.0.2.1",
		.lenient = true,
		.evidence = -1 };
	struct handover taken;
	int client[2];
	int grant[2];
	struct conn *conn;
	char line[100];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, client), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, grant), 0);
	ck_assert_int_eq(write_all(client[1], "PASS x\r\nSTAT\r\nLI", 16), 0);
	conn = conn_open(client[0], TIMEOUT);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	handover_give(grant[0], &handover, conn, TIMEOUT);
	conn_close(conn);
	close(grant[0]);
	conn = handover_take(grant[1], &taken, TIMEOUT);
	ck_assert_ptr_nonnull(conn);
	ck_assert_str_eq(taken.peer, "192.0.2.1");
	ck_assert(taken.lenient && !taken.tls);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	ck_assert_str_eq(line, "STAT");
	ck_assert_int_eq(write_all(client[1], "ST\r\n", 4), 0);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	ck_assert_str_eq(line, "LIST");
	conn_putline(conn, "+OK");
	conn_close(conn);
	pop3_expect(client[1], "+OK");
	close(client[1]);
}
END_TEST

START_TEST(what_the_mailbox_says_reaches_the_front)
{
	int grant[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, grant), 0);
	ck_assert_int_eq(handover_say(grant[1], MAILBOX_IN_USE), 0);
	ck_assert_int_eq(handover_wait(grant[0]), MAILBOX_IN_USE);
	ck_assert_int_eq(handover_say(grant[1], MAILBOX_READY), 0);
	ck_assert_int_eq(handover_wait(grant[0]), MAILBOX_READY);
	close(grant[1]);
	ck_assert_int_eq(handover_wait(grant[0]), MAILBOX_LATER);
	close(grant[0]);
}
END_TEST

/* Behind TLS the bytes go through the front, here without the TLS. */
START_TEST(behind_tls_the_front_relays)
{
	struct handover handover = { .tls = true, .evidence = -1 };
	int client[2];
	int grant[2];
	char byte;
	pid_t front;
	struct conn *conn;
	char line[100];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, client), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, grant), 0);
	ck_assert_int_eq(write_all(client[1], "STAT\r\n", 6), 0);
	front = fork();
	if (front == 0) {
		close(client[1]);
		close(grant[1]);
		conn = conn_open(client[0], TIMEOUT);
		handover_give(grant[0], &handover, conn, TIMEOUT);
		conn_close(conn);
		_exit(0);
	}
	close(client[0]);
	close(grant[0]);
	conn = handover_take(grant[1], &handover, TIMEOUT);
	ck_assert_ptr_nonnull(conn);
	ck_assert(handover.tls);
	ck_assert_int_eq(conn_getline(conn, line, sizeof(line)), CONN_LINE);
	ck_assert_str_eq(line, "STAT");
	conn_putline(conn, "+OK 0 0");
	conn_close(conn);
	pop3_expect(client[1], "+OK 0 0");
	ck_assert_int_eq(read(client[1], &byte, 1), 0);
	close(client[1]);
	wait_clean(front);
}
END_TEST

START_TEST(a_front_that_lies_gets_nothing)
{
	struct handover handover = { .tls = false, .evidence = -1 };
	struct handover taken;
	int grant[2];

	/* No descriptor where there should be one. */
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, grant), 0);
	ck_assert_int_eq(fd_send(grant[0], &handover, sizeof(handover), -1), 0);
	ck_assert_ptr_null(handover_take(grant[1], &taken, TIMEOUT));
	close(grant[0]);
	/* More input announced than anybody could have read. */
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, grant), 0);
	handover.unread = 1u << 30;
	ck_assert_int_eq(fd_send(grant[0], &handover, sizeof(handover), 0), 0);
	ck_assert_ptr_null(handover_take(grant[1], &taken, TIMEOUT));
	close(grant[0]);
	/* It is gone. */
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, grant), 0);
	close(grant[0]);
	ck_assert_ptr_null(handover_take(grant[1], &taken, TIMEOUT));
}
END_TEST

/* A grant is the auth helper's word; still, it leads below mail/ or nowhere. */
static const char *const elsewhere[] = {
	"",
	"alice@campus.example",
	"alice@campus.example /etc",
	"alice@campus.example mail/",
	"alice@campus.example mail/../secrets",
	"alice@campus.example mail/a b",
	" mail/campus.example/alice",
};

START_TEST(a_grant_elsewhere_is_a_panic)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		fclose(stderr);
		mailbox_serve(&config, 0, elsewhere[_i]);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
END_TEST

Suite *
pop3_handover_suite(void)
{
	Suite *suite = suite_create("pop3_handover");
	TCase *tc = tcase_create("pop3_handover");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_set_timeout(tc, TEST_SECONDS);
	tcase_add_test(tc, a_client_in_clear_goes_over_with_its_unread_input);
	tcase_add_test(tc, behind_tls_the_front_relays);
	tcase_add_test(tc, what_the_mailbox_says_reaches_the_front);
	tcase_add_test(tc, a_front_that_lies_gets_nothing);
	tcase_add_loop_test(tc, a_grant_elsewhere_is_a_panic, 0,
	    COUNT(elsewhere));
	suite_add_tcase(suite, tc);
	return suite;
}
