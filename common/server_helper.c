/*
 * server_helper.c - the master's helpers: kept alive, and heard.
 *
 * A helper says two things: a grant, which is a text and a descriptor, and,
 * without one, the process id of a worker whose client has logged in.
 */
#include "common/server_master.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/fdpass.h"
#include "common/libraries.h"
#include "common/log.h"
#include "common/server_child.h"

enum {
	BACKOFF_FIRST = 100, /* milliseconds */
	BACKOFF_MAX = 30 * 1000,
	HEALTHY = 30 * 1000, /* who lived so long begins anew */
	GRANT_TEXT_MAX = 1024,
};

int
server_grant(int channel, int fd, const char *text)
{
	if (strlen(text) > GRANT_TEXT_MAX)
		return log_failure("a grant's text is too long");
	if (fd_send(channel, text, strlen(text), fd) == -1)
		return log_errno("ask the master for a grant");
	return 0;
}

void
server_spent(int channel, pid_t worker)
{
	/* What does not get there is missed only by a worker that lies. */
	(void)send(channel, &worker, sizeof(worker),
	    MSG_DONTWAIT | MSG_NOSIGNAL);
}

_Noreturn static void
run_helper(const struct master *m, const struct helper *helper, int channel)
{
	child_begin(m->server, m->pid,
	    &(struct child){ helper->role, channel, -1, CHILD_DIES });
	_exit(helper->run(m->config, CHILD_FD));
}

static void
put_off(struct helper_process *process)
{
	int64_t delay = BACKOFF_FIRST;

	for (int i = 0; i < process->failures && delay < BACKOFF_MAX; i++)
		delay *= 2;
	process->failures++;
	process->not_before = master_now() + delay;
}

static bool
is_wanted(const struct master *m, size_t i)
{
	const struct helper *helper = &m->server->helpers[i];

	return helper->wanted == NULL || helper->wanted(m->config);
}

static void
start_helper(struct master *m, size_t i)
{
	struct helper_process *process = &m->helpers[i];
	int channel[2];

	process->started = master_now();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) ==
	    -1) {
		log_errno("socket pair for a helper");
		put_off(process);
		return;
	}
	libraries_give(LIBRARIES_ALL);
	process->pid = fork();
	if (process->pid == 0)
		run_helper(m, &m->server->helpers[i], channel[1]);
	libraries_give_usual();
	close(channel[1]);
	if (process->pid == -1) {
		log_errno("fork a helper");
		close(channel[0]);
		process->pid = 0;
		put_off(process);
		return;
	}
	process->channel = channel[0];
	(void)fcntl(channel[0], F_SETFL, O_NONBLOCK);
	master_watch(m, process->channel, EVENT_HELPER, i);
}

void
helpers_start(struct master *m)
{
	m->helpers = xcalloc(m->server->helper_count, sizeof(*m->helpers));
	for (size_t i = 0; i < m->server->helper_count; i++) {
		m->helpers[i].channel = -1;
		if (is_wanted(m, i))
			start_helper(m, i);
	}
}

static void
close_channel(struct master *m, struct helper_process *process)
{
	if (process->channel == -1)
		return;
	master_unwatch(m, process->channel);
	close(process->channel);
	process->channel = -1;
}

void
helper_message(struct master *m, size_t index)
{
	struct helper_process *process = &m->helpers[index];
	char text[GRANT_TEXT_MAX + 1];
	pid_t worker = 0;
	ssize_t n;
	int fd;

	if (process->channel == -1)
		return;
	n = fd_receive(process->channel, text, GRANT_TEXT_MAX, &fd);
	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0) {
		close_channel(m, process);
		return;
	}
	text[n] = '\0';
	if (fd == -1) {
		if (n == sizeof(worker))
			memcpy(&worker, text, sizeof(worker));
		pool_spend(m, worker, process->granted);
		process->granted = 0;
		return;
	}
	process->granted = grant_give(m, fd, text);
	if (process->granted == -1)
		log_event(LOG_WARN, "grant-refused", "for=%s", log_safe(text));
	close(fd);
}

bool
helper_reap(struct master *m, pid_t pid, int status)
{
	for (size_t i = 0; i < m->server->helper_count; i++) {
		struct helper_process *process = &m->helpers[i];

		if (process->pid != pid)
			continue;
		close_channel(m, process);
		process->pid = 0;
		if (m->stop_at != 0)
			return true;
		if (process->expected) {
			process->expected = false;
			process->not_before = 0;
			return true;
		}
		if (master_now() - process->started > HEALTHY)
			process->failures = 0;
		put_off(process);
		log_event(LOG_ERROR, "helper-died",
		    "helper=%d name=%s how=%s retry_ms=%d", (int)pid,
		    m->server->helpers[i].role,
		    log_safe(master_describe_exit(status)),
		    (int)(process->not_before - master_now()));
		return true;
	}
	return false;
}

bool
helpers_restart_due(struct master *m)
{
	bool others = false;

	for (size_t i = 0; i < m->server->helper_count; i++) {
		struct helper_process *process = &m->helpers[i];

		if (process->pid == 0 && !is_wanted(m, i))
			continue;
		if (process->pid == 0 && process->not_before <= master_now())
			start_helper(m, i);
		others = others || process->pid == 0;
	}
	return others;
}

void
helpers_replace(struct master *m)
{
	for (size_t i = 0; i < m->server->helper_count; i++) {
		if (m->helpers[i].pid == 0)
			continue;
		m->helpers[i].expected = true;
		close_channel(m, &m->helpers[i]);
		kill(m->helpers[i].pid, SIGTERM);
	}
}

int
helpers_stop(struct master *m, int signal_number)
{
	int live = 0;

	for (size_t i = 0; i < m->server->helper_count; i++) {
		if (m->helpers[i].pid == 0)
			continue;
		close_channel(m, &m->helpers[i]);
		kill(m->helpers[i].pid, signal_number);
		live++;
	}
	return live;
}
