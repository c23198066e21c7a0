/*
 * up.c - postlab up: the daemons, in the foreground or behind it.
 *
 * With --detach the supervisor is a child in a session of its own whose log is
 * a file; the command waits for its one word over a pipe, and shows what the
 * log says when that does not come.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/account.h"
#include "admin/admin.h"
#include "admin/daemons.h"
#include "admin/shell_word.h"
#include "admin/supervisor.h"
#include "common/buf.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "common/server_pidfile.h"

enum {
	WORD_FD = 3, /* the pipe, in the detached supervisor */
	LOG_SHOWN_MAX = 65536,
};

static const char log_file[] = "log/postlab.log";

/* The first address of LISTENER, as one can type it; free() it. */
static char *
reachable_address(const struct listener *listener)
{
	size_t length = strcspn(listener->address, " \t");
	char *address = xasprintf("%.*s", (int)length, listener->address);

	if (strcmp(address, "0.0.0.0") != 0 && strcmp(address, "::") != 0)
		return address;
	free(address);
	return xstrdup("localhost");
}

static void
print_listener(const struct config *config, const struct listener *listener)
{
	int port = listener->port + config->port_base;
	char *address = reachable_address(listener);

	if (strncmp(address, "unix:", 5) == 0)
		printf("  %-12s %s\n", listener->name, address + 5);
	else if (listener->tls == TLS_IMPLICIT)
		printf("  %-12s openssl s_client -quiet -crlf -connect "
		       "%s:%d\n",
		    listener->name, address, port);
	else
		printf("  %-12s telnet %s %d\n", listener->name, address, port);
	free(address);
}

/* What one can do now. */
static void
print_ready(const struct config *config, bool detached)
{
	char *dir = shell_word(admin_dir());

	/* Where the log is in the same file this one's place is behind. */
	(void)lseek(STDOUT_FILENO, 0, SEEK_END);
	printf("ready: mail for %s\n", config->domain);
	for (size_t i = 0; i < config->listener_count; i++)
		print_listener(config, &config->listeners[i]);
	printf("  %-12s postlab -d %s status\n", "what runs", dir);
	if (detached)
		printf("  %-12s %s/%s\n"
		       "  %-12s postlab -d %s down\n",
		    "log", dir, log_file, "stop", dir);
	else
		printf("  %-12s Ctrl-C\n", "stop");
	free(dir);
	fflush(stdout);
}

static void
ready_in_foreground(const void *arg)
{
	const struct config *config = arg;

	print_ready(config, false);
}

static void
ready_detached(const void *arg)
{
	(void)arg;
	if (write(WORD_FD, "r", 1) == -1)
		log_errno("tell postlab up");
	close(WORD_FD);
}

/* Locks run/postlab.pid.  -1: logged. */
static int
hold_place(const struct config *config)
{
	uid_t uid;
	gid_t gid;

	if (sandbox_find_user(config->user, &uid, &gid) == -1)
		return -1;
	if (mkdir("run", 0700) == 0 && geteuid() == 0 &&
	    lchown("run", uid, gid) == -1)
		log_errno("chown run/");
	return pidfile_lock(supervisor_name, uid, gid);
}

static int
supervise_here(const struct config *config, void (*ready)(const void *arg),
    const void *arg)
{
	int pidfile = hold_place(config);
	int status;

	if (pidfile == -1)
		return EX_TEMPFAIL;
	status = supervise(ready, arg);
	pidfile_release(pidfile);
	return status;
}

/* Opens the log for appending, made for the daemons' user.  -1: said. */
static int
open_log(const struct config *config)
{
	uid_t uid;
	gid_t gid;
	int fd;

	if (sandbox_find_user(config->user, &uid, &gid) == -1)
		return -1;
	if (mkdir("log", 0700) == 0 && geteuid() == 0 &&
	    lchown("log", uid, gid) == -1)
		return admin_error(-1, "chown log/: %s", strerror(errno));
	/* A fifo that nobody reads is a mistake, and not waited for. */
	fd = open(log_file,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
	    0600);
	if (fd == -1 || (geteuid() == 0 && fchown(fd, uid, gid) == -1))
		return admin_error(-1, "%s/%s: %s", admin_dir(), log_file,
		    strerror(errno));
	return fd;
}

_Noreturn static void
run_detached(const struct config *config, int log, int word)
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	if (word != WORD_FD)
		dup2(word, WORD_FD);
	fcntl(WORD_FD, F_SETFD, FD_CLOEXEC);
	closefrom(WORD_FD + 1);
	_exit(supervise_here(config, ready_detached, NULL));
}

/* Shows the lines written to the log since START that say what went wrong. */
static void
show_mistakes(off_t start)
{
	int log = open(log_file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct buf text = BUF_INIT;
	char *rest;
	const char *line;

	if (lseek(log, start, SEEK_SET) == -1 ||
	    buf_read(&text, log, LOG_SHOWN_MAX) == -1)
		goto out;
	for (size_t i = 0; i < text.size; i++)
		if ((unsigned char)text.data[i] < ' ' && text.data[i] != '\n')
			text.data[i] = '?';
	rest = text.data;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0' &&
		    (strstr(line, " level=error ") != NULL ||
			strncmp(line, "time=", 5) != 0))
			fprintf(stderr, "%s\n", line);
out:
	buf_clear(&text);
	if (log != -1)
		close(log);
}

static int
up_detached(const struct config *config)
{
	int log = open_log(config);
	off_t start;
	int word[2];
	char said;
	int status;
	pid_t pid;

	if (log == -1)
		return EX_CANTCREAT;
	start = lseek(log, 0, SEEK_END);
	if (pipe2(word, O_CLOEXEC) == -1)
		return admin_error(EX_OSERR, "pipe: %s", strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		run_detached(config, log, word[1]);
	if (pid == -1)
		return admin_error(EX_OSERR, "fork: %s", strerror(errno));
	close(word[1]);
	if (read(word[0], &said, 1) == 1) {
		print_ready(config, true);
		return EX_OK;
	}
	show_mistakes(start);
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	    WEXITSTATUS(status) != 0)
		return WEXITSTATUS(status);
	return EX_SOFTWARE;
}

/* PID is what runs already. */
static int
refuse_second(pid_t pid)
{
	bool lost = pidfile_read(supervisor_name) == 0;
	char *dir = shell_word(admin_dir());
	int status = admin_error(EX_TEMPFAIL,
	    "it is up already (process %d)%s; to stop it: postlab -d %s down",
	    (int)pid,
	    lost ? " without its supervisor, so stop it and start anew" : "",
	    dir);

	free(dir);
	return status;
}

int
admin_up(int argc, char **argv)
{
	bool detach = argc == 2 && strcmp(argv[1], "--detach") == 0;
	const struct config *config;
	pid_t pid;

	if (argc != 1 && !detach)
		return EX_USAGE;
	config = admin_enter_as_root();
	if (access("/proc/self/exe", F_OK) == -1)
		return admin_error(EX_OSFILE,
		    "/proc is missing, and the daemons need it: "
		    "mount -t proc proc /proc");
	if (daemons_running(&pid) > 0)
		return refuse_second(pid);
	if (accounts_recover(config) == -1)
		return EX_TEMPFAIL;
	if (detach)
		return up_detached(config);
	return supervise_here(config, ready_in_foreground, config);
}
