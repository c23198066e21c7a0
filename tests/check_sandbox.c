/*
 * check_sandbox.c - what a worker can still do, tried from inside.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/sandbox.h"
#include "tests/check_folder.h"
#include "tests/check_server_stage.h"
#include "tests/suites.h"

enum { BLOCK = 65536 };

static struct stage stage;

/* There in a build with AddressSanitizer. */
extern void __asan_init(void) __attribute__((weak));

static struct conn *
open_worker(const struct stage_options *options)
{
	struct conn *conn;

	stage_open(&stage, options);
	conn = stage_connect(&stage, "127.0.0.1");
	ck_assert_str_eq(stage_line(conn), "220 127.0.0.1 first");
	return conn;
}

/* Gives an order to the worker and expects its answer. */
static void
ck_order(struct conn *conn, const char *order, const char *answer)
{
	const char *is = stage_ask(conn, order);

	ck_assert_msg(strcmp(is, answer) == 0, "%s: %s", order, is);
}

static void
close_worker(struct conn *conn)
{
	conn_close(conn);
	stage_close(&stage, 20);
}

/* Orders in this sequence, and what the kernel must answer. */
static const struct {
	const char *order;
	const char *answer;
} file_orders[] = {
	/* clang-format off */
	{ "open secrets.sqlite",          "EACCES" },
	{ "write secrets.sqlite",         "EACCES" },
	{ "remove secrets.sqlite",        "EACCES" },
	{ "cut secrets.sqlite",           "EPERM" },
	{ "open postlab.conf",            "EACCES" },
	{ "open /etc/passwd",             "EACCES" },
	{ "open /proc/self/status",       "EACCES" },
	{ "open spool/../secrets.sqlite", "EACCES" },
	{ "open .",                       "EACCES" },
	{ "create outside",               "EACCES" },
	{ "create /tmp/outside",          "EACCES" },
	{ "link outside",                 "EACCES" },
	{ "symlink spool/way-out",        "EPERM" },
	{ "open directory.sqlite",        "ok" },
	{ "write directory.sqlite",       "EACCES" },
	{ "remove directory.sqlite",      "EACCES" },
	{ "open spool",                   "ok" },
	{ "open spool/message",           "ok" },
	{ "write spool/message",          "ok" },
	{ "create spool/new",             "ok" },
	{ "link spool/second",            "ok" },
	{ "remove spool/message",         "ok" },
	{ "folder spool/planted",         "EACCES" },
	{ "folder boxes/alice",           "ok" },
	{ "create boxes/file",            "EACCES" },
	{ "open not-there",               "ENOENT" },
	/* clang-format on */
};

static const struct {
	const char *order;
	const char *answer;
} process_orders[] = {
	/* clang-format off */
	{ "socket 2",   "EPERM" }, /* AF_INET */
	{ "socket 10",  "EPERM" }, /* AF_INET6 */
	{ "socket 16",  "EPERM" }, /* AF_NETLINK */
	{ "socket 17",  "EPERM" }, /* AF_PACKET */
	{ "socket 1",   "ok" },    /* AF_UNIX: this sandbox has SB_CALL_UNIX */
	{ "fork",       "EPERM" },
	{ "kill 1",     "EPERM" },
	{ "code",       "EPERM" }, /* data does not become code */
	/* to a file or a process, by what is open or by its name */
	{ "truncate spool/message",   "EPERM" },
	{ "cut spool/message",        "EPERM" },
	{ "mode directory.sqlite",    "EPERM" },
	{ "times directory.sqlite",   "EPERM" },
	{ "owner 1",                  "EPERM" },
	{ "signal 9",                 "EPERM" },
	{ "bind spool/socket",        "EPERM" },
	/* clang-format on */
};

static const char *const deadly_orders[] = { "exec /bin/true", "ptrace 1" };

START_TEST(a_worker_reaches_the_files_it_was_given_and_no_other)
{
	const struct stage_options options = { 0 };
	struct conn *conn;

	if (sandbox_landlock_abi() < 3)
		return; /* such a kernel cannot refuse all of these */
	conn = open_worker(&options);
	for (size_t i = 0; i < COUNT(file_orders); i++)
		ck_order(conn, file_orders[i].order, file_orders[i].answer);
	close_worker(conn);
}
END_TEST

static void
try_process_orders(struct conn *conn)
{
	for (size_t i = 0; i < COUNT(process_orders); i++)
		ck_order(conn, process_orders[i].order,
		    process_orders[i].answer);
}

START_TEST(a_worker_opens_no_connection_and_makes_no_process)
{
	const struct stage_options options = { 0 };
	struct conn *conn = open_worker(&options);

	try_process_orders(conn);
	close_worker(conn);
}
END_TEST

START_TEST(a_worker_that_would_run_a_program_is_killed_and_the_log_says_so)
{
	const struct stage_options options = { 0 };
	struct conn *conn = open_worker(&options);

	conn_putline(conn, "%s", deadly_orders[_i]);
	ck_assert(stage_is_closed(conn));
	stage_await_log("how=\"signal 31 (Bad system call)\" served=127.0.0.1 "
			"listener=first");
	close_worker(conn);
}
END_TEST

START_TEST(a_worker_cannot_turn_its_connection_to_another_port)
{
	const struct stage_options options = { 0 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct pollfd incoming = { .fd = listener, .events = POLLIN };
	socklen_t size = sizeof(in);
	struct conn *conn;
	void *address = &in;

	if (sandbox_landlock_abi() < 4)
		return;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(listener, address, size), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(getsockname(listener, address, &size), 0);
	conn = open_worker(&options);
	conn_putline(conn, "reconnect %d", ntohs(in.sin_port));
	conn_flush(conn);
	stage_await_log("event=reconnect answer=EACCES");
	ck_assert_int_eq(poll(&incoming, 1, 0), 0);
	close(listener);
	close_worker(conn);
}
END_TEST

/* The value of a line of /proc/PID/FILE. */
static const char *
proc_value(pid_t pid, const char *file, const char *name)
{
	static struct buf text = BUF_INIT;
	static char value[128];
	char path[64];
	const char *at;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_RDONLY);
	ck_assert_int_ne(fd, -1);
	buf_reset(&text);
	ck_assert_int_eq(buf_read(&text, fd, 65536), 0);
	close(fd);
	at = strstr(text.data, name);
	ck_assert_msg(at != NULL, "%s in %s", name, path);
	at += strlen(name);
	at += strspn(at, ": \t");
	(void)snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\n"),
	    at);
	return value;
}

static const struct {
	const char *file;
	const char *name;
	const char *begins;
} marks[] = {
	/* clang-format off */
	{ "status", "CapInh",             "0000000000000000" },
	{ "status", "CapPrm",             "0000000000000000" },
	{ "status", "CapEff",             "0000000000000000" },
	{ "status", "CapAmb",             "0000000000000000" },
	{ "status", "NoNewPrivs",         "1" },
	{ "status", "Seccomp",            "2" },
	{ "limits", "Max core file size", "0                    0 " },
	{ "limits", "Max processes",      "0                    0 " },
	{ "limits", "Max open files",     "32                   32 " },
	/* clang-format on */
};

START_TEST(a_worker_has_no_rights_of_its_own)
{
	const struct stage_options options = { 0 };
	struct conn *conn = open_worker(&options);
	pid_t pid = (pid_t)stage_number(stage_ask(conn, "pid"));

	for (size_t i = 0; i < COUNT(marks); i++) {
		const char *is = proc_value(pid, marks[i].file, marks[i].name);

		ck_assert_msg(strncmp(is, marks[i].begins,
				  strlen(marks[i].begins)) == 0,
		    "%s: %s", marks[i].name, is);
	}
	ck_assert_str_ne(proc_value(pid, "status", "Uid"), "0\t0\t0\t0");
	close_worker(conn);
}
END_TEST

START_TEST(root_is_dropped_for_good_by_master_and_workers)
{
	const struct stage_options options = { 0 };
	struct conn *conn;
	pid_t pid;

	if (geteuid() != 0)
		return; /* nothing to drop */
	conn = open_worker(&options);
	pid = (pid_t)stage_number(stage_ask(conn, "pid"));
	ck_assert_str_eq(proc_value(pid, "status", "Uid"),
	    "65534\t65534\t65534\t65534");
	ck_assert_str_eq(proc_value(stage.master, "status", "Uid"),
	    "65534\t65534\t65534\t65534");
	ck_assert_str_eq(proc_value(stage.master, "status", "Gid"),
	    "65534\t65534\t65534\t65534");
	ck_assert_str_eq(proc_value(stage.master, "status", "Groups"), "");
	ck_assert_str_eq(proc_value(stage.master, "status", "CapBnd"),
	    "0000000000000000");
	ck_assert_str_eq(proc_value(stage.master, "status", "NoNewPrivs"), "1");
	close_worker(conn);
}
END_TEST

START_TEST(a_worker_gets_no_more_memory_and_descriptors_than_it_may)
{
	const struct stage_options options = { 0 };
	struct conn *conn = open_worker(&options);
	int descriptors = stage_number(stage_ask(conn, "descriptors"));

	ck_assert_int_gt(descriptors, 8);
	ck_assert_int_lt(descriptors, 32);
	ck_assert_str_eq(stage_ask(conn, "memory 16"), "ok");
	if (&__asan_init == NULL)
		ck_assert_str_eq(stage_ask(conn, "memory 300"), "ENOMEM");
	close_worker(conn);
}
END_TEST

/* The exit status is the errno with which SIZE bytes cannot be written. */
_Noreturn static void
write_confined(size_t size, const char *log)
{
	static const struct sandbox sandbox = {
		.role = "test",
		.calls = SB_CALL_FILES,
		.files = 16,
		.file_size = BLOCK,
	};
	static const char block[2 * BLOCK];
	int file = open("spool/long", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	dup2(open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), STDERR_FILENO);
	if (file == -1 || sandbox_enter(&sandbox) == -1)
		_exit(255);
	_exit(write_all(file, block, size) == 0 ? 0 : errno);
}

static const struct {
	size_t size;
	const char *log;
	int outcome;
} lengths[] = {
	{ BLOCK, "/dev/null", 0 },
	{ BLOCK + 1, "/dev/null", EFBIG },
	/* The bound would be the log's as well. */
	{ BLOCK + 1, "file.log", 0 },
};

START_TEST(a_file_can_only_get_so_long_and_the_log_longer)
{
	pid_t pid;
	int status;

	folder_enter();
	ck_assert_int_eq(mkdir("spool", 0700), 0);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		write_confined(lengths[_i].size, lengths[_i].log);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), lengths[_i].outcome);
	folder_leave();
}
END_TEST

START_TEST(without_landlock_the_rest_of_the_sandbox_holds_and_it_is_said_once)
{
	const struct stage_options options = { .without_landlock = true };
	struct conn *conn = open_worker(&options);

	try_process_orders(conn);
	ck_assert_str_eq(stage_ask(conn, "open spool/message"), "ok");
	conn_putline(conn, "exec /bin/true");
	ck_assert(stage_is_closed(conn));
	stage_await_log("signal 31 (Bad system call)");
	ck_assert_int_eq(stage_log_count("event=no-landlock"), 1);
	close_worker(conn);
}
END_TEST

START_TEST(root_does_not_serve_from_a_folder_that_is_roots)
{
	const struct stage_options options = { .owned_by_root = true,
		.must_not_start = true };

	if (geteuid() != 0)
		return;
	stage_open(&stage, &options);
	ck_assert_int_eq(stage_wait(&stage, 10), 78);
	stage_await_log("chown -R USER DIR");
	stage_remove(&stage);
}
END_TEST

Suite *
sandbox_suite(void)
{
	Suite *suite = suite_create("sandbox");
	TCase *tc = tcase_create("sandbox");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc,
	    a_worker_reaches_the_files_it_was_given_and_no_other);
	tcase_add_test(tc, a_worker_opens_no_connection_and_makes_no_process);
	tcase_add_loop_test(tc,
	    a_worker_that_would_run_a_program_is_killed_and_the_log_says_so, 0,
	    COUNT(deadly_orders));
	tcase_add_test(tc, a_worker_cannot_turn_its_connection_to_another_port);
	tcase_add_test(tc, a_worker_has_no_rights_of_its_own);
	tcase_add_test(tc, root_is_dropped_for_good_by_master_and_workers);
	tcase_add_test(tc,
	    a_worker_gets_no_more_memory_and_descriptors_than_it_may);
	tcase_add_loop_test(tc, a_file_can_only_get_so_long_and_the_log_longer,
	    0, COUNT(lengths));
	tcase_add_test(tc,
	    without_landlock_the_rest_of_the_sandbox_holds_and_it_is_said_once);
	tcase_add_test(tc, root_does_not_serve_from_a_folder_that_is_roots);
	suite_add_tcase(suite, tc);
	return suite;
}
