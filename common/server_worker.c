/*
 * server_worker.c - what a worker does between fork and exit.
 *
 * Children end by _exit(): what the master registered with atexit() is the
 * master's, and its libraries' memory is shared as long as nobody tidies it.
 */
#include "common/server_worker.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/fdpass.h"
#include "common/log.h"
#include "common/server_child.h"
#include "common/server_title.h"
#include "common/tls.h"

enum {
	/* Seconds; a session sets its own at once. */
	FIRST_TIMEOUT = 300,
};

/* To the master; -1 where this is no worker, as in a test. */
static int master_channel = -1;

static const char role_worker[] = "worker";
static const char role_grant[] = "session";

void
server_doing(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	title_show(fmt, args);
	va_end(args);
}

int
worker_sessions(const struct server *server, pid_t pid)
{
	int most = server->sessions == 0 ? WORKER_SESSIONS : server->sessions;

	return most - (int)(pid % (most / 2 + 1));
}

/* 0, or -1 when the master is no longer there. */
static int
say(int channel, enum worker_word word)
{
	char byte = (char)word;

	return send(channel, &byte, 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/*
 * Waits for a job of SIZE bytes and its descriptor.  False when there will be
 * none.  SIGTERM is let through while waiting only, so a job that was sent is
 * always taken.
 */
static bool
next_job(int channel, void *job_out, size_t size, int *fd_out)
{
	struct pollfd wait = { .fd = channel, .events = POLLIN };
	sigset_t open;

	sigprocmask(SIG_SETMASK, NULL, &open);
	sigdelset(&open, SIGTERM);
	while (ppoll(&wait, 1, NULL, &open) == -1)
		if (errno != EINTR || server_stop != 0)
			return false;
	return fd_receive(channel, job_out, size, fd_out) == (ssize_t)size &&
	    *fd_out != -1;
}

static enum served
serve_job(const struct server *server, const struct config *config,
    const struct job *job, int fd)
{
	const struct listener *listener = &config->listeners[job->listener];
	struct conn *conn = conn_open(fd, FIRST_TIMEOUT);
	enum served served;

	server_doing("serving %s", job->peer.address);
	conn_set_stop(conn, &server_stop);
	served = server->serve(conn, listener, &job->peer);
	conn_close(conn);
	return served;
}

void
server_leaves(void)
{
	if (master_channel != -1)
		(void)say(master_channel, WORKER_LEAVES);
}

int
worker_prepare(const struct server *server, const struct config *config)
{
	/* Without it the lesson fails, and not the mail. */
	if (*config->tls_keylog != '\0')
		(void)tls_keylog_open(config->tls_keylog);
	if (server->worker_init != NULL)
		server->worker_init(config);
	return sandbox_enter(server->sandbox);
}

_Noreturn static void
serve_jobs(const struct server *server, const struct config *config)
{
	int most = worker_sessions(server, getpid());
	struct job job;
	int fd;

	master_channel = CHILD_FD;
	for (int sessions = 1; server_stop == 0; sessions++) {
		server_doing("idle");
		if (!next_job(CHILD_FD, &job, sizeof(job), &fd) ||
		    serve_job(server, config, &job, fd) == SERVED_EXIT ||
		    sessions == most || say(CHILD_FD, WORKER_IDLE) == -1)
			break;
	}
	server_leaves();
	_exit(0);
}

_Noreturn void
worker_run(const struct server *server, const struct config *config,
    pid_t master, int channel)
{
	child_begin(server, master,
	    &(struct child){ role_worker, channel, -1, CHILD_STOPS });
	if (worker_prepare(server, config) == -1)
		_exit(1);
	if (say(CHILD_FD, WORKER_READY) == -1)
		_exit(0);
	serve_jobs(server, config);
}

_Noreturn void
worker_born(const struct server *server, const struct config *config,
    pid_t zygote, int channel)
{
	child_born(server, zygote, role_worker, channel);
	if (sandbox_forbid_forks() == -1)
		_exit(1);
	serve_jobs(server, config);
}

_Noreturn void
grant_run(const struct server *server, const struct config *config,
    pid_t master, const struct grant *grant)
{
	int most = worker_sessions(server, getpid());
	int fd = CHILD_FD;
	char word;

	child_begin(server, master,
	    &(struct child){ role_grant, grant->fd, grant->channel,
		CHILD_STOPS });
	for (int sessions = 1; server_stop == 0; sessions++) {
		if (server->serve_grant(config, fd, grant->text) ==
			SERVED_EXIT ||
		    server_stop != 0 || server->grant_kept == 0 ||
		    sessions == most ||
		    say(CHILD_SECOND_FD, WORKER_IDLE) == -1 ||
		    !next_job(CHILD_SECOND_FD, &word, 1, &fd))
			break;
	}
	_exit(0);
}

void
server_begin_anew(int fd)
{
	char byte = (char)WORKER_ANEW;

	_exit(fd_send(CHILD_SECOND_FD, &byte, 1, fd) == -1);
}
