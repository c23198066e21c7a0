/*
 * check_pop3.c - POP3 after the login, against a Maildir in a temporary folder:
 * what each command answers, and what is left on the disk.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "maildir/maildir.h"
#include "pop3d/maildrop.h"
#include "tests/check_folder.h"
#include "tests/check_pop3_world.h"
#include "tests/suites.h"

/* One command, one line of answer. */
static const struct {
	const char *command;
	const char *answer;
} cases[] = {
	/* clang-format off */
	/* worksheet 27, RFC 1939 5 */
	{ "STAT", "+OK 2 620" },
	{ "LIST 1", "+OK 1 120" },
	{ "LIST 2", "+OK 2 500" },
	{ "DELE 1", "+OK message 1 deleted" },
	{ "NOOP", "+OK" },
	{ "RSET", "+OK maildrop has 2 messages (620 octets)" },
	{ "UIDL 1", "+OK 1 1795313001.M1P1Q1.mail" },
	{ "QUIT", "+OK POP3 server signing off (2 messages left)" },
	{ "stat", "+OK 2 620" },
	{ "dele 2 ", "+OK message 2 deleted" },
	/* worksheet 28 */
	{ "RETR 0", "-ERR no such message, they are numbered from 1" },
	{ "RETR 3", "-ERR no such message, only 2 messages in maildrop" },
	{ "RETR 99", "-ERR no such message, only 2 messages in maildrop" },
	{ "RETR x", "-ERR that is no message number; LIST shows them" },
	{ "RETR", "-ERR RETR needs the number of a message" },
	{ "RETR 1 2", "-ERR RETR takes one message number" },
	{ "DELE 1 2", "-ERR DELE takes one message number" },
	{ "USER alice", "-ERR USER comes before the login, and you are logged in" },
	{ "STLS", "-ERR STLS comes before the login, and you are logged in" },
	{ "LAST", "-ERR unknown command; CAPA lists what there is" },
	{ "", "-ERR unknown command; CAPA lists what there is" },
	{ "TOP 1", "-ERR TOP takes a message number and a number of lines: TOP 1 10" },
	{ "TOP 1 -1", "-ERR TOP takes a message number and a number of lines: TOP 1 10" },
	{ "TOP 1 2 3", "-ERR TOP takes a message number and a number of lines: TOP 1 10" },
	{ "STAT 1", "-ERR STAT stands alone" },
	{ "QUIT now", "-ERR QUIT stands alone" },
	/* what Courier takes for message 1 */
	{ "RETR +1", "-ERR that is no message number; LIST shows them" },
	{ "RETR -1", "-ERR that is no message number; LIST shows them" },
	{ "RETR 1x", "-ERR that is no message number; LIST shows them" },
	{ "RETR 4294967297", "-ERR no such message, only 2 messages in maildrop" },
	{ "RETR 18446744073709551617", "-ERR no such message, only 2 messages in maildrop" },
	{ "LIST 2147483648", "-ERR no such message, only 2 messages in maildrop" },
	{ "TOP 1 4294967296", "-ERR TOP takes a message number and a number of lines: TOP 1 10" },
	/* clang-format on */
};

START_TEST(each_command_has_its_answer)
{
	struct buf server = BUF_INIT;
	char line[100];

	snprintf(line, sizeof(line), "%s\r\n", cases[_i].command);
	pop3_talk(line, &server);
	ck_assert_uint_ge(server.size, 2);
	ck_assert_str_eq(server.data + server.size - 2, "\r\n");
	server.data[server.size - 2] = '\0';
	ck_assert_str_eq(server.data, cases[_i].answer);
	buf_clear(&server);
}
END_TEST

START_TEST(a_burst_is_answered_in_order)
{
	struct buf server = BUF_INIT;

	pop3_talk(
	    "LIST\r\nDELE 1\r\nDELE 1\r\nRETR 1\r\nLIST 1\r\nSTAT\r\nLIST\r\n"
	    "UIDL\r\nRSET\r\nSTAT\r\nNOOP\r\n",
	    &server);
	ck_assert_str_eq(server.data,
	    "+OK 2 messages (620 octets)\r\n1 120\r\n2 500\r\n.\r\n"
	    "+OK message 1 deleted\r\n"
	    "-ERR message 1 is deleted; RSET would bring it back\r\n"
	    "-ERR message 1 is deleted; RSET would bring it back\r\n"
	    "-ERR message 1 is deleted; RSET would bring it back\r\n"
	    "+OK 1 500\r\n"
	    "+OK 1 message (500 octets)\r\n2 500\r\n.\r\n"
	    "+OK\r\n2 1795313002.M2P1Q2.mail\r\n.\r\n"
	    "+OK maildrop has 2 messages (620 octets)\r\n"
	    "+OK 2 620\r\n"
	    "+OK\r\n");
	buf_clear(&server);
}
END_TEST

START_TEST(retr_sends_as_many_octets_as_it_says)
{
	struct buf server = BUF_INIT;
	const char *body;

	pop3_talk("RETR 1\r\nRETR 2\r\n", &server);
	ck_assert_int_eq(strncmp(server.data, "+OK 120 octets\r\n", 16), 0);
	body = server.data + 16;
	ck_assert_int_eq(strncmp(body, "From: bob@campus.example\r\n", 26), 0);
	ck_assert_int_eq(strncmp(body + 120, ".\r\n+OK 500 octets\r\n", 19), 0);
	ck_assert_str_eq(body + 120 + 19 + 500, ".\r\n");
	buf_clear(&server);
}
END_TEST

/* A stored message, and how it is to look on the wire. */
static const struct {
	const char *stored;
	const char *command;
	const char *wire;
} messages[] = {
	/* clang-format off */
	{ "A: b\n\nx\n", "RETR 3", "+OK 11 octets\r\nA: b\r\n\r\nx\r\n.\r\n" },
	{ ".\n..\n.a\n", "RETR 3", "+OK 11 octets\r\n..\r\n...\r\n..a\r\n.\r\n" },
	{ "no end", "RETR 3", "+OK 8 octets\r\nno end\r\n.\r\n" },
	{ "", "RETR 3", "+OK 0 octets\r\n.\r\n" },
	{ "A: b\r\n\r\n.\r\n", "RETR 3", "+OK 11 octets\r\nA: b\r\n\r\n..\r\n.\r\n" },
	{ "A: b\n\n1\n2\n3\n", "TOP 3 0", "+OK\r\nA: b\r\n\r\n.\r\n" },
	{ "A: b\n\n1\n2\n3\n", "TOP 3 2", "+OK\r\nA: b\r\n\r\n1\r\n2\r\n.\r\n" },
	{ "A: b\n\n1\n2\n3\n", "TOP 3 9", "+OK\r\nA: b\r\n\r\n1\r\n2\r\n3\r\n.\r\n" },
	{ "A: b\n\n.\n..\n", "TOP 3 1", "+OK\r\nA: b\r\n\r\n..\r\n.\r\n" },
	{ "A: b\r\n\r\n1\r\n2\r\n", "TOP 3 1", "+OK\r\nA: b\r\n\r\n1\r\n.\r\n" },
	{ "\n\n\nbody\n", "TOP 3 1", "+OK\r\n\r\n\r\n.\r\n" },
	{ "only header", "TOP 3 5", "+OK\r\nonly header\r\n.\r\n" },
	{ "", "TOP 3 5", "+OK\r\n.\r\n" },
	/* clang-format on */
};

START_TEST(a_message_looks_on_the_wire_as_rfc_1939_says)
{
	struct buf server = BUF_INIT;
	char line[40];

	pop3_put_message("new", "1795313003.M3P1Q3.foreign",
	    messages[_i].stored, strlen(messages[_i].stored));
	snprintf(line, sizeof(line), "%s\r\n", messages[_i].command);
	pop3_talk(line, &server);
	ck_assert_str_eq(server.data, messages[_i].wire);
	buf_clear(&server);
}
END_TEST

START_TEST(a_message_longer_than_any_buffer_is_whole)
{
	enum { LINES = 60000 };
	struct buf stored = BUF_INIT, wire = BUF_INIT, server = BUF_INIT;
	size_t octets;

	for (int i = 0; i < LINES; i++) {
		buf_printf(&stored, "%s%d\n", i % 3 == 0 ? "." : "", i);
		buf_printf(&wire, "%s%d\r\n", i % 3 == 0 ? ".." : "", i);
	}
	octets = stored.size + LINES;
	pop3_put_message("new", "1795313003.M3P1Q3.big", stored.data,
	    stored.size);
	pop3_talk("RETR 3\r\n", &server);
	buf_reset(&stored);
	buf_printf(&stored, "+OK %zu octets\r\n%s.\r\n", octets, wire.data);
	ck_assert_uint_eq(server.size, stored.size);
	ck_assert_mem_eq(server.data, stored.data, stored.size);
	buf_clear(&stored);
	buf_clear(&wire);
	buf_clear(&server);
}
END_TEST

START_TEST(only_quit_deletes)
{
	struct buf server = BUF_INIT;

	pop3_talk("DELE 1\r\nDELE 2\r\n", &server);
	ck_assert_int_eq(pop3_count_messages(), 2);
	pop3_talk("DELE 1\r\nDELE 2\r\nRSET\r\nQUIT\r\n", &server);
	ck_assert_int_eq(pop3_count_messages(), 2);
	pop3_talk("DELE 1\r\nQUIT\r\nDELE 2\r\n", &server);
	ck_assert_str_eq(server.data,
	    "+OK message 1 deleted\r\n"
	    "+OK POP3 server signing off (1 message left)\r\n");
	ck_assert_int_eq(pop3_count_messages(), 1);
	pop3_talk("DELE 1\r\nQUIT\r\n", &server);
	ck_assert_str_eq(server.data,
	    "+OK message 1 deleted\r\n"
	    "+OK POP3 server signing off (maildrop empty)\r\n");
	ck_assert_int_eq(pop3_count_messages(), 0);
	pop3_talk("RETR 1\r\nLIST\r\n", &server);
	ck_assert_str_eq(server.data,
	    "-ERR no such message, the maildrop is empty\r\n"
	    "+OK 0 messages (0 octets)\r\n.\r\n");
	buf_clear(&server);
}
END_TEST

START_TEST(a_hopeless_client_is_sent_away)
{
	struct buf client = BUF_INIT, server = BUF_INIT;

	for (int i = 0; i < 50; i++)
		buf_addstr(&client, "FOO\r\n");
	buf_addstr(&client, "STAT\r\n");
	pop3_talk(client.data, &server);
	ck_assert_ptr_nonnull(strstr(server.data, "too many errors"));
	ck_assert_ptr_null(strstr(server.data, "+OK"));
	/* One that also does something sensible is not. */
	buf_reset(&client);
	for (int i = 0; i < 50; i++)
		buf_addstr(&client, "FOO\r\nNOOP\r\n");
	pop3_talk(client.data, &server);
	ck_assert_ptr_null(strstr(server.data, "too many errors"));
	buf_clear(&client);
	buf_clear(&server);
}
END_TEST

static void
expect_line(int fd, const char *line)
{
	char got[200];

	ck_assert_int_eq(recv(fd, got, strlen(line), MSG_WAITALL),
	    (ssize_t)strlen(line));
	ck_assert_mem_eq(got, line, strlen(line));
}

static const char *const closing[] = { "RETR 2\r\n", "QUIT\r\n" };

/* postlab user disable removes the lock. */
START_TEST(a_session_whose_account_was_closed_does_nothing_more)
{
	struct buf rest = BUF_INIT;
	int client;
	int status;
	pid_t pid;

	pid = pop3_fork(&client);
	ck_assert_int_eq(write_all(client, "DELE 1\r\n", 8), 0);
	expect_line(client, "+OK message 1 deleted\r\n");
	ck_assert_int_eq(unlink("box/" MAILDIR_SESSION_LOCK), 0);
	ck_assert_int_eq(write_all(client, closing[_i], strlen(closing[_i])),
	    0);
	expect_line(client, "-ERR [AUTH] your account ");
	ck_assert_int_eq(buf_read(&rest, client, 1000), 0);
	ck_assert_ptr_eq(strchr(rest.data, '\n'), rest.data + rest.size - 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(pop3_count_messages(), 2);
	close(client);
	buf_clear(&rest);
}
END_TEST

static const char *const asking[] = { "RETR 1\r\n", "TOP 1 0\r\n" };

START_TEST(a_message_that_another_program_removed_is_gone)
{
	int client;
	pid_t pid = pop3_fork(&client);
	int status;

	ck_assert_int_eq(write_all(client, "STAT\r\n", 6), 0);
	expect_line(client, "+OK 2 620\r\n");
	ck_assert_int_eq(unlink("box/new/1795313001.M1P1Q1.mail,S=116,W=120"),
	    0);
	ck_assert_int_eq(write_all(client, asking[_i], strlen(asking[_i])), 0);
	expect_line(client,
	    "-ERR message 1 is gone: another program removed it\r\n");
	ck_assert_int_eq(write_all(client, "DELE 1\r\nQUIT\r\n", 14), 0);
	expect_line(client, "+OK message 1 deleted\r\n");
	expect_line(client, "+OK POP3 server signing off (1 message left)");
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	close(client);
}
END_TEST

/* The name of a file says what its writer liked; RETR says what it sends. */
static const struct {
	const char *name;
	size_t octets;
	const char *before; /* STAT */
	const char *after;
} lies[] = {
	/* clang-format off */
	/* LIST believes what could be true: no file is opened for it */
	{ "1795313003.M3P1Q3.mail,W=90", 80, "+OK 3 710\r\n", "+OK 3 700\r\n" },
	/* and nothing else */
	{ "1795313003.M3P1Q3.mail,S=999999999999999,W=999999999999999", 80,
	    "+OK 3 700\r\n", "+OK 3 700\r\n" },
	{ "1795313003.M3P1Q3.mail,S=90,W=50", 80, "+OK 3 700\r\n",
	    "+OK 3 700\r\n" },
	/* more than the buffer holds */
	{ "1795313003.M3P1Q3.mail,S=77,W=80", 200000, "+OK 3 200620\r\n",
	    "+OK 3 200620\r\n" },
	{ "1795313003.M3P1Q3.mail,W=80", 200000, "+OK 3 700\r\n",
	    "+OK 3 200620\r\n" },
	/* clang-format on */
};

START_TEST(retr_announces_what_it_sends_whatever_the_name_says)
{
	struct buf server = BUF_INIT;
	char announced[64];
	const char *message;
	const char *end;

	pop3_put_sized("new", lies[_i].name, lies[_i].octets);
	pop3_talk("STAT\r\nRETR 3\r\nSTAT\r\nQUIT\r\n", &server);
	ck_assert_int_eq(strncmp(server.data, lies[_i].before,
			     strlen(lies[_i].before)),
	    0);
	message = strchr(server.data, '\n') + 1;
	snprintf(announced, sizeof(announced), "+OK %zu octets\r\n",
	    lies[_i].octets);
	ck_assert_int_eq(strncmp(message, announced, strlen(announced)), 0);
	message += strlen(announced);
	end = strstr(message, "\r\n.\r\n");
	ck_assert_ptr_nonnull(end);
	ck_assert_uint_eq((size_t)(end + 2 - message), lies[_i].octets);
	ck_assert_int_eq(strncmp(end + 5, lies[_i].after,
			     strlen(lies[_i].after)),
	    0);
	buf_clear(&server);
}
END_TEST

/* Who asks again within DELAY seconds; the lock's file was written AGE ago. */
static const struct {
	int delay;
	int age;
	enum maildrop_load load;
} delays[] = {
	{ 0, 0, MAILDROP_OK },
	{ 600, 0, MAILDROP_TOO_SOON },
	{ 600, 500, MAILDROP_TOO_SOON },
	{ 600, 601, MAILDROP_OK },
	/* The clock was set back since. */
	{ 600, -5000, MAILDROP_OK },
};

START_TEST(a_login_may_be_too_soon)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };
	struct maildrop maildrop = { .lock = -1 };

	/* The first one never is. */
	ck_assert_int_eq(maildrop_open(&maildrop, "box", "alice"), 0);
	ck_assert_int_eq(maildrop_load(&maildrop, 600), MAILDROP_OK);
	maildrop_close(&maildrop);
	times[1].tv_sec = time(NULL) - delays[_i].age;
	ck_assert_int_eq(utimensat(AT_FDCWD, "box/pop3d.lock", times, 0), 0);
	ck_assert_int_eq(maildrop_open(&maildrop, "box", "alice"), 0);
	ck_assert_int_eq(maildrop_load(&maildrop, delays[_i].delay),
	    delays[_i].load);
	maildrop_close(&maildrop);
}
END_TEST

Suite *
pop3_suite(void)
{
	Suite *suite = suite_create("pop3");
	TCase *tc = tcase_create("pop3");

	tcase_add_checked_fixture(tc, pop3_set_up, folder_leave);
	tcase_add_loop_test(tc, each_command_has_its_answer, 0, COUNT(cases));
	tcase_add_test(tc, a_burst_is_answered_in_order);
	tcase_add_test(tc, retr_sends_as_many_octets_as_it_says);
	tcase_add_loop_test(tc, a_message_looks_on_the_wire_as_rfc_1939_says, 0,
	    COUNT(messages));
	tcase_add_test(tc, a_message_longer_than_any_buffer_is_whole);
	tcase_add_test(tc, only_quit_deletes);
	tcase_add_test(tc, a_hopeless_client_is_sent_away);
	tcase_add_loop_test(tc,
	    a_session_whose_account_was_closed_does_nothing_more, 0,
	    COUNT(closing));
	tcase_add_loop_test(tc, a_message_that_another_program_removed_is_gone,
	    0, COUNT(asking));
	tcase_add_loop_test(tc,
	    retr_announces_what_it_sends_whatever_the_name_says, 0,
	    COUNT(lies));
	tcase_add_loop_test(tc, a_login_may_be_too_soon, 0, COUNT(delays));
	suite_add_tcase(suite, tc);
	return suite;
}
