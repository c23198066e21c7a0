/*
 * check_pop3_patience.c - how long a client of pop3d can keep a process that
 * does nothing for it.
 *
 * Each client here would go on for a minute.  No test measures time: it is
 * enough that the server ends the session, which without its bounds it would
 * not do before the client does.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/log.h"
#include "common/mem.h"
#include "pop3d/front.h"
#include "pop3d/maildrop.h"
#include "pop3d/session.h"
#include "tests/check_folder.h"
#include "tests/check_pop3_world.h"
#include "tests/suites.h"

enum {
	TEST_SECONDS = 90,
	PAUSE = 200,     /* milliseconds between two signs of life */
	SIGNS = 300,     /* of them: a minute */
	LARGE = 8000000, /* octets: more than the sockets between take */
};

static char domain[] = "campus.example";
static char mechanisms[] = "SCRAM-SHA-256 PLAIN";

/* A client's end; the process behind it. */
static int client;
static pid_t server;

/* Makes the pair and forks; 0 in the child, with its end in *FD. */
static pid_t
begin(int *fd)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     ends),
	    0);
	server = fork();
	ck_assert_int_ne(server, -1);
	close(ends[server == 0 ? 1 : 0]);
	*fd = ends[0];
	client = ends[1];
	return server;
}

static void
serve_front(int timeout, int login_timeout)
{
	const struct config config = {
		.domain = domain,
		.mechanisms = mechanisms,
		.pop3d_timeout = timeout,
		.pop3d_login_timeout = login_timeout,
	};
	char capabilities[] = "USER SASL STLS LANG";
	const struct listener listener = { .cleartext = true,
		.capabilities = capabilities };
	const struct peer peer = { .address = "192.0.2.1", .uid = -1 };
	struct conn *conn;
	int fd;

	if (begin(&fd) != 0)
		return;
	conn = conn_open(fd, 60);
	(void)front_serve(&config, conn, &listener, &peer);
	conn_close(conn);
	_exit(0);
}

static void
serve_mailbox(int timeout)
{
	const struct config config = {
		.mechanisms = mechanisms,
		.pop3d_timeout = timeout,
	};
	struct maildrop maildrop = { .lock = -1 };
	struct session session = {
		.config = &config,
		.peer = "192.0.2.1",
		.state = TRANSACTION,
		.capabilities = pop3_capabilities,
		.maildrop = &maildrop,
	};
	int fd;

	if (begin(&fd) != 0)
		return;
	if (maildrop_open(&maildrop, "box", "alice") == -1 ||
	    maildrop_load(&maildrop, 0) != MAILDROP_OK)
		_exit(1);
	session.conn = conn_open(fd, timeout);
	pop3_run(&session);
	conn_close(session.conn);
	maildrop_close(&maildrop);
	_exit(0);
}

static void
end(void)
{
	int status;

	ck_assert_int_eq(waitpid(server, &status, 0), server);
	ck_assert_int_eq(status, 0);
	close(client);
}

/* Sends WORD again and again; how often until the server had enough. */
static int
keep_sending(const char *word)
{
	struct pollfd gone = { .fd = client, .events = POLLRDHUP };
	int n = 0;

	while (n < SIGNS && poll(&gone, 1, PAUSE) == 0) {
		if (send(client, word, strlen(word), MSG_NOSIGNAL) == -1)
			break;
		n++;
	}
	return n;
}

static const struct {
	int timeout;
	int login_timeout;
	const char *word;
} cases[] = {
	/* clang-format off */
	{ 60, 1, "C" },          /* a byte now and then */
	{ 60, 1, "CAPA\r\n" },   /* commands that lead nowhere */
	{ 60, 1, "USER x\r\n" },
	{ 1, 600, "C" },         /* the bound of a single command */
	/* clang-format on */
};

START_TEST(before_the_login_signs_of_life_keep_no_worker)
{
	serve_front(cases[_i].timeout, cases[_i].login_timeout);
	ck_assert_int_lt(keep_sending(cases[_i].word), SIGNS);
	end();
}
END_TEST

START_TEST(after_so_many_commands_without_a_login_it_is_over)
{
	struct buf commands = BUF_INIT;
	struct buf answer = BUF_INIT;
	const char *line;
	int count = 0;

	serve_front(600, 600);
	for (int i = 0; i < 40; i++)
		buf_addstr(&commands, "CAPA\r\n");
	/* At once: it hangs up before the last. */
	ck_assert_int_eq(write_all(client, commands.data, commands.size), 0);
	buf_clear(&commands);
	ck_assert_int_eq(shutdown(client, SHUT_WR), 0);
	ck_assert_int_eq(buf_read(&answer, client, 100000), 0);
	for (line = answer.data; line != NULL; line = strstr(line + 1, "+OK t"))
		count++;
	ck_assert_int_eq(count - 1, 30);
	line = strstr(answer.data, "-ERR ");
	ck_assert_ptr_nonnull(line);
	ck_assert_str_eq(strchr(line, '\r'), "\r\n");
	buf_clear(&answer);
	end();
}
END_TEST

START_TEST(after_the_login_a_byte_now_and_then_is_no_command)
{
	serve_mailbox(1);
	ck_assert_int_lt(keep_sending("S"), SIGNS);
	end();
}
END_TEST

/* RFC 1939 3: any command resets the timer. */
START_TEST(after_the_login_every_command_buys_time)
{
	char answer[100];

	serve_mailbox(5);
	for (int i = 0; i < 5; i++) {
		usleep(1200 * 1000);
		ck_assert_int_eq(write_all(client, "NOOP\r\n", 6), 0);
		ck_assert_int_gt(read(client, answer, sizeof(answer)), 0);
		ck_assert_int_eq(strncmp(answer, "+OK", 3), 0);
	}
	ck_assert_int_eq(write_all(client, "QUIT\r\n", 6), 0);
	end();
}
END_TEST

/* The mailbox ends though its client takes nothing, and keeps the other end. */
START_TEST(who_does_not_read_keeps_no_process)
{
	serve_mailbox(1);
	ck_assert_int_eq(write_all(client, "RETR 1\r\n", 8), 0);
	end();
}
END_TEST

static void
setup(void)
{
	struct maildir box;
	char *text = xcalloc(1, LARGE);
	int fd;

	log_set_level(LOG_ERROR);
	folder_enter();
	ck_assert_int_eq(maildir_open(AT_FDCWD, "box", true, &box), 0);
	memset(text, '\n', LARGE);
	fd =
	    openat(box.new, "1795313001.M1P1Q1.mail", O_WRONLY | O_CREAT, 0600);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write_all(fd, text, LARGE), 0);
	close(fd);
	free(text);
	maildir_close(&box);
}

Suite *
pop3_patience_suite(void)
{
	Suite *suite = suite_create("pop3_patience");
	TCase *tc = tcase_create("pop3_patience");

	tcase_add_checked_fixture(tc, setup, folder_leave);
	tcase_set_timeout(tc, TEST_SECONDS);
	tcase_add_loop_test(tc, before_the_login_signs_of_life_keep_no_worker,
	    0, COUNT(cases));
	tcase_add_test(tc, after_so_many_commands_without_a_login_it_is_over);
	tcase_add_test(tc, after_the_login_a_byte_now_and_then_is_no_command);
	tcase_add_test(tc, after_the_login_every_command_buys_time);
	tcase_add_test(tc, who_does_not_read_keeps_no_process);
	suite_add_tcase(suite, tc);
	return suite;
}
