/*
 * check_desk.c - a helper that answers each question in a process of its own.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/desk.h"
#include "common/sandbox.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

enum { PATIENCE = 20 /* seconds; nobody waits so long */ };

static const struct sandbox_path nothing[] = { { NULL, 0, NULL } };
static const struct sandbox listening = {
	.role = "desk",
	.paths = nothing,
	.calls = SB_CALL_READ | SB_CALL_ACCEPT | SB_CALL_FORK,
	.files = 64,
};
static const struct sandbox answering = {
	.role = "desk",
	.paths = nothing,
	.calls = SB_CALL_READ,
	.files = 64,
};

/* Who answers, who asks, and who looks at it are three processes. */
static volatile int *asked;

static pid_t helper;
static int channel;
static int message;

/* The first word says what it does. */
static int
answer(void *arg, const char *question, int fd, struct buf *to)
{
	char text[16] = "";

	(void)arg;
	if (strcmp(question, "refuse") == 0)
		return -1;
	if (strcmp(question, "crash") == 0)
		__builtin_trap();
	if (strcmp(question, "again") == 0)
		++*asked;
	if (strcmp(question, "sleep") == 0 ||
	    (strcmp(question, "again") == 0 && *asked == 1))
		for (;;)
			pause();
	if (pread(fd, text, sizeof(text) - 1, 0) == -1)
		return -1;
	buf_printf(to, "%s: %s", question, text);
	return 0;
}

static void
start_helper(int seconds, int most)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	helper = fork();
	if (helper == 0) {
		const struct desk desk = {
			.program = "check",
			.role = "desk",
			.sandbox = &listening,
			.answering = &answering,
			.most = most,
			.seconds = seconds,
			.answer = answer,
		};

		close(pair[0]);
		_exit(desk_run(&desk, pair[1]));
	}
	close(pair[1]);
	channel = pair[0];
}

static void
begin_with(int seconds, int most)
{
	folder_enter();
	ck_assert_int_eq(mkdir("run", 0700), 0);
	message = memfd_create("message", 0);
	asked = mmap(NULL, sizeof(*asked), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert((intptr_t)asked != -1);
	ck_assert_int_eq(write(message, "hello", 5), 5);
	start_helper(seconds, most);
	while (access("run/check-desk", F_OK) == -1)
		usleep(1000);
}

static void
begin(void)
{
	begin_with(PATIENCE, 2);
}

static void
end(void)
{
	int status;

	close(channel);
	ck_assert_int_eq(waitpid(helper, &status, 0), helper);
	ck_assert_int_eq(status, 0);
	close(message);
	folder_leave();
}

static int
ask(const char *question, int seconds, struct buf *to)
{
	return desk_ask("check", "desk", question, message, seconds, to);
}

START_TEST(a_question_is_answered)
{
	struct buf text = BUF_INIT;

	for (int i = 0; i < 5; i++) {
		buf_reset(&text);
		ck_assert_int_eq(ask("who", PATIENCE, &text), 0);
		ck_assert_str_eq(text.data, "who: hello");
	}
	buf_clear(&text);
}
END_TEST

START_TEST(one_who_dies_answers_nothing_and_harms_nobody)
{
	struct buf text = BUF_INIT;

	ck_assert_int_eq(ask("crash", PATIENCE, &text), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	ck_assert_int_eq(ask("refuse", PATIENCE, &text), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	ck_assert_int_eq(ask("who", PATIENCE, &text), 0);
	buf_clear(&text);
}
END_TEST

START_TEST(nobody_waits_longer_than_he_likes)
{
	struct buf text = BUF_INIT;

	ck_assert_int_eq(ask("sleep", 1, &text), -1);
	ck_assert_int_eq(errno, ETIMEDOUT);
	buf_clear(&text);
}
END_TEST

START_TEST(who_takes_too_long_is_ended)
{
	struct buf text = BUF_INIT;

	begin_with(1, 2);
	ck_assert_int_eq(ask("sleep", PATIENCE, &text), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	ck_assert_int_eq(ask("who", PATIENCE, &text), 0);
	buf_clear(&text);
	end();
}
END_TEST

START_TEST(who_comes_when_all_are_busy_waits_his_turn)
{
	struct buf text = BUF_INIT;

	begin_with(1, 2);
	ck_assert_int_eq(ask("sleep", 0, &text), -1);
	ck_assert_int_eq(ask("sleep", 0, &text), -1);
	ck_assert_int_eq(ask("who", PATIENCE, &text), 0);
	ck_assert_str_eq(text.data, "who: hello");
	buf_clear(&text);
	end();
}
END_TEST

START_TEST(who_waits_for_his_turn_waits_no_longer_than_he_likes)
{
	struct buf text = BUF_INIT;

	ck_assert_int_eq(ask("sleep", 0, &text), -1);
	ck_assert_int_eq(ask("sleep", 0, &text), -1);
	ck_assert_int_eq(ask("who", 1, &text), -1);
	ck_assert_int_eq(errno, ETIMEDOUT);
	buf_clear(&text);
}
END_TEST

static void
lose_helper(void)
{
	int status;

	kill(helper, SIGKILL);
	ck_assert_int_eq(waitpid(helper, &status, 0), helper);
	close(channel);
}

/* Another process asks.  Its exit status is 0 when it was answered. */
static pid_t
ask_elsewhere(const char *question)
{
	struct buf text = BUF_INIT;
	pid_t asker = fork();

	if (asker == 0)
		_exit(ask(question, PATIENCE, &text) == 0 ? 0 : 1);
	return asker;
}

/* As its master does, which starts it anew. */
START_TEST(a_helper_that_is_started_anew_is_waited_for)
{
	pid_t asker;
	int status;

	lose_helper();
	asker = ask_elsewhere("who");
	usleep(300 * 1000); /* it shall have found nobody */
	start_helper(PATIENCE, 2);
	ck_assert_int_eq(waitpid(asker, &status, 0), asker);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(a_helper_that_goes_while_it_answers_is_asked_once_more)
{
	pid_t asker;
	int status;

	*asked = 0;
	asker = ask_elsewhere("again");
	while (*asked == 0)
		usleep(1000);
	lose_helper();
	start_helper(PATIENCE, 2);
	ck_assert_int_eq(waitpid(asker, &status, 0), asker);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(*asked, 2);
}
END_TEST

START_TEST(without_a_helper_there_is_no_answer)
{
	struct buf text = BUF_INIT;

	ck_assert_int_eq(desk_ask("check", "nobody", "who", message, 1, &text),
	    -1);
	ck_assert_int_eq(errno, ENOENT);
	buf_clear(&text);
}
END_TEST

Suite *
desk_suite(void)
{
	Suite *s = suite_create("desk");
	TCase *tc = tcase_create("desk");
	TCase *hasty = tcase_create("a hasty one");

	tcase_add_checked_fixture(tc, begin, end);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_question_is_answered);
	tcase_add_test(tc, one_who_dies_answers_nothing_and_harms_nobody);
	tcase_add_test(tc, nobody_waits_longer_than_he_likes);
	tcase_add_test(tc,
	    who_waits_for_his_turn_waits_no_longer_than_he_likes);
	tcase_add_test(tc, a_helper_that_is_started_anew_is_waited_for);
	tcase_add_test(tc,
	    a_helper_that_goes_while_it_answers_is_asked_once_more);
	tcase_add_test(tc, without_a_helper_there_is_no_answer);
	suite_add_tcase(s, tc);
	tcase_set_timeout(hasty, 60);
	tcase_add_test(hasty, who_takes_too_long_is_ended);
	tcase_add_test(hasty, who_comes_when_all_are_busy_waits_his_turn);
	suite_add_tcase(s, hasty);
	return s;
}
