/*
 * check_server_life.c - start, reload and end of a daemon.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/mem.h"
#include "common/server.h"
#include "common/server_pidfile.h"
#include "tests/check_server_stage.h"
#include "tests/suites.h"

static const struct stage_options plain = { 0 };
static struct stage stage;

/* Whether somebody listens there. */
static bool
is_open(int port)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool open;

	in.sin_port = htons((uint16_t)port);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	open =
	    connect(fd, (const struct sockaddr *)(void *)&in, sizeof(in)) == 0;
	close(fd);
	return open;
}

static void
await_closed(int port)
{
	for (long end = stage_now() + 30000; is_open(port); stage_sleep(20))
		ck_assert_int_lt(stage_now(), end);
}

START_TEST(a_reload_changes_new_sessions_and_cuts_none_short)
{
	const struct stage_options renamed = {
		.listen = "[server]\nhostname = new.campus.example\n"
	};
	struct conn *old;
	struct conn *new;
	pid_t pid;

	stage_open(&stage, &plain);
	old = stage_greeted(&stage, "127.0.0.1");
	pid = (pid_t)stage_number(stage_ask(old, "pid"));
	stage_reload(&stage, &renamed, "event=reloaded");
	new = stage_greeted(&stage, "127.0.0.1");
	ck_assert_str_eq(stage_ask(new, "hostname"), "new.campus.example");
	ck_assert_str_eq(stage_ask(old, "hostname"), "mail.campus.example");
	ck_assert_str_eq(stage_ask(old, "quit"), "221 bye");
	conn_close(old);
	stage_await_end(pid); /* it is not used again */
	stage_await_children(&stage, "testd: desk", 1);
	ck_assert_int_eq(stage_log_count("event=helper-died"), 0);
	conn_close(new);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(a_bad_configuration_is_named_and_changes_nothing)
{
	const struct stage_options bad = { .smtpd = "workres = 5" };
	struct conn *conn;

	stage_open(&stage, &plain);
	stage_reload(&stage, &bad, "event=not-reloaded");
	ck_assert_int_eq(stage_log_count("postlab.conf:5: "), 1);
	conn = stage_greeted(&stage, "127.0.0.1");
	ck_assert_str_eq(stage_ask(conn, "hostname"), "mail.campus.example");
	conn_close(conn);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(a_reload_opens_and_closes_ports)
{
	const struct stage_options two = {
		.listen =
		    "[listen second]\nprotocol = mta\ntls = off\nport = 26\n"
		    "address = 127.0.0.1\n"
	};
	struct conn *conn;

	stage_open(&stage, &plain);
	ck_assert(!is_open(stage.port + 1));
	conn = stage_greeted(&stage, "127.0.0.1");
	stage_reload(&stage, &two, "event=reloaded");
	ck_assert(is_open(stage.port + 1));
	ck_assert(is_open(stage.port));

	stage_configure(&stage, &plain);
	kill(stage.master, SIGHUP);
	await_closed(stage.port + 1);
	ck_assert_str_eq(stage_ask(conn, "quit"), "221 bye");
	conn_close(conn);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(a_port_that_is_taken_leaves_all_as_it_was)
{
	const struct stage_options taken = {
		.listen =
		    "[listen second]\nprotocol = mta\ntls = off\nport = 26\n"
		    "address = 127.0.0.1\n"
	};
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	stage_open(&stage, &plain);
	in.sin_port = htons((uint16_t)(stage.port + 1));
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)(void *)&in,
			     sizeof(in)),
	    0);
	stage_reload(&stage, &taken, "event=not-reloaded");
	conn_close(stage_greeted(&stage, "127.0.0.1"));
	close(fd);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(an_idle_client_is_told_of_the_end_and_the_end_comes_at_once)
{
	struct conn *conn;
	long start;

	stage_open(&stage, &plain);
	conn = stage_greeted(&stage, "127.0.0.1");
	start = stage_now();
	kill(stage.master, SIGTERM);
	ck_assert_str_eq(stage_line(conn), "421 shutting down");
	ck_assert(stage_is_closed(conn));
	conn_close(conn);
	stage_close(&stage, 20);
	ck_assert_int_lt(stage_now() - start, 20 * 1000);
}
END_TEST

START_TEST(a_command_that_runs_is_finished_before_the_end)
{
	struct conn *conn;

	stage_open(&stage, &plain);
	conn = stage_greeted(&stage, "127.0.0.1");
	conn_putline(conn, "work 4000");
	conn_flush(conn);
	stage_await_children(&stage, "testd: worker: working", 1);
	kill(stage.master, SIGTERM);
	await_closed(stage.port);
	ck_assert(conn_is_quiet(conn));
	ck_assert_str_eq(stage_line(conn), "ok");
	ck_assert_str_eq(stage_line(conn), "421 shutting down");
	conn_close(conn);
	stage_close(&stage, 20);
}
END_TEST

START_TEST(when_the_master_is_killed_nobody_stays_behind)
{
	struct conn *conn;
	pid_t worker;
	pid_t helper = 0;
	int status;

	stage_open(&stage, &plain);
	conn = stage_greeted(&stage, "127.0.0.1");
	worker = (pid_t)stage_number(stage_ask(conn, "pid"));
	stage_await_children(&stage, "testd: desk", 1);
	stage_children(&stage, "testd: desk", &helper);
	kill(stage.master, SIGKILL);
	waitpid(stage.master, &status, 0);
	ck_assert_str_eq(stage_line(conn), "421 shutting down");
	conn_close(conn);
	stage_await_end(worker);
	stage_await_end(helper);
	stage_remove(&stage);
}
END_TEST

START_TEST(a_second_master_in_the_same_folder_is_refused)
{
	stage_open(&stage, &plain);
	ck_assert_int_eq(pidfile_read("testd"), stage.master);
	ck_assert_int_eq(stage_run_second(), 75);
	stage_await_log("testd runs here already, process");
	conn_close(stage_greeted(&stage, "127.0.0.1"));
	stage_close(&stage, 10);
}
END_TEST

START_TEST(a_pid_file_left_by_a_crash_keeps_nobody_out)
{
	struct conn *conn;
	int status;

	stage_open(&stage, &plain);
	kill(stage.master, SIGKILL);
	waitpid(stage.master, &status, 0);
	ck_assert_int_eq(pidfile_read("testd"), 0);
	ck_assert_int_eq(unlink("log"), 0);
	stage_restart(&stage, &plain);
	conn = stage_greeted(&stage, "127.0.0.1");
	ck_assert_int_eq(pidfile_read("testd"), stage.master);
	conn_close(conn);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(a_forged_number_in_the_pid_file_deceives_nobody)
{
	FILE *file;

	stage_open(&stage, &plain);
	ck_assert_ptr_nonnull(file = fopen("run/testd.pid", "w"));
	fputs("1\n", file);
	fclose(file);
	ck_assert_int_eq(pidfile_read("testd"), stage.master);
	stage_close(&stage, 10);
}
END_TEST

START_TEST(a_socket_that_systemd_opened_is_used)
{
	const struct stage_options options = { .pass_socket = true };

	/* Somebody listens on that port already: only theirs can work. */
	stage_open(&stage, &options);
	conn_close(stage_greeted(&stage, "127.0.0.1"));
	stage_close(&stage, 10);
}
END_TEST

/* The next datagram, as a string. */
static const char *
notification(int fd)
{
	static char text[256];
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	ssize_t n;

	ck_assert_int_eq(poll(&ready, 1, 30000), 1);
	n = read(fd, text, sizeof(text) - 1);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	return text;
}

START_TEST(the_supervisor_hears_of_start_reload_and_end)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	char pid[32];

	(void)snprintf(address.sun_path, sizeof(address.sun_path),
	    "/tmp/postlab-check-notify.%d", (int)getpid());
	unlink(address.sun_path);
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address,
			     sizeof(address)),
	    0);
	chmod(address.sun_path, 0777);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	stage_open(&stage, &plain);
	(void)snprintf(pid, sizeof(pid), "MAINPID=%d\n", (int)stage.master);

	const char *text = notification(fd);
	ck_assert(strstr(text, "READY=1\n") != NULL);
	ck_assert(strstr(text, pid) != NULL);
	ck_assert(is_open(stage.port));
	kill(stage.master, SIGHUP);
	ck_assert(strstr(notification(fd), "RELOADING=1\n") != NULL);
	ck_assert(strstr(notification(fd), "READY=1\n") != NULL);
	stage_close(&stage, 10);
	ck_assert(strstr(notification(fd), "STOPPING=1\n") != NULL);
	unlink(address.sun_path);
	close(fd);
}
END_TEST

Suite *
server_life_suite(void)
{
	Suite *suite = suite_create("server_life");
	TCase *tc = tcase_create("life");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_reload_changes_new_sessions_and_cuts_none_short);
	tcase_add_test(tc, a_bad_configuration_is_named_and_changes_nothing);
	tcase_add_test(tc, a_reload_opens_and_closes_ports);
	tcase_add_test(tc, a_port_that_is_taken_leaves_all_as_it_was);
	tcase_add_test(tc,
	    an_idle_client_is_told_of_the_end_and_the_end_comes_at_once);
	tcase_add_test(tc, a_command_that_runs_is_finished_before_the_end);
	tcase_add_test(tc, when_the_master_is_killed_nobody_stays_behind);
	tcase_add_test(tc, a_second_master_in_the_same_folder_is_refused);
	tcase_add_test(tc, a_pid_file_left_by_a_crash_keeps_nobody_out);
	tcase_add_test(tc, a_forged_number_in_the_pid_file_deceives_nobody);
	tcase_add_test(tc, a_socket_that_systemd_opened_is_used);
	tcase_add_test(tc, the_supervisor_hears_of_start_reload_and_end);
	suite_add_tcase(suite, tc);

	tc = tcase_create("born");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, stage_use_zygote, NULL);
	tcase_add_test(tc, a_reload_changes_new_sessions_and_cuts_none_short);
	tcase_add_test(tc,
	    an_idle_client_is_told_of_the_end_and_the_end_comes_at_once);
	tcase_add_test(tc, a_command_that_runs_is_finished_before_the_end);
	tcase_add_test(tc, when_the_master_is_killed_nobody_stays_behind);
	suite_add_tcase(suite, tc);
	return suite;
}
