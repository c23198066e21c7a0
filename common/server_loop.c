/*
 * server_loop.c - the master's loop: events, the dead, the end.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/server_certificates.h"
#include "common/server_master.h"
#include "common/server_notify.h"

enum {
	EVENTS_A_ROUND = 64,
	TICK = 500,                 /* milliseconds, when time brings work */
	SESSIONS_GRACE = 30 * 1000, /* for sessions after SIGTERM */
	DEATHS_GRACE = 2 * 1000,    /* for zygotes to tell of them */
	HELPERS_GRACE = 5 * 1000,
};

int64_t
master_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *
master_describe_exit(int status)
{
	static char text[80];

	if (WIFSIGNALED(status))
		(void)snprintf(text, sizeof(text), "signal %d (%s)",
		    WTERMSIG(status), sigdescr_np(WTERMSIG(status)));
	else
		(void)snprintf(text, sizeof(text), "status %d",
		    WEXITSTATUS(status));
	return text;
}

void
master_watch(struct master *m, int fd, enum event_source source, size_t index)
{
	struct epoll_event event = {
		.events = EPOLLIN,
		.data.u64 = (uint64_t)source << 32 | index,
	};

	if (epoll_ctl(m->events, EPOLL_CTL_ADD, fd, &event) == -1)
		log_errno("watch descriptor %d", fd);
}

void
master_unwatch(struct master *m, int fd)
{
	/* Closing is not enough: a child just forked still has it open. */
	(void)epoll_ctl(m->events, EPOLL_CTL_DEL, fd, NULL);
}

void
master_watch_sockets(struct master *m)
{
	if (m->watched)
		return;
	m->watched = true;
	for (size_t i = 0; i < m->sockets.count; i++)
		master_watch(m, m->sockets.sockets[i].fd, EVENT_CLIENT, i);
}

void
master_unwatch_sockets(struct master *m)
{
	if (!m->watched)
		return;
	m->watched = false;
	for (size_t i = 0; i < m->sockets.count; i++)
		master_unwatch(m, m->sockets.sockets[i].fd);
}

static void
begin_stop(struct master *m)
{
	if (m->stop_at != 0) {
		m->stop_at = master_now(); /* asked twice: no grace */
		return;
	}
	log_event(LOG_INFO, "stopping", "sessions=%d",
	    pool_staying(m) - m->pool.waiting);
	notify_send("STOPPING=1");
	m->stop_at = master_now() + SESSIONS_GRACE;
	master_unwatch_sockets(m);
	listen_close(&m->sockets);
	pool_stop(m, SIGTERM);
}

static void
reap(struct master *m)
{
	int status;
	pid_t pid;

	m->child_ended = false;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!pool_reap(m, 0, pid, status) &&
		    !zygote_reap(m, pid, status))
			(void)helper_reap(m, pid, status);
}

static void
handle_signals(struct master *m)
{
	struct signalfd_siginfo info;

	while (read(m->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			m->child_ended = true;
		else if (info.ssi_signo == SIGHUP && m->stop_at == 0)
			settings_reload(m);
		else if (info.ssi_signo != SIGHUP)
			begin_stop(m);
	}
}

static void
handle_event(struct master *m, uint64_t data)
{
	size_t index = data & UINT32_MAX;

	switch ((enum event_source)(data >> 32)) {
	case EVENT_SIGNAL:
		handle_signals(m);
		break;
	case EVENT_CLIENT:
		accept_clients(m, index);
		break;
	case EVENT_WORKER:
		pool_message(m, index);
		break;
	case EVENT_HELPER:
		helper_message(m, index);
		break;
	case EVENT_ZYGOTE:
		zygote_message(m, index);
		break;
	}
}

/* One round: waits, for at most a tick when time alone brings work. */
static void
turn(struct master *m, bool restless)
{
	struct epoll_event events[EVENTS_A_ROUND];
	int n = epoll_wait(m->events, events, EVENTS_A_ROUND,
	    certificates_tick(crowd_tick(m, restless ? TICK : -1)));

	for (int i = 0; i < n; i++)
		handle_event(m, events[i].data.u64);
	if (m->child_ended)
		reap(m);
	crowd_go_on(m);
}

void
master_serve(struct master *m)
{
	bool restless = true;

	while (m->stop_at == 0) {
		turn(m, restless);
		if (m->stop_at != 0)
			break;
		certificates_look(m);
		restless = helpers_restart_due(m);
		pool_refill(m);
		restless = restless || pool_is_restless(m);
	}
	/* Sessions need the helpers to the last. */
	while (m->pool.live + m->pool.granted > 0) {
		turn(m, true);
		if (master_now() >= m->stop_at)
			pool_stop(m, SIGKILL);
		/* One that is stuck does not tell of those deaths. */
		if (master_now() >= m->stop_at + DEATHS_GRACE)
			(void)zygotes_stop(m, SIGKILL);
	}
	m->stop_at = master_now() + HELPERS_GRACE;
	for (int number = SIGTERM;
	     helpers_stop(m, number) + zygotes_stop(m, number) > 0;) {
		turn(m, true);
		if (master_now() >= m->stop_at)
			number = SIGKILL;
	}
}
