/*
 * check_auth_helper.c - the life of the auth helper: its rights, its limits,
 * sessions that vanish or misbehave, its death.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/auth_limit.h"
#include "common/auth_wire.h"
#include "common/fdpass.h"
#include "common/mem.h"
#include "tests/check_auth_world.h"
#include "tests/suites.h"

enum {
	TEST_SECONDS = 60,
	LEAK = 60 / AUTH_FAILURES_OF_NAME, /* seconds */
};

static void
setup(void)
{
	auth_world_open(false);
}

static void
setup_grants(void)
{
	auth_world_open(true);
}

START_TEST(a_dialog_given_up_leaves_the_others_alone)
{
	struct buf challenge = BUF_INIT;
	struct auth *auth;

	for (int i = 0; i < 600; i++) {
		ck_assert_int_eq(auth_world_begin("LOGIN", "alice", 5, &auth,
				     &challenge),
		    AUTH_CONTINUE);
		auth_end(auth);
	}
	auth_world_check();
	buf_clear(&challenge);
}
END_TEST

START_TEST(a_helper_that_dies_means_later_and_its_successor_serves)
{
	struct buf challenge = BUF_INIT;
	struct auth *auth;

	auth_world_begin("LOGIN", "alice", 5, &auth, &challenge);
	auth_helper_kill();
	ck_assert_int_eq(auth_step(auth, "alice-pass", 10, &challenge),
	    AUTH_LATER);
	auth_end(auth);
	ck_assert_int_eq(auth_world_password("alice", "alice-pass", "::1"),
	    AUTH_LATER);
	auth_helper_start(false);
	auth_world_check();
	buf_clear(&challenge);
}
END_TEST

START_TEST(the_socket_is_for_its_owner_alone)
{
	struct stat st;

	auth_world_check();
	ck_assert_int_eq(lstat("run/test-auth", &st), 0);
	ck_assert(S_ISSOCK(st.st_mode));
	ck_assert_int_eq(st.st_mode & 07777, 0600);
}
END_TEST

/* The helper's own line of /proc/PID/status. */
static void
read_status(const char *key, char value[64])
{
	char path[64];
	char line[256];
	FILE *file;

	value[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/status", (int)auth_helper_pid);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			sscanf(line + strlen(key), ": %63s", value);
	fclose(file);
}

START_TEST(the_helper_is_confined)
{
	char value[64];

	auth_world_check();
	read_status("Seccomp", value);
	ck_assert_str_eq(value, "2");
	read_status("NoNewPrivs", value);
	ck_assert_str_eq(value, "1");
	read_status("CapEff", value);
	ck_assert_str_eq(value, "0000000000000000");
}
END_TEST

static int
raw_connect(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX,
		.sun_path = "run/test-auth" };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	/* The helper may still be starting. */
	for (int i = 0; i < 1500; i++) {
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
			return fd;
		usleep(20 * 1000);
	}
	ck_abort_msg("no helper");
}

static void
send_password(int fd, const char *password, const char *peer)
{
	struct {
		struct wire_request head;
		char data[64];
	} request = { .head = { .kind = WIRE_PASSWORD,
			  .flags = WIRE_TLS,
			  .service = "pop" } };
	size_t name = strlen("alice") + 1;

	ck_assert(
	    copy_string(request.head.peer, sizeof(request.head.peer), peer));
	memcpy(request.data, "alice", name);
	ck_assert(copy_string(request.data + name, sizeof(request.data) - name,
	    password));
	ck_assert_int_eq(fd_send(fd, &request,
			     sizeof(request.head) + name + strlen(password),
			     -1),
	    0);
}

START_TEST(after_twenty_failures_a_name_must_wait_and_no_other)
{
	enum { MORE = 10 }; /* one is forgotten every three seconds */
	int fds[AUTH_FAILURES_OF_NAME + MORE];
	int failed = 0;

	for (size_t i = 0; i < COUNT(fds); i++) {
		fds[i] = raw_connect();
		send_password(fds[i], "guess", "192.0.2.7");
	}
	ck_assert_int_eq(auth_world_password("alice", "alice-pass",
			     "192.0.2.7"),
	    AUTH_TOO_MANY);
	ck_assert_int_eq(auth_world_password("alice", "alice-pass",
			     "192.0.2.8"),
	    AUTH_SUCCESS);
	ck_assert_int_eq(auth_world_password("bob", "bob-pass", "192.0.2.7"),
	    AUTH_SUCCESS);
	for (size_t i = 0; i < COUNT(fds); i++) {
		struct wire_answer answer;

		ck_assert_int_eq(recv(fds[i], &answer, sizeof(answer), 0),
		    sizeof(answer));
		if (answer.result != AUTH_TOO_MANY)
			ck_assert_int_eq(answer.result, AUTH_FAILED);
		failed += answer.result == AUTH_FAILED;
		close(fds[i]);
	}
	ck_assert_int_ge(failed, AUTH_FAILURES_OF_NAME);
}
END_TEST

/* Else 20 failures at ways to write a name would tell whether it exists. */
START_TEST(all_ways_to_type_a_name_are_one_whether_it_exists_or_not)
{
	static const char *const ways[][2] = {
		{ "alice", "ALICE@Campus.Example" },
		{ "carol", "Carol@campus.example" },
		{ "stranger", "STRANGER@Campus.Example" },
	};

	for (size_t i = 0; i < COUNT(ways); i++) {
		time_t begun = time(NULL);
		int failed = 0, refused = 0;

		for (int j = 0; refused < 2; j++) {
			enum auth_result result =
			    auth_world_password(ways[i][j % 2], "guess",
				"192.0.2.7");

			ck_assert(
			    result == AUTH_FAILED || result == AUTH_TOO_MANY);
			failed += result == AUTH_FAILED;
			refused = result == AUTH_FAILED ? 0 : refused + 1;
		}
		ck_assert_int_ge(failed, AUTH_FAILURES_OF_NAME);
		/* Meanwhile some were forgotten. */
		ck_assert_int_le(failed,
		    AUTH_FAILURES_OF_NAME + 1 + (time(NULL) - begun) / LEAK);
	}
}
END_TEST

static void
restart_with_pause(int pause)
{
	auth_helper_kill();
	auth_world_pause = pause;
	auth_helper_start(false);
}

START_TEST(a_failure_is_told_a_second_late)
{
	struct timespec start;
	struct timespec end;

	restart_with_pause(AS_SHIPPED);
	clock_gettime(CLOCK_MONOTONIC, &start);
	ck_assert_int_eq(auth_world_password("alice", "wrong", "::1"),
	    AUTH_FAILED);
	clock_gettime(CLOCK_MONOTONIC, &end);
	ck_assert_int_ge((end.tv_sec - start.tv_sec) * 1000 +
		(end.tv_nsec - start.tv_nsec) / 1000000,
	    999);
}
END_TEST

START_TEST(the_pause_after_a_failure_holds_up_nobody_else)
{
	char byte;
	int fd;

	restart_with_pause(NEVER);
	auth_world_check();
	fd = raw_connect();
	send_password(fd, "guess", "192.0.2.7");
	auth_world_check();
	ck_assert_int_eq(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	close(fd);
}
END_TEST

/* What a session that was taken over might send. */
START_TEST(a_request_out_of_form_ends_its_attempt_only)
{
	struct {
		struct wire_request head;
		char data[16];
	} request = { .head = { .kind = WIRE_START } };
	struct wire_answer answer;
	int fd;

	for (int i = 0; i < 5; i++) {
		size_t size = sizeof(request);

		memset(&request, 0, sizeof(request));
		request.head.kind = i == 0 ? WIRE_STEP : WIRE_START;
		if (i == 1)
			size = 7;
		if (i == 2)
			memset(request.head.mechanism, 'A',
			    sizeof(request.head.mechanism));
		if (i == 3)
			memset(request.head.peer, 'A',
			    sizeof(request.head.peer));
		if (i == 4)
			request.head.kind = 77;
		fd = raw_connect();
		ck_assert_int_eq(fd_send(fd, &request, size, -1), 0);
		/* Closed, or told so: never a challenge, never a success. */
		if (recv(fd, &answer, sizeof(answer), 0) > 0)
			ck_assert_int_eq(answer.result, AUTH_MALFORMED);
		close(fd);
	}
	auth_world_check();
}
END_TEST

START_TEST(five_hundred_wait_and_the_next_is_told_later)
{
	int fds[500];
	struct wire_answer answer;
	int extra;

	for (size_t i = 0; i < COUNT(fds); i++)
		fds[i] = raw_connect();
	extra = raw_connect();
	ck_assert_int_eq(recv(extra, &answer, sizeof(answer), 0),
	    sizeof(answer));
	ck_assert_int_eq(answer.result, AUTH_LATER);
	close(extra);
	for (size_t i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	auth_world_check();
}
END_TEST

START_TEST(success_brings_a_line_to_a_process_of_its_own)
{
	struct auth_start start = auth_world_start(NULL);
	struct auth *auth;
	char text[200] = "";
	char byte;
	int master_end;
	int session_end;
	pid_t worker;

	ck_assert_int_eq(auth_password(&start, "bob", "bob-pass", &auth),
	    AUTH_SUCCESS);
	session_end = auth_take_grant(auth);
	ck_assert_int_ne(session_end, -1);
	ck_assert_int_eq(auth_take_grant(auth), -1);
	auth_end(auth);
	ck_assert_int_gt(fd_receive(auth_helper_channel, text, sizeof(text) - 1,
			     &master_end),
	    0);
	ck_assert_str_eq(text, "bob@campus.example mail/campus.example/bob");
	ck_assert_int_ne(master_end, -1);
	ck_assert_int_eq(write(master_end, "x", 1), 1);
	ck_assert_int_eq(read(session_end, &byte, 1), 1);
	ck_assert_int_eq(byte, 'x');
	close(master_end);
	ck_assert_int_eq(read(session_end, &byte, 1), 0);
	close(session_end);
	/* The master hears whose client that was: in this test, ours. */
	ck_assert_int_eq(fd_receive(auth_helper_channel, &worker,
			     sizeof(worker), &master_end),
	    sizeof(worker));
	ck_assert_int_eq(worker, getpid());
	ck_assert_int_eq(master_end, -1);
	ck_assert_int_eq(auth_password(&start, "bob", "no", &auth),
	    AUTH_FAILED);
	ck_assert_int_eq(auth_take_grant(auth), -1);
	auth_end(auth);
}
END_TEST

Suite *
auth_helper_suite(void)
{
	Suite *suite = suite_create("auth_helper");
	TCase *tc = tcase_create("life");
	TCase *grants = tcase_create("grants");

	tcase_add_checked_fixture(tc, setup, auth_world_close);
	tcase_set_timeout(tc, TEST_SECONDS);
	tcase_add_test(tc, a_dialog_given_up_leaves_the_others_alone);
	tcase_add_test(tc,
	    a_helper_that_dies_means_later_and_its_successor_serves);
	tcase_add_test(tc, the_socket_is_for_its_owner_alone);
	tcase_add_test(tc, the_helper_is_confined);
	tcase_add_test(tc, after_twenty_failures_a_name_must_wait_and_no_other);
	tcase_add_test(tc,
	    all_ways_to_type_a_name_are_one_whether_it_exists_or_not);
	tcase_add_test(tc, a_failure_is_told_a_second_late);
	tcase_add_test(tc, the_pause_after_a_failure_holds_up_nobody_else);
	tcase_add_test(tc, a_request_out_of_form_ends_its_attempt_only);
	tcase_add_test(tc, five_hundred_wait_and_the_next_is_told_later);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(grants, setup_grants, auth_world_close);
	tcase_add_test(grants, success_brings_a_line_to_a_process_of_its_own);
	suite_add_tcase(suite, grants);
	return suite;
}
