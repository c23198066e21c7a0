/*
 * supervisor.c - the loop of postlab up.
 */
#include "admin/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "admin/daemons.h"
#include "admin/log_pump.h"
#include "admin/notice.h"
#include "common/log.h"
#include "common/server_notify.h"

enum {
	BACKOFF_FIRST = 1000, /* milliseconds */
	BACKOFF_MAX = 60 * 1000,
	HEALTHY = 60 * 1000,
	START_MAX = 60 * 1000, /* until all ports listen */
	STOP_MAX = 40 * 1000,  /* longer than a daemon takes for its sessions */
	TICK = 250,
};

struct supervised {
	const char *name;
	pid_t pid; /* 0 while it does not run */
	bool ready;
	int failures;
	int64_t started;
	int64_t not_before;
};

struct supervisor {
	struct supervised daemons[DAEMON_COUNT];
	char notify[NOTICE_NAME_SIZE];
	int notices;
	struct log_pump log;
	int signals;
	bool announced; /* that all are ready */
	bool stopping;
	bool child_ended; /* and was not waited for */
	int64_t until;    /* the end of patience, in start and stop */
	int status;
	void (*ready)(const void *arg);
	const void *arg;
};

static int64_t
now_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
signal_daemons(const struct supervisor *s, int number)
{
	for (size_t i = 0; i < DAEMON_COUNT; i++)
		if (s->daemons[i].pid != 0)
			kill(s->daemons[i].pid, number);
}

static int
count_running(const struct supervisor *s)
{
	int running = 0;

	for (size_t i = 0; i < DAEMON_COUNT; i++)
		running += s->daemons[i].pid != 0;
	return running;
}

/* Asked again, the daemons give their sessions no more time. */
static void
stop(struct supervisor *s, int status)
{
	if (!s->stopping) {
		notify_send("STOPPING=1");
		s->status = status;
		s->until = now_milliseconds() + STOP_MAX;
	}
	s->stopping = true;
	signal_daemons(s, SIGTERM);
}

/* Puts its next start off; for so many milliseconds. */
static int
put_off(struct supervised *d)
{
	int64_t delay = BACKOFF_FIRST;

	if (now_milliseconds() - d->started > HEALTHY)
		d->failures = 0;
	for (int i = 0; i < d->failures && delay < BACKOFF_MAX; i++)
		delay *= 2;
	if (delay > BACKOFF_MAX)
		delay = BACKOFF_MAX;
	d->failures++;
	d->not_before = now_milliseconds() + delay;
	return (int)delay;
}

static void
log_death(const struct supervised *d, pid_t pid, int status, int delay)
{
	char how[64];

	if (WIFSIGNALED(status))
		(void)snprintf(how, sizeof(how), "signal %d (%s)",
		    WTERMSIG(status), sigdescr_np(WTERMSIG(status)));
	else
		(void)snprintf(how, sizeof(how), "status %d",
		    WEXITSTATUS(status));
	log_event(LOG_ERROR, "daemon-died",
	    "name=%s daemon=%d how=%s retry_ms=%d", d->name, (int)pid,
	    log_safe(how), delay);
}

static void
bury(struct supervisor *s, struct supervised *d, int status)
{
	pid_t pid = d->pid;

	d->pid = 0;
	d->ready = false;
	if (s->stopping)
		return;
	if (!s->announced) {
		int own = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

		log_failure("%s could not start", d->name);
		stop(s, own == 0 ? EX_SOFTWARE : own);
		return;
	}
	log_death(d, pid, status, put_off(d));
}

static void
reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	s->child_ended = false;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < DAEMON_COUNT; i++)
			if (s->daemons[i].pid == pid)
				bury(s, &s->daemons[i], status);
}

static void
start_due(struct supervisor *s)
{
	for (size_t i = 0; i < DAEMON_COUNT && !s->stopping; i++) {
		struct supervised *d = &s->daemons[i];
		int64_t now = now_milliseconds();
		pid_t pid;

		if (d->pid != 0 || d->not_before > now)
			continue;
		d->started = now;
		pid = daemon_start(d->name, s->notify);
		if (pid == -1)
			(void)put_off(d);
		else
			d->pid = pid;
	}
}

static void
hear_notices(struct supervisor *s)
{
	pid_t sender;
	bool ready;
	bool all = true;

	while (notice_receive(s->notices, &sender, &ready)) {
		for (size_t i = 0; i < DAEMON_COUNT; i++)
			if (s->daemons[i].pid == sender && ready)
				s->daemons[i].ready = true;
	}
	for (size_t i = 0; i < DAEMON_COUNT; i++)
		all = all && s->daemons[i].ready;
	if (!all || s->announced || s->stopping)
		return;
	s->announced = true;
	log_event(LOG_INFO, "ready", "");
	notify_send("READY=1"); /* systemd, if it runs us */
	s->ready(s->arg);
}

static void
hear_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD) {
			s->child_ended = true;
			continue;
		}
		/* The terminal went away: nobody sees the log any more. */
		if (info.ssi_signo == SIGHUP && info.ssi_code != SI_KERNEL)
			signal_daemons(s, SIGHUP);
		else
			stop(s, EX_OK);
	}
}

/* What time brings: the end of patience. */
static void
check_time(struct supervisor *s)
{
	if (now_milliseconds() < s->until)
		return;
	if (s->stopping) {
		signal_daemons(s, SIGKILL);
	} else if (!s->announced) {
		log_failure("the daemons are not ready after %d s",
		    START_MAX / 1000);
		stop(s, EX_SOFTWARE);
	}
}

static int
take_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int
open_all(struct supervisor *s)
{
	s->signals = take_signals();
	if (s->signals == -1)
		return log_errno("signalfd");
	s->notices = notice_open(s->notify);
	if (s->notices == -1)
		return -1;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTTOU, SIG_IGN); /* the log goes to a terminal all the same */
	return log_pump_open(&s->log);
}

/* Waits for what comes, for a tick at most; most of it is the log. */
static void
serve_events(struct supervisor *s)
{
	struct pollfd events[] = {
		{ .fd = s->signals, .events = POLLIN },
		{ .fd = s->notices, .events = POLLIN },
		{ .fd = s->log.in, .events = POLLIN },
		{ .fd = s->log.stuck ? s->log.out : -1, .events = POLLOUT },
	};

	if (poll(events, COUNT(events), TICK) == -1)
		return;
	log_pump_turn(&s->log);
	if (events[1].revents != 0)
		hear_notices(s);
	if (events[0].revents != 0)
		hear_signals(s);
	if (s->child_ended)
		reap(s);
}

int
supervise(void (*ready)(const void *arg), const void *arg)
{
	struct supervisor s = {
		.ready = ready,
		.arg = arg,
		.until = now_milliseconds() + START_MAX,
	};

	if (open_all(&s) == -1)
		return EX_OSERR;
	for (size_t i = 0; i < DAEMON_COUNT; i++)
		s.daemons[i].name = daemon_names[i];
	do {
		start_due(&s);
		serve_events(&s);
		check_time(&s);
	} while (!s.stopping || count_running(&s) > 0);
	log_pump_close(&s.log);
	close(s.notices);
	close(s.signals);
	return s.status;
}
