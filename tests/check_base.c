/* check_base.c - buf, log_safe, reply and fdpass. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/fdpass.h"
#include "common/log.h"
#include "common/reply.h"
#include "tests/suites.h"

START_TEST(a_fresh_buf_is_the_empty_string)
{
	struct buf b = BUF_INIT;

	ck_assert_str_eq(b.data, "");
	buf_reset(&b);
	buf_clear(&b);
	ck_assert_str_eq(b.data, "");
}
END_TEST

START_TEST(a_buf_keeps_nul_bytes_and_its_end)
{
	struct buf b = BUF_INIT;

	for (int i = 0; i < 1000; i++)
		buf_add(&b, "a\0b", 3);
	ck_assert_uint_eq(b.size, 3000);
	ck_assert_int_eq(b.data[3000], '\0');
	ck_assert_mem_eq(b.data + 2997, "a\0b", 3);
	buf_drop(&b, 2998);
	ck_assert_mem_eq(b.data, "\0b", 3);
	buf_clear(&b);
}
END_TEST

START_TEST(buf_printf_grows_over_any_room)
{
	struct buf b = BUF_INIT;
	char *text;

	for (int i = 0; i < 100; i++)
		buf_printf(&b, "%03d,", i);
	text = buf_steal(&b);
	ck_assert_uint_eq(strlen(text), 400);
	ck_assert_str_eq(text + 396, "099,");
	ck_assert_uint_eq(b.size, 0);
	free(text);
}
END_TEST

START_TEST(buf_read_stops_at_its_limit_and_says_so)
{
	struct buf b = BUF_INIT;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write_all(fds[1], "0123456789", 10), 0);
	ck_assert_int_eq(buf_read(&b, fds[0], 4), 1);
	ck_assert_str_eq(b.data, "0123");
	close(fds[1]);
	ck_assert_int_eq(buf_read(&b, fds[0], 100), 0);
	ck_assert_str_eq(b.data, "0123456789");
	close(fds[0]);
	buf_clear(&b);
}
END_TEST

/* What a peer sends, and what may stand in a log line for it. */
static const struct {
	const char *from;
	const char *in_log;
} values[] = {
	/* clang-format off */
	{ "plain@x.example", "plain@x.example" },
	{ "",                "\"\"" },
	{ "two words",       "\"two words\"" },
	{ "a\r\nlevel=error", "\"a\\x0D\\x0Alevel=error\"" },
	{ "\033[2J",         "\"\\x1B[2J\"" },
	{ "say \"hi\"",      "\"say \\\"hi\\\"\"" },
	{ "back\\slash",     "\"back\\\\slash\"" },
	{ "\xc3\xa9",        "\"\\xC3\\xA9\"" },
	/* clang-format on */
};

START_TEST(foreign_bytes_cannot_forge_a_log_line)
{
	ck_assert_str_eq(log_safe(values[_i].from), values[_i].in_log);
}
END_TEST

START_TEST(a_long_value_is_cut_in_the_log)
{
	char text[1000];

	memset(text, '\n', sizeof(text));
	ck_assert_uint_eq(strlen(log_safe_bytes(text, sizeof(text))),
	    200 * 4 + 5);
}
END_TEST

static const struct {
	int code;
	const char *text;
	const char *status;
} statuses[] = {
	/* clang-format off */
	{ 452, "4.2.2 Mailbox full",  "4.2.2" },
	{ 250, "2.1.5",               "2.1.5" },
	{ 550, "No such user",        "5.0.0" },
	{ 550, "5.1 odd",             "5.0.0" },
	{ 550, "5.1.1234 too long",   "5.0.0" },
	{ 550, "2.1.5 another class", "5.0.0" },
	{ 450, "",                    "4.0.0" },
	/* clang-format on */
};

START_TEST(the_enhanced_status_comes_from_the_text_or_the_class)
{
	struct reply r = reply(statuses[_i].code, "%s", statuses[_i].text);
	char status[16];

	reply_status(&r, status, sizeof(status));
	ck_assert_str_eq(status, statuses[_i].status);
}
END_TEST

START_TEST(a_descriptor_passes_through_a_socket)
{
	int pair[2];
	int pipes[2];
	int got;
	char data[16];
	char c;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(fd_send(pair[0], "hello", 5, pipes[1]), 0);
	ck_assert_int_eq(fd_send(pair[0], "bare", 4, -1), 0);
	ck_assert_int_eq(fd_receive(pair[1], data, sizeof(data), &got), 5);
	ck_assert_mem_eq(data, "hello", 5);
	ck_assert_int_ne(got, -1);
	ck_assert_int_ne(fcntl(got, F_GETFD) & FD_CLOEXEC, 0);
	ck_assert_int_eq(write_all(got, "x", 1), 0);
	ck_assert_int_eq(read(pipes[0], &c, 1), 1);
	close(got);
	ck_assert_int_eq(fd_receive(pair[1], data, sizeof(data), &got), 4);
	ck_assert_int_eq(got, -1);
	close(pair[0]);
	ck_assert_int_eq(fd_receive(pair[1], data, sizeof(data), &got), 0);
	close(pair[1]);
	close(pipes[0]);
	close(pipes[1]);
}
END_TEST

static void
send_two(int socket, int fd)
{
	const int fds[2] = { fd, fd };
	union {
		struct cmsghdr header; /* for its alignment */
		char data[CMSG_SPACE(sizeof(fds))];
	} control = { 0 };
	char byte = 'x';
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.data,
		.msg_controllen = sizeof(control.data),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(header), fds, sizeof(fds));
	ck_assert_int_eq(sendmsg(socket, &message, 0), 1);
}

/* The lowest number that no descriptor has. */
static int
free_number(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

/* Else a worker that was taken over could fill up whom it talks to. */
START_TEST(of_several_descriptors_one_is_taken)
{
	int pair[2];
	int got, before;
	char c;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	before = free_number();
	send_two(pair[0], STDERR_FILENO);
	ck_assert_int_eq(fd_receive(pair[1], &c, 1, &got), 1);
	if (got != -1)
		close(got);
	ck_assert_int_eq(free_number(), before);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

Suite *
base_suite(void)
{
	Suite *suite = suite_create("base");
	TCase *tc = tcase_create("base");

	tcase_add_test(tc, a_fresh_buf_is_the_empty_string);
	tcase_add_test(tc, a_buf_keeps_nul_bytes_and_its_end);
	tcase_add_test(tc, buf_printf_grows_over_any_room);
	tcase_add_test(tc, buf_read_stops_at_its_limit_and_says_so);
	tcase_add_loop_test(tc, foreign_bytes_cannot_forge_a_log_line, 0,
	    COUNT(values));
	tcase_add_test(tc, a_long_value_is_cut_in_the_log);
	tcase_add_loop_test(tc,
	    the_enhanced_status_comes_from_the_text_or_the_class, 0,
	    COUNT(statuses));
	tcase_add_test(tc, a_descriptor_passes_through_a_socket);
	tcase_add_test(tc, of_several_descriptors_one_is_taken);
	suite_add_tcase(suite, tc);
	return suite;
}
