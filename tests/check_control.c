/*
 * check_control.c - who may ask the queue manager what, and what hostile
 * callers cannot do to it.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "smtpd/control.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

#define ID "3F2A9C01B7D4E5"
#define L64 "0123456789012345678901234567890123456789012345678901234567890123"
#define L512 L64 L64 L64 L64 L64 L64 L64 L64

/* SUBJECT NULL: it is no request. */
static const struct {
	const char *text;
	size_t size; /* 0: its length */
	enum queue_verb verb;
	const char *subject;
	bool below, all;
} requests[] = {
	/* clang-format off */
	{ "flush campus.example", 0, QUEUE_FLUSH, "campus.example", false, false },
	{ "flush @campus.example", 0, QUEUE_FLUSH, "campus.example", true, false },
	{ "list alice@campus.example", 0, QUEUE_LIST, "alice@campus.example", false, false },
	{ "list uid=1000", 0, QUEUE_LIST, "uid=1000", false, false },
	{ "retry " ID, 0, QUEUE_RETRY, ID, false, false },
	{ "retry all", 0, QUEUE_RETRY, "", false, true },
	{ "look " ID, 0, QUEUE_LOOK, ID, false, false },
	{ "look all", 0, QUEUE_LOOK, "", false, true },
	/* what only the operator may do is no request at all */
	{ "hold " ID, 0, 0, NULL, false, false },
	{ "release " ID, 0, 0, NULL, false, false },
	{ "delete " ID, 0, 0, NULL, false, false },
	{ "delete all", 0, 0, NULL, false, false },
	{ "bounce all", 0, 0, NULL, false, false },
	/* nor is anything else */
	{ "", 0, 0, NULL, false, false },
	{ " ", 0, 0, NULL, false, false },
	{ "flush", 0, 0, NULL, false, false },
	{ "flush ", 0, 0, NULL, false, false },
	{ "flush @", 0, 0, NULL, false, false },
	{ "flush @@campus.example", 0, 0, NULL, false, false },
	{ "flush #campus.example", 0, 0, NULL, false, false },
	{ "flush campus.example ", 0, 0, NULL, false, false },
	{ "flush campus.example\n", 0, 0, NULL, false, false },
	{ "flush campus..example", 0, 0, NULL, false, false },
	{ "flush ../queue", 0, 0, NULL, false, false },
	{ "flush \xff\xfe", 0, 0, NULL, false, false },
	{ "flush " L512, 0, 0, NULL, false, false },
	{ "Flush campus.example", 0, 0, NULL, false, false },
	{ "flush\tcampus.example", 0, 0, NULL, false, false },
	{ "list ", 0, 0, NULL, false, false },
	{ "list alice bob", 0, 0, NULL, false, false },
	{ "list alice\nbob", 0, 0, NULL, false, false },
	{ "list \x7f", 0, 0, NULL, false, false },
	{ "list " L512, 0, 0, NULL, false, false },
	{ "retry", 0, 0, NULL, false, false },
	{ "retry 3f2a9c01b7d4e5", 0, 0, NULL, false, false },
	{ "retry ../manager.loc", 0, 0, NULL, false, false },
	{ "retry ALL", 0, 0, NULL, false, false },
	{ "look 3F2A9C01B7D4E", 0, 0, NULL, false, false },
	{ "look 3F2A9C01B7D4E55", 0, 0, NULL, false, false },
	{ "look " ID " ", 0, 0, NULL, false, false },
	{ "retry all\0", 10, 0, NULL, false, false },
	{ "retry \0all", 10, 0, NULL, false, false },
	/* clang-format on */
};

START_TEST(a_request_is_understood_or_refused)
{
	size_t size = requests[_i].size == 0 ? strlen(requests[_i].text)
					     : requests[_i].size;
	struct queue_request request;
	bool good = queue_request_parse(requests[_i].text, size, &request);

	ck_assert_msg(good == (requests[_i].subject != NULL), "%s",
	    requests[_i].text);
	if (!good)
		return;
	ck_assert_int_eq(request.verb, requests[_i].verb);
	ck_assert_str_eq(request.subject, requests[_i].subject);
	ck_assert_int_eq(request.below, requests[_i].below);
	ck_assert_int_eq(request.all, requests[_i].all);
}
END_TEST

static void
make_world(void)
{
	folder_enter();
	ck_assert_int_eq(mkdir("run", 0711), 0);
}

/* What is asked for comes back, so that a test sees it was heard. */
static void
echo(void *arg, const struct queue_request *request, struct buf *answer)
{
	int *answers = arg;

	++*answers;
	buf_printf(answer, "ok %s", request->subject);
}

static const struct control_desk silent = { .answer = echo };

/* Serves until nobody has anything to say for 50 ms.  How many were answered.
 */
static int
serve(struct control *control)
{
	struct pollfd polls[CONTROL_POLLS];
	int answers = 0;
	struct control_desk desk = { silent.answer, &answers };

	for (;;) {
		size_t n = control_poll(control, polls);

		if (poll(polls, n, 50) == 0)
			return answers;
		control_serve(control, polls, &desk);
	}
}

static int
call(void)
{
	static const struct sockaddr_un to = {
		.sun_family = AF_UNIX,
		.sun_path = QUEUE_SOCKET,
	};
	int fd =
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(connect(fd, (const struct sockaddr *)&to, sizeof(to)),
	    0);
	return fd;
}

static void
ck_answer(int fd, const char *expected)
{
	char answer[QUEUE_ANSWER_MAX];
	ssize_t n = recv(fd, answer, sizeof(answer) - 1, 0);

	ck_assert_int_ge(n, 0);
	answer[n] = '\0';
	ck_assert_str_eq(answer, expected);
}

START_TEST(a_caller_has_one_request_and_one_answer)
{
	struct control control;
	struct stat st;
	int fd;

	ck_assert_int_eq(control_open(&control), 0);
	ck_assert_int_eq(stat(QUEUE_SOCKET, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	fd = call();
	ck_assert_int_eq(send(fd, "retry " ID, 20, 0), 20);
	ck_assert_int_eq(serve(&control), 1);
	ck_answer(fd, "ok " ID);
	ck_assert_uint_eq(control.count, 0);
	close(fd);
	control_close(&control);
}
END_TEST

START_TEST(what_is_no_request_is_told_so)
{
	struct control control;
	char large[4 * QUEUE_REQUEST_MAX];
	int fd;

	ck_assert_int_eq(control_open(&control), 0);
	fd = call();
	ck_assert_int_eq(send(fd, "delete all", 10, 0), 10);
	ck_assert_int_eq(serve(&control), 0);
	ck_answer(fd, "no");
	close(fd);
	fd = call();
	memset(large, 'a', sizeof(large));
	memcpy(large, "list ", 5);
	ck_assert_int_eq(send(fd, large, sizeof(large), 0), sizeof(large));
	ck_assert_int_eq(serve(&control), 0);
	ck_answer(fd, "no");
	close(fd);
	control_close(&control);
}
END_TEST

START_TEST(silent_callers_keep_nobody_from_being_heard)
{
	enum { SILENT = 3 * CONTROL_CALLERS };
	struct control control;
	int fds[SILENT];
	int fd;

	ck_assert_int_eq(control_open(&control), 0);
	for (size_t i = 0; i < SILENT; i++)
		fds[i] = call();
	fd = call();
	ck_assert_int_eq(send(fd, "look all", 8, 0), 8);
	ck_assert_int_eq(serve(&control), 1);
	ck_answer(fd, "ok ");
	ck_assert_uint_le(control.count, CONTROL_CALLERS);
	/* And they do not stay. */
	ck_assert_int_ge(control_wait(&control), 0);
	ck_assert_int_le(control_wait(&control), 10 * 1000);
	sleep(3);
	ck_assert_int_eq(control_wait(&control), 0);
	close(fd);
	fd = call();
	ck_assert_int_eq(serve(&control), 0);
	ck_assert_uint_le(control.count, 1);
	close(fd);
	for (size_t i = 0; i < SILENT; i++)
		close(fds[i]);
	control_close(&control);
}
END_TEST

START_TEST(who_leaves_without_his_answer_harms_nobody)
{
	struct control control;
	int fd;

	ck_assert_int_eq(control_open(&control), 0);
	for (int i = 0; i < 100; i++) {
		fd = call();
		ck_assert_int_eq(send(fd, "look all", 8, 0), 8);
		close(fd);
		if (i % 10 == 0)
			(void)serve(&control);
	}
	(void)serve(&control);
	ck_assert_uint_eq(control.count, 0);
	control_close(&control);
}
END_TEST

/* Only root can try: as somebody else, though the file's mode would let him. */
START_TEST(another_user_is_not_heard)
{
	struct control control;
	int status;
	pid_t pid;

	if (geteuid() != 0)
		return;
	ck_assert_int_eq(control_open(&control), 0);
	ck_assert_int_eq(chmod(QUEUE_SOCKET, 0666), 0);
	ck_assert_int_eq(chmod(".", 0711), 0);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		struct buf answer = BUF_INIT;

		if (setresuid(65534, 65534, 65534) == -1)
			_exit(2);
		_exit(queue_ask("retry", "all", &answer) == -1 ? 0 : 1);
	}
	while (waitpid(pid, &status, WNOHANG) == 0)
		ck_assert_int_eq(serve(&control), 0);
	ck_assert_int_eq(status, 0);
	control_close(&control);
}
END_TEST

START_TEST(where_nobody_listens_there_is_no_answer)
{
	struct buf answer = BUF_INIT;
	struct control control;

	ck_assert_int_eq(queue_ask("retry", "all", &answer), -1);
	ck_assert_int_eq(control_open(&control), 0);
	control_close(&control);
	/* The file is there, and nobody behind it. */
	ck_assert_int_eq(queue_ask("retry", "all", &answer), -1);
	ck_assert_uint_eq(answer.size, 0);
	buf_clear(&answer);
}
END_TEST

Suite *
control_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *tc = tcase_create("control");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, make_world, folder_leave);
	tcase_add_loop_test(tc, a_request_is_understood_or_refused, 0,
	    COUNT(requests));
	tcase_add_test(tc, a_caller_has_one_request_and_one_answer);
	tcase_add_test(tc, what_is_no_request_is_told_so);
	tcase_add_test(tc, silent_callers_keep_nobody_from_being_heard);
	tcase_add_test(tc, who_leaves_without_his_answer_harms_nobody);
	tcase_add_test(tc, another_user_is_not_heard);
	tcase_add_test(tc, where_nobody_listens_there_is_no_answer);
	suite_add_tcase(suite, tc);
	return suite;
}
