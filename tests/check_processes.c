/*
 * check_processes.c - titles taken apart, notices of daemons.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/notice.h"
#include "admin/processes.h"
#include "common/mem.h"
#include "common/server_notify.h"
#include "tests/suites.h"

static const struct {
	const char *title;
	const char *program;
	const char *role;
	const char *doing;
} titles[] = {
	/* clang-format off */
	{ "smtpd: master",                      "smtpd", "master", "" },
	{ "smtpd: worker: idle",                "smtpd", "worker", "idle" },
	{ "smtpd: worker: serving 2001:db8::1", "smtpd", "worker", "serving 2001:db8::1" },
	{ "smtpd: queue: to: someone",          "smtpd", "queue",  "to: someone" },
	{ "/usr/sbin/smtpd",                    "/usr/sbin/smtpd", "", "" },
	{ "",                                   "",      "",       "" },
	/* clang-format on */
};

START_TEST(a_title_says_program_role_and_what_it_is_doing)
{
	struct process process;

	process_parse_title(titles[_i].title, &process);
	ck_assert_str_eq(process.program, titles[_i].program);
	ck_assert_str_eq(process.role, titles[_i].role);
	ck_assert_str_eq(process.doing, titles[_i].doing);
}
END_TEST

START_TEST(a_title_too_long_is_cut)
{
	char title[4 * PROCESS_TITLE_SIZE];
	struct process process;

	memset(title, 'x', sizeof(title) - 1);
	title[sizeof(title) - 1] = '\0';
	process_parse_title(title, &process);
	ck_assert_uint_eq(strlen(process.program), PROCESS_TITLE_SIZE - 1);
}
END_TEST

START_TEST(a_notice_comes_with_its_true_sender)
{
	char name[NOTICE_NAME_SIZE];
	int fd = notice_open(name);
	bool ready = false;
	pid_t sender = 0;
	pid_t child;

	ck_assert_int_ne(fd, -1);
	ck_assert(!notice_receive(fd, &sender, &ready));
	setenv("NOTIFY_SOCKET", name, 1);
	child = fork();
	if (child == 0) {
		notify_send("READY=1");
		_exit(0);
	}
	waitpid(child, NULL, 0);
	ck_assert(notice_receive(fd, &sender, &ready));
	ck_assert_int_eq(sender, child);
	ck_assert(ready);

	notify_send("STOPPING=1");
	ck_assert(notice_receive(fd, &sender, &ready));
	ck_assert_int_eq(sender, getpid());
	ck_assert(!ready);
	close(fd);
}
END_TEST

/* What others may send, and whether it says ready. */
static const struct {
	const char *text;
	bool ready;
} notices[] = {
	/* clang-format off */
	{ "READY=1",                 true },
	{ "STATUS=well\nREADY=1\n",  true },
	{ "READY=10",                false },
	{ "STATUS=READY=1",          false },
	{ "",                        false },
	{ "\n\n\n",                  false },
	/* clang-format on */
};

START_TEST(only_a_line_ready_1_says_ready)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char name[NOTICE_NAME_SIZE];
	int fd = notice_open(name);
	int from = socket(AF_UNIX, SOCK_DGRAM, 0);
	size_t length = strlen(name);
	pid_t sender;
	bool ready;

	memcpy(to.sun_path + 1, name + 1, length - 1);
	ck_assert_int_eq(sendto(from, notices[_i].text,
			     strlen(notices[_i].text), 0,
			     (const struct sockaddr *)&to,
			     (socklen_t)(offsetof(struct sockaddr_un,
					     sun_path) +
				 length)),
	    (int)strlen(notices[_i].text));
	ck_assert(notice_receive(fd, &sender, &ready));
	ck_assert_int_eq(ready, notices[_i].ready);
	close(from);
	close(fd);
}
END_TEST

Suite *
processes_suite(void)
{
	Suite *suite = suite_create("processes");
	TCase *tc = tcase_create("processes");

	tcase_add_loop_test(tc, a_title_says_program_role_and_what_it_is_doing,
	    0, COUNT(titles));
	tcase_add_test(tc, a_title_too_long_is_cut);
	tcase_add_test(tc, a_notice_comes_with_its_true_sender);
	tcase_add_loop_test(tc, only_a_line_ready_1_says_ready, 0,
	    COUNT(notices));
	suite_add_tcase(suite, tc);
	return suite;
}
