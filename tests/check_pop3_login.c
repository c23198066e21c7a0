/*
 * check_pop3_login.c - the AUTHORIZATION state, and the way of a client from
 * the front to the mailbox that its login was granted.
 *
 * The test is the master: it takes the grant from the auth helper and forks
 * the mailbox process.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/fdpass.h"
#include "common/log.h"
#include "common/mem.h"
#include "pop3d/front.h"
#include "pop3d/mailbox.h"
#include "tests/check_auth_world.h"
#include "tests/check_pop3_world.h"
#include "tests/suites.h"

enum { TEST_SECONDS = 30, TIMEOUT = 10 };

static char domain[] = "campus.example";
static char mechanisms[] = "SCRAM-SHA-256 PLAIN LOGIN CRAM-MD5";
static char language[] = "es";
/* Of start_front(). */
static char *capabilities;
static char all_capabilities[] =
    "TOP UIDL RESP-CODES AUTH-RESP-CODE PIPELINING EXPIRE LOGIN-DELAY USER "
    "SASL STLS UTF8 LANG IMPLEMENTATION";

static const struct config config = {
	.domain = domain,
	.mechanisms = mechanisms,
	.teaching = true,
	.failures_per_minute = 200,
	.pop3d_timeout = TIMEOUT,
	.language = language,
};

static void
setup(void)
{
	log_set_level(LOG_ERROR);
	capabilities = all_capabilities;
	auth_world_open(true);
	/* The world's helper is of the program "test". */
	ck_assert_int_eq(symlink("test-auth", "run/pop3d-auth"), 0);
}

/* The front in a child, for the client at the other end of what it returns. */
static pid_t
start_front(bool cleartext, int *client_out)
{
	const struct listener listener = { .cleartext = cleartext,
		.capabilities = capabilities };
	const struct peer peer = { .address = "192.0.2.1", .uid = -1 };
	int ends[2];
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     ends),
	    0);
	pid = fork();
	if (pid == 0) {
		struct conn *conn = conn_open(ends[0], TIMEOUT);
		enum served served;

		close(ends[1]);
		served = front_serve(&config, conn, &listener, &peer);
		conn_close(conn);
		_exit((int)served);
	}
	close(ends[0]);
	*client_out = ends[1];
	return pid;
}

static enum served
wait_front(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return (enum served)WEXITSTATUS(status);
}

/* The next grant becomes a mailbox process. */
static pid_t
grant_mailbox(void)
{
	char text[600] = "";
	int fd;
	pid_t pid;

	/* What comes without a descriptor is about workers. */
	do {
		memset(text, 0, sizeof(text));
		ck_assert_int_gt(fd_receive(auth_helper_channel, text,
				     sizeof(text) - 1, &fd),
		    0);
	} while (fd == -1);
	pid = fork();
	if (pid == 0) {
		mailbox_serve(&config, fd, text);
		_exit(0);
	}
	close(fd);
	return pid;
}

static void
wait_clean(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

/* What a front says to LINES, all sent at once. */
static enum served
ask_front(bool cleartext, const char *lines, struct buf *answer)
{
	int client;
	pid_t pid = start_front(cleartext, &client);

	ck_assert_int_eq(write_all(client, lines, strlen(lines)), 0);
	ck_assert_int_eq(shutdown(client, SHUT_WR), 0);
	buf_reset(answer);
	ck_assert_int_eq(buf_read(answer, client, 100000), 0);
	close(client);
	return wait_front(pid);
}

static const struct {
	bool cleartext;
	const char *line;
	const char *answer;
} cases[] = {
	/* clang-format off */
	{ true, "STAT", "-ERR STAT comes after the login: give USER and PASS first" },
	{ true, "RETR 1", "-ERR RETR comes after the login: give USER and PASS first" },
	{ true, "NOOP", "-ERR NOOP comes after the login: give USER and PASS first" },
	{ true, "user alice", "+OK now the password, with PASS" },
	{ true, "USER", "-ERR USER needs a name" },
	{ true, "USER alice alice-pass",
	    "-ERR a name has no blank in it, and PASS comes by itself" },
	{ true, "USER alice ",
	    "-ERR a name has no blank in it, and PASS comes by itself" },
	{ true, "PASS alice-pass", "-ERR give USER first" },
	{ true, "APOP alice 0123", "-ERR APOP is not offered; CAPA lists the other ways to log in" },
	{ true, "HELP", "-ERR unknown command; CAPA lists what there is" },
	{ true, "UTF8", "+OK UTF-8 it is" },
	{ true, "UTF8 yes", "-ERR UTF8 stands alone" },
	{ true, "LANG", "+OK the languages I speak\r\nen English\r\nes Español\r\n." },
	{ true, "LANG en", "+OK en from now on in English" },
	{ true, "LANG ES-mx", "+OK es desde ahora en español" },
	{ true, "lang *", "+OK es desde ahora en español" },
	{ true, "LANG MUL", "-ERR I do not speak that; LANG alone lists what I speak" },
	{ true, "LANG e", "-ERR I do not speak that; LANG alone lists what I speak" },
	{ true, "LANG es en", "-ERR LANG takes one language" },
	{ true, "AUTH GSSAPI", "-ERR no such mechanism; CAPA lists them" },
	{ true, "AUTH PLAIN !", "-ERR that is not base64" },
	{ true, "STLS", "-ERR TLS is not available here" },
	{ true, "QUIT", "+OK POP3 server signing off" },
	{ false, "USER alice", "-ERR a password needs TLS here: use the port for it" },
	{ false, "PASS x", "-ERR a password needs TLS here: use the port for it" },
	{ false, "AUTH PLAIN AGFsaWNlAGFsaWNlLXBhc3M=",
	    "-ERR a password needs TLS here: use the port for it" },
	/* clang-format on */
};

START_TEST(before_the_login_each_command_has_its_answer)
{
	struct buf answer = BUF_INIT;
	char line[100];
	char expected[200];

	snprintf(line, sizeof(line), "%s\r\n", cases[_i].line);
	snprintf(expected, sizeof(expected), "+OK POP3 server ready\r\n%s\r\n",
	    cases[_i].answer);
	ask_front(cases[_i].cleartext, line, &answer);
	ck_assert_str_eq(answer.data, expected);
	buf_clear(&answer);
}
END_TEST

START_TEST(capa_offers_only_what_can_be_used)
{
	struct buf answer = BUF_INIT;

	ask_front(true, "CAPA\r\n", &answer);
	ck_assert_ptr_nonnull(strstr(answer.data, "\r\nUSER\r\n"));
	ck_assert_ptr_nonnull(strstr(answer.data,
	    "\r\nSASL SCRAM-SHA-256 PLAIN LOGIN CRAM-MD5\r\n"));
	ask_front(false, "CAPA\r\n", &answer);
	ck_assert_ptr_null(strstr(answer.data, "\r\nUSER\r\n"));
	ck_assert_ptr_nonnull(
	    strstr(answer.data, "\r\nSASL SCRAM-SHA-256 CRAM-MD5\r\n"));
	ck_assert_ptr_null(strstr(answer.data, "STLS"));
	buf_clear(&answer);
}
END_TEST

START_TEST(what_is_switched_off_is_neither_offered_nor_done)
{
	char few[] = "LANG IMPLEMENTATION";
	struct buf answer = BUF_INIT;

	capabilities = few;
	ask_front(true,
	    "CAPA\r\nUSER alice\r\nPASS x\r\nAUTH PLAIN\r\nSTLS\r\nUTF8\r\n"
	    "TOP 1 0\r\nUIDL\r\nLANG en\r\n",
	    &answer);
	ck_assert_str_eq(answer.data,
	    "+OK POP3 server ready\r\n"
	    "+OK this is what I can do\r\nLANG\r\nIMPLEMENTATION Postlab\r\n.\r\n"
	    "-ERR USER is switched off here\r\n"
	    "-ERR PASS is switched off here\r\n"
	    "-ERR AUTH is switched off here\r\n"
	    "-ERR STLS is switched off here\r\n"
	    "-ERR UTF8 is switched off here\r\n"
	    "-ERR TOP is switched off here\r\n"
	    "-ERR UIDL is switched off here\r\n"
	    "+OK en from now on in English\r\n");
	buf_clear(&answer);
}
END_TEST

/* RFC 2449 8, RFC 3206: a code only where it was announced. */
static const struct {
	char capabilities[60];
	const char *refusal;
} codes[] = {
	{ "USER RESP-CODES AUTH-RESP-CODE",
	    "-ERR [AUTH] wrong user name or password" },
	{ "USER RESP-CODES", "-ERR wrong user name or password" },
	{ "USER AUTH-RESP-CODE", "-ERR wrong user name or password" },
};

START_TEST(response_codes_can_be_switched_off)
{
	char value[sizeof(codes[0].capabilities)];
	struct buf answer = BUF_INIT;

	memcpy(value, codes[_i].capabilities, sizeof(value));
	capabilities = value;
	ask_front(true, "USER alice\r\nPASS wrong\r\n", &answer);
	ck_assert_ptr_nonnull(strstr(answer.data, codes[_i].refusal));
	buf_clear(&answer);
}
END_TEST

START_TEST(a_wrong_password_says_auth_and_needs_a_new_user)
{
	struct buf answer = BUF_INIT;

	ck_assert_int_eq(ask_front(true,
			     "USER alice\r\nPASS wrong\r\nPASS alice-pass\r\n"
			     "QUIT\r\n",
			     &answer),
	    SERVED_EXIT);
	ck_assert_str_eq(answer.data,
	    "+OK POP3 server ready\r\n"
	    "+OK now the password, with PASS\r\n"
	    "-ERR [AUTH] wrong user name or password\r\n"
	    "-ERR give USER first\r\n"
	    "+OK POP3 server signing off\r\n");
	ck_assert_int_eq(ask_front(true, "USER alice\r\nQUIT\r\n", &answer),
	    SERVED_REUSE);
	buf_clear(&answer);
}
END_TEST

START_TEST(a_pipelined_session_goes_over_whole)
{
	static const char lines[] = "USER alice\r\nPASS alice-pass\r\nSTAT\r\n"
				    "USER bob\r\nQUIT\r\n";
	struct buf answer = BUF_INIT;
	int client;
	pid_t front = start_front(true, &client);
	pid_t mailbox;

	ck_assert_int_eq(write_all(client, lines, strlen(lines)), 0);
	mailbox = grant_mailbox();
	ck_assert_int_eq(buf_read(&answer, client, 100000), 0);
	ck_assert_str_eq(answer.data,
	    "+OK POP3 server ready\r\n"
	    "+OK now the password, with PASS\r\n"
	    "+OK alice maildrop has 0 messages (0 octets)\r\n"
	    "+OK 0 0\r\n"
	    "-ERR USER comes before the login, and you are logged in\r\n"
	    "+OK POP3 server signing off (maildrop empty)\r\n");
	ck_assert_int_eq(wait_front(front), SERVED_EXIT);
	wait_clean(mailbox);
	close(client);
	buf_clear(&answer);
}
END_TEST

START_TEST(a_second_session_is_told_in_use_and_may_try_again)
{
	static const char login[] = "USER alice\r\nPASS alice-pass\r\n";
	int first;
	int second;
	pid_t fronts[2];
	pid_t mailboxes[3];

	fronts[0] = start_front(true, &first);
	ck_assert_int_eq(write_all(first, login, strlen(login)), 0);
	mailboxes[0] = grant_mailbox();
	pop3_expect(first, "+OK alice maildrop");
	fronts[1] = start_front(true, &second);
	ck_assert_int_eq(write_all(second, login, strlen(login)), 0);
	mailboxes[1] = grant_mailbox();
	pop3_expect(second, "-ERR [IN-USE] ");
	ck_assert_int_eq(write_all(first, "QUIT\r\n", 6), 0);
	pop3_expect(first, "+OK POP3 server signing off");
	ck_assert_int_eq(write_all(second, login, strlen(login)), 0);
	mailboxes[2] = grant_mailbox();
	pop3_expect(second, "+OK alice maildrop");
	ck_assert_int_eq(write_all(second, "QUIT\r\n", 6), 0);
	pop3_expect(second, "+OK POP3 server signing off");
	close(first);
	close(second);
	for (size_t i = 0; i < COUNT(fronts); i++)
		wait_front(fronts[i]);
	for (size_t i = 0; i < COUNT(mailboxes); i++)
		wait_clean(mailboxes[i]);
}
END_TEST

START_TEST(a_mailbox_that_dies_leaves_the_client_with_the_front)
{
	static const char login[] = "USER alice\r\nPASS alice-pass\r\n";
	char text[600];
	int client;
	int grant;
	pid_t front = start_front(true, &client);

	ck_assert_int_eq(write_all(client, login, strlen(login)), 0);
	ck_assert_int_gt(fd_receive(auth_helper_channel, text, sizeof(text),
			     &grant),
	    0);
	close(grant);
	pop3_expect(client, "-ERR [SYS/TEMP] ");
	ck_assert_int_eq(write_all(client, "QUIT\r\n", 6), 0);
	pop3_expect(client, "+OK POP3 server signing off");
	close(client);
	ck_assert_int_eq(wait_front(front), SERVED_EXIT);
}
END_TEST

Suite *
pop3_login_suite(void)
{
	Suite *suite = suite_create("pop3_login");
	TCase *tc = tcase_create("login");

	tcase_add_checked_fixture(tc, setup, auth_world_close);
	tcase_set_timeout(tc, TEST_SECONDS);
	tcase_add_loop_test(tc, before_the_login_each_command_has_its_answer, 0,
	    COUNT(cases));
	tcase_add_test(tc, capa_offers_only_what_can_be_used);
	tcase_add_test(tc, what_is_switched_off_is_neither_offered_nor_done);
	tcase_add_loop_test(tc, response_codes_can_be_switched_off, 0,
	    COUNT(codes));
	tcase_add_test(tc, a_wrong_password_says_auth_and_needs_a_new_user);
	tcase_add_test(tc, a_pipelined_session_goes_over_whole);
	tcase_add_test(tc, a_second_session_is_told_in_use_and_may_try_again);
	tcase_add_test(tc,
	    a_mailbox_that_dies_leaves_the_client_with_the_front);
	suite_add_tcase(suite, tc);
	return suite;
}
