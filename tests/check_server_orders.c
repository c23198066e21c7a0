/*
 * check_server_orders.c - what the daemon of the tests tries when it is told.
 *
 * An order is a line "VERB ARGUMENT"; the answer is "ok", the name of an errno
 * or what was asked for.
 */
#include "tests/check_server_orders.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
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

#include "common/fdpass.h"
#include "common/log.h"
#include "common/server_worker.h"
#include "tests/check_server_stage.h"

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

	server_doing("working");
	while (nanosleep(&span, &span) == -1 && errno == EINTR)
		continue;
	return "ok";
}

/* Opens it for writing and at once makes it empty. */
static const char *
order_cut(const char *argument)
{
	return outcome(open(argument, O_WRONLY | O_TRUNC | O_CLOEXEC));
}

/* What one could do to a file that is open for reading. */
static const char *
order_mode(const char *argument)
{
	int fd = open(argument, O_RDONLY | O_CLOEXEC);
	const char *answer = outcome(fchmod(fd, 0));

	close(fd);
	return answer;
}

static const char *
order_times(const char *argument)
{
	int fd = open(argument, O_RDONLY | O_CLOEXEC);
	const char *answer = outcome(futimens(fd, NULL));

	close(fd);
	return answer;
}

/* Would have the kernel send signals to that process. */
static const char *
order_owner(const char *argument)
{
	return outcome(
	    fcntl(client_fd, F_SETOWN, (pid_t)stage_number(argument)));
}

static const char *
order_signal(const char *argument)
{
	return outcome(fcntl(client_fd, F_SETSIG, stage_number(argument)));
}

static const char *
order_bind(const char *argument)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const char *answer;

	(void)copy_string(address.sun_path, sizeof(address.sun_path), argument);
	answer = outcome(bind(fd,
	    (const struct sockaddr *)(const void *)&address, sizeof(address)));
	close(fd);
	return answer;
}

/*
 * As a worker that was taken over: takes every job from this channel and says
 * at once that it is free, and stays whatever it is told.
 */
static const char *
order_haunt(const char *argument)
{
	int channel = stage_number(argument);
	struct job job;
	int fd;

	signal(SIGTERM, SIG_IGN);
	while (send(channel, "i", 1, MSG_NOSIGNAL) == 1 &&
	    fd_receive(channel, &job, sizeof(job), &fd) > 0)
		close(fd);
	while (nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL) == 0)
		continue;
	return "";
}

/*
 * Says that it is about to end, or with a channel that it is free, and goes on
 * with its client until it is killed.
 */
static const char *
order_linger(const char *argument)
{
	signal(SIGTERM, SIG_IGN);
	if (*argument == '\0')
		server_leaves();
	else if (send(stage_number(argument), "i", 1, MSG_NOSIGNAL) != 1)
		return strerrorname_np(errno);
	return "ok";
}

/* As who wants to be held for gone: to a descriptor of its own. */
static const char *
order_close(const char *argument)
{
	return outcome(close(stage_number(argument)));
}

static const char *
order_shut(const char *argument)
{
	return outcome(shutdown(stage_number(argument), SHUT_RDWR));
}

/* What nobody can guess, by GnuTLS. */
static const char *
order_random(const char *argument)
{
	static char text[33];
	unsigned char bytes[16];

	(void)argument;
	if (gnutls_rnd(GNUTLS_RND_NONCE, bytes, sizeof(bytes)) < 0)
		return "?";
	for (size_t i = 0; i < sizeof(bytes); i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return text;
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
	{ "work", order_work },         { "cut", order_cut },
	{ "mode", order_mode },         { "times", order_times },
	{ "owner", order_owner },       { "signal", order_signal },
	{ "bind", order_bind },         { "haunt", order_haunt },
	{ "linger", order_linger },     { "random", order_random },
	{ "close", order_close },       { "shut", order_shut },
};
/* clang-format on */

const char *
order_obey(int fd, char *line)
{
	char *argument = line + strcspn(line, " ");

	client_fd = fd;
	if (*argument != '\0')
		*argument++ = '\0';
	for (size_t i = 0; i < COUNT(orders); i++)
		if (strcmp(line, orders[i].verb) == 0)
			return orders[i].obey(argument);
	return "what?";
}
