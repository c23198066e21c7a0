/*
 * check_auth_dialog.c - AUTH line by line over a connection, as SMTP and as
 * POP3 word it, against the real helper.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/auth_dialog.h"
#include "common/conn.h"
#include "common/mem.h"
#include "tests/check_auth_world.h"
#include "tests/suites.h"

enum { TEST_SECONDS = 30, CONN_SECONDS = 10 };

/* All that the client says after AUTH, all it hears, and the outcome. */
static const struct {
	const char *prompt;
	const char *argument;
	const char *client;
	const char *server;
	enum auth_result result;
	bool blank;
} cases[] = {
	/* clang-format off */
	/* RFC 4954 4.1, with alice and alice-pass */
	{ "334 ", "PLAIN AGFsaWNlAGFsaWNlLXBhc3M=", "", "", AUTH_SUCCESS, false },
	{ "334 ", "plain", "AGFsaWNlAGFsaWNlLXBhc3M=\r\n", "334 \r\n",
	    AUTH_SUCCESS, false },
	/* RFC 5034 */
	{ "+ ", "PLAIN", "AGFsaWNlAGFsaWNlLXBhc3M=\r\n", "+ \r\n",
	    AUTH_SUCCESS, false },
	/* worksheet 16 */
	{ "334 ", "LOGIN", "YWxpY2U=\r\nYWxpY2UtcGFzcw==\r\n",
	    "334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n", AUTH_SUCCESS, false },
	{ "334 ", "LOGIN YWxpY2U=", "YWxpY2UtcGFzcw==\r\n",
	    "334 UGFzc3dvcmQ6\r\n", AUTH_SUCCESS, false },
	{ "334 ", "LOGIN", "IHN0dWRlbnQ=\r\nYWxpY2UtcGFzcw==\r\n",
	    "334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n", AUTH_FAILED, true },
	{ "334 ", "LOGIN IHN0dWRlbnQ=", "YWxpY2UtcGFzcw==\r\n",
	    "334 UGFzc3dvcmQ6\r\n", AUTH_FAILED, true },
	{ "334 ", "LOGIN", "*\r\n", "334 VXNlcm5hbWU6\r\n",
	    AUTH_CANCELLED, false },
	{ "334 ", "LOGIN", "YWxpY2U=\r\n*\r\n",
	    "334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n", AUTH_CANCELLED, false },
	{ "334 ", "LOGIN", "alice\r\n", "334 VXNlcm5hbWU6\r\n",
	    AUTH_BAD_BASE64, false },
	{ "334 ", "LOGIN", "YWxpY2U=", "334 VXNlcm5hbWU6\r\n",
	    AUTH_GONE, false },
	{ "334 ", "LOGIN alice", "", "", AUTH_BAD_BASE64, false },
	/* "=" is an empty initial response: LOGIN still asks for the name. */
	{ "334 ", "LOGIN =", "*\r\n", "334 VXNlcm5hbWU6\r\n",
	    AUTH_CANCELLED, false },
	{ "334 ", "PLAIN =", "", "", AUTH_MALFORMED, false },
	{ "334 ", "PLAIN", "\r\n", "334 \r\n", AUTH_MALFORMED, false },
	{ "334 ", "CRAM-MD5 YWxpY2U=", "", "", AUTH_MALFORMED, false },
	{ "334 ", "GSSAPI", "", "", AUTH_UNKNOWN, false },
	{ "334 ", "", "", "", AUTH_MALFORMED, false },
	{ "334 ", "PLAIN AA== BB==", "", "", AUTH_MALFORMED, false },
	{ "334 ", "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"
	    "XXXXXXXXXXXXXXXXXXXXXXXXXXXX", "", "", AUTH_UNKNOWN, false },
	/* clang-format on */
};

static void
setup(void)
{
	auth_world_open(false);
}

/* What the server said, all of it. */
static void
read_all(int fd, struct buf *to)
{
	ck_assert_int_eq(buf_read(to, fd, 100000), 0);
	close(fd);
}

static enum auth_result
run(const char *prompt, const char *argument, const void *client, size_t size,
    struct buf *server, bool *blank)
{
	struct auth_dialog dialog = { .start = auth_world_start(NULL),
		.prompt = prompt,
		.argument = argument };
	struct auth *auth;
	struct conn *conn;
	enum auth_result result;
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
			     ends),
	    0);
	conn = conn_open(ends[0], CONN_SECONDS);
	ck_assert_int_eq(write_all(ends[1], client, size), 0);
	ck_assert_int_eq(shutdown(ends[1], SHUT_WR), 0);
	result = auth_dialog(conn, &dialog, &auth);
	if (result == AUTH_SUCCESS)
		ck_assert_str_eq(auth_login(auth), "alice@campus.example");
	auth_end(auth);
	conn_close(conn);
	read_all(ends[1], server);
	*blank = dialog.blank_before_name;
	return result;
}

START_TEST(the_dialog_is_the_one_of_the_rfcs)
{
	struct buf server = BUF_INIT;
	bool blank;

	ck_assert_int_eq(run(cases[_i].prompt, cases[_i].argument,
			     cases[_i].client, strlen(cases[_i].client),
			     &server, &blank),
	    cases[_i].result);
	ck_assert_str_eq(server.data, cases[_i].server);
	ck_assert(blank == cases[_i].blank);
	buf_clear(&server);
}
END_TEST

START_TEST(a_line_over_the_limit_of_rfc_4954_is_told_apart)
{
	struct buf server = BUF_INIT;
	char line[AUTH_LINE_MAX + 3];
	bool blank;

	memset(line, 'A', sizeof(line));
	memcpy(line + AUTH_LINE_MAX + 1, "\r\n", 2);
	ck_assert_int_eq(run("334 ", "PLAIN", line, sizeof(line), &server,
			     &blank),
	    AUTH_LINE_LONG);
	buf_reset(&server);
	memcpy(line + AUTH_LINE_MAX, "\r\n", 2);
	ck_assert_int_eq(run("334 ", "PLAIN", line, AUTH_LINE_MAX + 2, &server,
			     &blank),
	    AUTH_MALFORMED);
	buf_clear(&server);
}
END_TEST

START_TEST(a_control_character_is_no_base64)
{
	struct buf server = BUF_INIT;
	bool blank;

	ck_assert_int_eq(run("+ ", "PLAIN", "AA\0==\r\n", 7, &server, &blank),
	    AUTH_BAD_BASE64);
	ck_assert_int_eq(run("+ ", "PLAIN", "AA==\rBB\r\n", 9, &server, &blank),
	    AUTH_BAD_BASE64);
	buf_clear(&server);
}
END_TEST

Suite *
auth_dialog_suite(void)
{
	Suite *suite = suite_create("auth_dialog");
	TCase *tc = tcase_create("auth_dialog");

	tcase_add_checked_fixture(tc, setup, auth_world_close);
	tcase_set_timeout(tc, TEST_SECONDS);
	tcase_add_loop_test(tc, the_dialog_is_the_one_of_the_rfcs, 0,
	    COUNT(cases));
	tcase_add_test(tc, a_line_over_the_limit_of_rfc_4954_is_told_apart);
	tcase_add_test(tc, a_control_character_is_no_base64);
	suite_add_tcase(suite, tc);
	return suite;
}
