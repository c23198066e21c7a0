/*
 * check_dialog_play.c - dialogs that must come out, and those that must not.
 *
 * The server is a child that plays the other side of each row, to the byte.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "labs/dialog_play.h"
#include "labs/dialog_script.h"
#include "tests/check_smtp_peer.h"
#include "tests/suites.h"

static char folder[] = "/tmp/check_dialog.XXXXXX";

#define HELLO "220 mx.example ESMTP\r\n"
#define EHLO "250-mx\r\n250-SIZE 10\r\n250-DSN\r\n250 HELP\r\n"

static const struct {
	const char *dialog;
	struct exchange server[6];
	bool burst;
	const char *complaint; /* NULL: it comes out */
} rows[] = {
	/* clang-format off */
	{ "CONNECT smtp\nS: 220 <host> ESMTP\nC: HELO x\nS: 250 ${host}\n"
	  "C: QUIT\nS: 221 *\nS: END\n",
	  { { NULL, HELLO }, { "HELO x\r\n", "250 mx.example\r\n" },
	    { "QUIT\r\n", "221 bye\r\n" } }, false, NULL },
	{ "CONNECT smtp\nS: 220 mx\n", { { NULL, HELLO } }, false,
	  "dialog:2: the server answers something else\n"
	  "  expected  220 mx\n  got       220 mx.example ESMTP\n" },
	{ "CONNECT smtp\nS: 220 <host> *\nC: HELO x\nS: 250 ${host}\n",
	  { { NULL, HELLO }, { "HELO x\r\n", "250 other\r\n" } }, false,
	  "  expected  250 mx\\.example\n  got       250 other\n"
	  "  after     HELO x\n" },
	{ "CONNECT smtp\nS: 220 *\nS: 250 *\n", { { NULL, HELLO } }, false,
	  "dialog:3: the server says no more" },
	{ "CONNECT smtp\nS: 220 *\n", { { NULL, HELLO "250 Ok\r\n" } }, false,
	  "the server says more" },
	{ "CONNECT smtp\nS: 220 *\nS: END\n", { { NULL, HELLO "250 Ok\r\n" } },
	  false, "dialog:3: the server does not close" },
	{ "CONNECT smtp\nS: 220 *\nC: QUIT\nS: END\n",
	  { { NULL, HELLO }, { "QUIT\r\n", NULL }, { "never", NULL } }, false,
	  "got       timed out" },
	{ "CONNECT smtp\nS: 220 *\n", { { NULL, "220 mx\n" } }, false,
	  "a line with a stray CR, LF or NUL" },
	{ "CONNECT smtp\nS: 220 \xe9\n", { { NULL, "220 \x1b\r\n" } }, false,
	  "  expected  220 \\xe9\n  got       220 \\x1b\n" },

	{ "CONNECT smtp\nS: 220 *\nC: EHLO x\nS: 250-mx\nS! 250?STARTTLS\n"
	  "S- 250-DSN\nS- 250 *\n",
	  { { NULL, HELLO }, { "EHLO x\r\n", EHLO } }, false, NULL },
	{ "CONNECT smtp\nS: 220 *\nC: EHLO x\nS: 250-mx\nS- 250-XX\nS: a\n",
	  { { NULL, HELLO }, { "EHLO x\r\n", EHLO } }, false,
	  "dialog:5: the reply has no such line" },
	{ "CONNECT smtp\nS: 220 *\nC: EHLO x\nS! 250-SIZE*\nS! zzz\n"
	  "S- 250-DSN\n",
	  { { NULL, HELLO }, { "EHLO x\r\n", EHLO } }, false,
	  "dialog:4: the server says what it must not" },
	{ "CONNECT smtp\nS: 220 *\nC: EHLO x\nS! 250-DSN\nS- 250-DSN\n",
	  { { NULL, HELLO }, { "EHLO x\r\n", EHLO } }, false,
	  "dialog:4: the server says what it must not" },

	{ "CONNECT smtp\nS+ 220 mx.*\nC: EHLO x\nS+ 250 mx\nC: NOOP\n"
	  "S+ 250 Ok\n",
	  { { NULL, HELLO }, { "EHLO x\r\n", EHLO },
	    { "NOOP\r\n", "250 Ok\r\n" } }, false, NULL },
	{ "CONNECT smtp\nS+ 220 *\nC: EHLO x\nS+ 250 SIZE 10\n",
	  { { NULL, HELLO }, { "EHLO x\r\n", EHLO } }, false,
	  "  expected  250 SIZE 10\n  got       250 mx\n" },
	{ "CONNECT smtp\nS+ 220 *\nC: EHLO x\nS+ 250 mx\n",
	  { { NULL, HELLO }, { "EHLO x\r\n", "250-mx\r\n250-A\r\n" } }, false,
	  "dialog:4: the reply is not finished" },

	/* a number in a POP3 message is no end of a reply; a dot is */
	{ "CONNECT smtp\nS: +OK *\nC: RETR 1\nS: +OK\nS- a: b\nS- .\n",
	  { { NULL, "+OK x\r\n" },
	    { "RETR 1\r\n", "+OK\r\n\r\n250 x\r\na: b\r\nc\r\n.\r\n" } },
	  false, NULL },
	{ "CONNECT smtp\nS: +OK *\nC: RETR 1\nS: +OK\nS- a: c\n",
	  { { NULL, "+OK x\r\n" }, { "RETR 1\r\n", "+OK\r\na: b\r\n.\r\n" } },
	  false, "dialog:5: the reply has no such line" },

	/* all at once: this server waits for all before it answers */
	{ "burst: early\nCONNECT smtp\nS: 220 *\nC: DATA\nS: 354 *\nC| x\n"
	  "C| .\nS: 250 *\nC: QUIT\nS: 221 *\nS: END\n",
	  { { "DATA\r\nx\r\n.\r\nQUIT\r\n",
	    HELLO "354 go\r\n250 Ok\r\n221 bye\r\n" } }, true, NULL },
	{ "CONNECT smtp\nS: 220 *\nC: NOOP\nS: 250 *\n",
	  { { "NOOP\r\n", HELLO "250 Ok\r\n" } }, false, "timed out" },
	{ "burst: early\nCONNECT smtp\nS: 220 *\nC: NOOP\nS: 250 *\nC: A\n"
	  "S: 251 *\n",
	  { { "NOOP\r\nA\r\n", HELLO "250 Ok\r\n250 Ok\r\n" } }, true,
	  "dialog:7: the server answers something else" },
	/* what needs an answer waits for it, and no longer */
	{ "burst: yes\nCONNECT smtp\nS: 220 *\nC: A\nS: 250 *\nC: B\nS: 250 *\n",
	  { { NULL, HELLO }, { "A\r\nB\r\n", "250 Ok\r\n250 Ok\r\n" } }, true,
	  NULL },
	{ "CONNECT smtp\nS: 220 *\nC: AUTH\nS: 334 <c>\nC: ${base64:${c}}\n"
	  "S: 235 *\nC: NOOP\nS: 250 *\n",
	  { { NULL, HELLO }, { "AUTH\r\n", "334 abc\r\n" },
	    { "YWJj\r\nNOOP\r\n", "235 Ok\r\n250 Ok\r\n" } }, true, NULL },

	{ "CONNECT smtp\nC# a\\r\\nb\\x2e\nC: c\\d\nS: 250 *\n",
	  { { "a\r\nb.c\\d\r\n", "250 Ok\r\n" } }, false, NULL },
	{ "CONNECT smtp\nC< message\nC| .\nS: 250 *\n",
	  { { "..\r\n..a\r\nb\r\n.\r\n", "250 Ok\r\n" } }, false, NULL },
	{ "CONNECT smtp\nC< nowhere\n", { { 0 } }, false,
	  "No such file or directory" },
	{ "CONNECT smtp\nS: 220 *\nCLOSE\nC: x\n", { { NULL, HELLO } }, false,
	  "dialog:4: there is no connection now" },
	{ "CONNECT smtp\nON other\n", { { 0 } }, false,
	  "no connection has the name other" },
	{ "CONNECT msa\n", { { 0 } }, false, "cannot connect to" },
	{ "CONNECT lmtp\n", { { 0 } }, false, "nobody said where that is" },
	/* clang-format on */
};

static void
put_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_eq(write_all(fd, text, strlen(text)), 0);
	close(fd);
}

/* The child: one client, byte by byte as the row says. */
static void
serve(int listener, const struct exchange *row)
{
	int fd = accept(listener, NULL, NULL);
	char got[1000];

	for (; row->expect != NULL || row->send != NULL; row++) {
		size_t size = row->expect == NULL ? 0 : strlen(row->expect);

		if (size > 0 &&
		    (recv(fd, got, size, MSG_WAITALL) != (ssize_t)size ||
			memcmp(got, row->expect, size) != 0))
			_exit(1);
		if (row->send != NULL)
			(void)send(fd, row->send, strlen(row->send),
			    MSG_NOSIGNAL);
	}
	_exit(0);
}

static pid_t
start_server(const struct exchange *row)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "socket" };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	unlink(un.sun_path);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&un, sizeof(un)), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	pid_t pid = fork();
	if (pid == 0)
		serve(listener, row);
	close(listener);
	return pid;
}

/* Plays "dialog"; what it prints is in "output" afterwards. */
static bool
play(const struct player_options *options)
{
	struct script script;
	int saved = dup(STDOUT_FILENO);
	int output = open("output", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert(script_load("dialog", &script));
	fflush(stdout);
	dup2(output, STDOUT_FILENO);
	bool good = dialog_play(&script, options);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(output);
	close(saved);
	script_clear(&script);
	return good;
}

START_TEST(a_dialog_comes_out_or_says_what_differs)
{
	static const struct role roles[] = { { "smtp", 25, "unix:socket" },
		{ "msa", 0, "unix:nowhere" }, { "lmtp", 0, NULL },
		{ NULL, 0, NULL } };
	static const struct values none;
	struct player_options options = { .roles = roles,
		.timeout = 1,
		.burst = rows[_i].burst,
		.values = &none };
	struct buf output = BUF_INIT;

	ck_assert_int_eq(chdir(folder), 0);
	put_file("dialog", rows[_i].dialog);
	put_file("message", ".\n.a\nb");
	pid_t pid = start_server(rows[_i].server);
	bool good = play(&options);
	int fd = open("output", O_RDONLY);
	ck_assert_int_eq(buf_read(&output, fd, 10000), 0);
	close(fd);
	if (rows[_i].complaint == NULL) {
		ck_assert_msg(good, "%s", output.data);
		ck_assert_str_eq(output.data, "");
	} else {
		ck_assert(!good);
		ck_assert_msg(strstr(output.data, rows[_i].complaint) != NULL,
		    "it says: %s", output.data);
	}
	buf_clear(&output);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
END_TEST

START_TEST(a_reply_is_saved_as_it_was_stored)
{
	static const struct role roles[] = { { "pop3", 110, "unix:socket" },
		{ NULL, 0, NULL } };
	static const struct exchange server[] = {
		{ NULL, "+OK x\r\n" },
		{ "RETR 1\r\n", "+OK\r\na\r\n..\r\n..b\r\n\r\n.\r\n" },
		{ 0 },
	};
	static const struct values none;
	struct player_options options = { .roles = roles,
		.timeout = 1,
		.values = &none };
	struct buf saved = BUF_INIT;

	ck_assert_int_eq(chdir(folder), 0);
	put_file("dialog",
	    "CONNECT pop3\nS: +OK *\nC: RETR 1\nS: +OK\nS> saved\n");
	pid_t pid = start_server(server);
	ck_assert(play(&options));
	int fd = open("saved", O_RDONLY);
	ck_assert_int_eq(buf_read(&saved, fd, 10000), 0);
	close(fd);
	ck_assert_str_eq(saved.data, "a\n.\n.b\n\n");
	buf_clear(&saved);
	waitpid(pid, NULL, 0);
}
END_TEST

static void
make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
remove_folder(void)
{
	static const char *const names[] = { "dialog", "message", "socket",
		"output", "saved" };

	if (chdir(folder) == 0) {
		for (size_t i = 0; i < COUNT(names); i++)
			unlink(names[i]);
	}
	rmdir(folder);
}

Suite *
dialog_play_suite(void)
{
	Suite *suite = suite_create("dialog_play");
	TCase *tc = tcase_create("play");

	tcase_add_unchecked_fixture(tc, make_folder, remove_folder);
	tcase_add_loop_test(tc, a_dialog_comes_out_or_says_what_differs, 0,
	    (int)COUNT(rows));
	tcase_add_test(tc, a_reply_is_saved_as_it_was_stored);
	suite_add_tcase(suite, tc);
	return suite;
}
