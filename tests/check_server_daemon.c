/*
 * check_server_daemon.c - the daemon of the tests: workers that obey.
 *
 * An order is a line "VERB ARGUMENT"; the answer is "ok", the name of an errno
 * or what was asked for.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/log.h"
#include "common/server.h"
#include "tests/check_server_stage.h"

enum { MEMORY = 256 << 20, FILES = 32 };

static char hostname[256];
static int client_fd;

/* The answer for a call that returned RC. */
static const char *
outcome(int rc)
{
	if (rc == -1)
		return strerrorname_np(errno);
	if (rc > STDERR_FILENO)
		close(rc);
	return "ok";
}

static const char *
order_open(const char *argument)
{
	return outcome(open(argument, O_RDONLY | O_CLOEXEC));
}

static const char *
order_write(const char *argument)
{
	return outcome(open(argument, O_WRONLY | O_CLOEXEC));
}

static const char *
order_truncate(const char *argument)
{
	return outcome(truncate(argument, 0));
}

static const char *
order_create(const char *argument)
{
	return outcome(open(argument, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static const char *
order_folder(const char *argument)
{
	return outcome(mkdir(argument, 0700));
}

static const char *
order_remove(const char *argument)
{
	return outcome(unlink(argument));
}

static const char *
order_link(const char *argument)
{
	return outcome(link("spool/message", argument));
}

static const char *
order_symlink(const char *argument)
{
	return outcome(symlink("secrets.sqlite", argument));
}

static const char *
order_socket(const char *argument)
{
	return outcome(socket(stage_number(argument), SOCK_STREAM, 0));
}

/*
 * Makes its own connection one to somewhere else.  The answer is in the log,
 * since the client is no longer there to hear it.
 */
static const char *
order_reconnect(const char *argument)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	struct sockaddr_in to = { .sin_family = AF_INET };
	int rc = connect(client_fd, &nowhere, sizeof(nowhere));

	to.sin_port = htons((uint16_t)stage_number(argument));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (rc == 0)
		rc = connect(client_fd,
		    (const struct sockaddr *)(const void *)&to, sizeof(to));
	log_event(LOG_INFO, "reconnect", "answer=%s", outcome(rc));
	return "";
}

static const char *
order_exec(const char *argument)
{
	return outcome(execl(argument, argument, (char *)NULL));
}

static const char *
order_fork(const char *argument)
{
	pid_t pid = fork();

	(void)argument;
	if (pid == 0)
		_exit(0);
	return outcome(pid == -1 ? -1 : 0);
}

static const char *
order_kill(const char *argument)
{
	return outcome(kill((pid_t)stage_number(argument), 0));
}

static const char *
order_ptrace(const char *argument)
{
	return outcome(
	    (int)ptrace(PTRACE_ATTACH, stage_number(argument), 0, 0));
}

/* Takes and touches so many MiB. */
static const char *
order_memory(const char *argument)
{
	size_t size = (size_t)stage_number(argument) << 20;
	char *data = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (data == MAP_FAILED)
		return strerrorname_np(errno);
	munmap(data, size);
	return "ok";
}

static const char *
order_code(const char *argument)
{
	void *data = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)argument;
	return outcome(mprotect(data, 4096, PROT_READ | PROT_EXEC));
}

/* Opens descriptors until that fails; how many there were. */
static const char *
order_descriptors(const char *argument)
{
	static char text[16];
	int opened[1000];
	int n = 0;

	(void)argument;
	while (n < 1000 && (opened[n] = dup(STDERR_FILENO)) != -1)
		n++;
	for (int i = 0; i < n; i++)
		close(opened[i]);
	(void)snprintf(text, sizeof(text), "%d", n);
	return text;
}

static const char *
order_crash(const char *argument)
{
	(void)argument;
	abort();
}

static const char *
order_pid(const char *argument)
{
	static char text[16];

	(void)argument;
	(void)snprintf(text, sizeof(text), "%d", (int)getpid());
	return text;
}

/* Works for so many milliseconds. */
static const char *
order_work(const char *argument)
{
	struct timespec span = { stage_number(argument) / 1000,
		stage_number(argument) % 1000 * 1000000L };

	while (nanosleep(&span, &span) == -1 && errno == EINTR)
		continue;
	return "ok";
}

static const char *
order_hostname(const char *argument)
{
	(void)argument;
	return hostname;
}

/* clang-format off */
static const struct {
	const char *verb;
	const char *(*obey)(const char *argument);
} orders[] = {
	{ "open", order_open },         { "write", order_write },
	{ "truncate", order_truncate }, { "create", order_create },
	{ "remove", order_remove },     { "link", order_link },
	{ "folder", order_folder },
	{ "symlink", order_symlink },   { "socket", order_socket },
	{ "reconnect", order_reconnect }, { "exec", order_exec },
	{ "fork", order_fork },         { "kill", order_kill },
	{ "ptrace", order_ptrace },     { "memory", order_memory },
	{ "code", order_code },         { "descriptors", order_descriptors },
	{ "crash", order_crash },       { "pid", order_pid },
	{ "work", order_work },         { "hostname", order_hostname },
};
/* clang-format on */

static const char *
obey(char *line)
{
	char *argument = line + strcspn(line, " ");

	if (*argument != '\0')
		*argument++ = '\0';
	for (size_t i = 0; i < COUNT(orders); i++)
		if (strcmp(line, orders[i].verb) == 0)
			return orders[i].obey(argument);
	return "what?";
}

static enum served
serve(struct conn *conn, const struct listener *listener,
    const struct peer *peer)
{
	char line[512];

	client_fd = conn_fd(conn);
	conn_set_timeout(conn, 60);
	conn_putline(conn, "220 %s %s", peer->address, listener->name);
	while (conn_getline(conn, line, sizeof(line)) == CONN_LINE) {
		if (strcmp(line, "quit") == 0 || strcmp(line, "login") == 0) {
			conn_putline(conn, "221 bye");
			return *line == 'q' ? SERVED_REUSE : SERVED_EXIT;
		}
		conn_putline(conn, "%s", obey(line));
	}
	if (conn_error(conn) != NULL)
		conn_putline(conn, "421 %s", conn_error(conn));
	return SERVED_REUSE;
}

static void
serve_grant(const struct config *config, int fd, const char *text)
{
	struct conn *conn = conn_open(fd, 60);
	char line[512];

	(void)config;
	conn_set_stop(conn, &server_stop);
	server_doing("serving %s", text);
	conn_putline(conn, "%d %s", (int)getpid(), text);
	while (conn_getline(conn, line, sizeof(line)) == CONN_LINE)
		conn_putline(conn, "%s", obey(line));
	conn_close(conn);
}

/* Who connects to run/desk gets a grant for the line that comes. */
static int
run_helper(const struct config *config, int channel)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = "run/desk" };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[64];
	ssize_t n;
	int fd;

	(void)config;
	unlink(address.sun_path);
	if (bind(listener, (const struct sockaddr *)&address,
		sizeof(address)) == -1 ||
	    listen(listener, 5) == -1)
		return 1;
	while ((fd = accept(listener, NULL, NULL)) != -1) {
		n = read(fd, text, sizeof(text) - 1);
		text[n < 0 ? 0 : n] = '\0';
		server_grant(channel, fd, text);
		close(fd);
	}
	return 1;
}

static void
limits(const struct config *config, int *max_workers, int *spare_workers,
    int *per_address)
{
	*max_workers = config->smtpd_workers;
	*spare_workers = config->smtpd_spare;
	*per_address = config->smtpd_per_address;
}

static void
init_worker(const struct config *config)
{
	(void)copy_string(hostname, sizeof(hostname), config->hostname);
	/* How a worker that cannot start looks. */
	if (strcmp(hostname, "broken.example") == 0)
		_exit(1);
}

static const struct sandbox_path paths[] = {
	{ "directory.sqlite", SB_READ, "who has mail here" },
	{ "spool", SB_ALL, "messages on their way" },
	{ "boxes", SB_READ | SB_MKDIR, "folders" },
	{ "not-there", SB_ALL, "a path may be missing" },
	{ NULL, 0, NULL },
};

static const struct sandbox sandbox = {
	.role = "worker",
	.paths = paths,
	.calls = SB_CALL_FILES | SB_CALL_UNIX,
	.memory = MEMORY,
	.files = FILES,
};

static const struct helper helpers[] = { { "desk", run_helper } };

const struct server test_server = {
	.program = "testd",
	.protocols = { PROTO_MTA },
	.protocol_count = 1,
	.sandbox = &sandbox,
	.helpers = helpers,
	.helper_count = COUNT(helpers),
	.busy_reply = "421 4.3.2 Busy\r\n",
	.limits = limits,
	.worker_init = init_worker,
	.serve = serve,
	.serve_grant = serve_grant,
};
