/*
 * server_grant.c - the processes of grants: begun, begun anew, kept.
 *
 * A grant gets a process without most libraries, which is cheaper and enough
 * for nearly every login.  One that finds that it needs the rest sends its
 * descriptor back and ends, and another one takes its place.  What it was
 * granted is the master's to remember, so nobody can ask for another's.
 *
 * After its session a process is kept for a moment, for the same grant only:
 * clients often come in bursts, and most of a short session is the begin and
 * the end of its process.
 */
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
#include "common/server_master.h"

/* Forks for TEXT, or with ALL with all libraries.  Its id, or -1. */
static pid_t
fork_process(struct master *m, int fd, const char *text, bool all,
    int *channel_out)
{
	const int type = SOCK_SEQPACKET | SOCK_CLOEXEC;
	int channel[2];
	pid_t pid;

	*channel_out = -1;
	if (socketpair(AF_UNIX, type, 0, channel) == -1)
		return log_errno("socket pair for a grant");
	/* Who was taken over may leave it full. */
	(void)fcntl(channel[0], F_SETFL, O_NONBLOCK);
	libraries_give(all ? LIBRARIES_ALL : LIBRARIES_SOME);
	pid = fork();
	if (pid == 0)
		grant_run(m->server, m->config, m->pid,
		    &(struct grant){ fd, text, channel[1] });
	libraries_give_usual();
	close(channel[1]);
	if (pid == -1) {
		log_errno("fork a worker");
		close(channel[0]);
	}
	*channel_out = channel[0];
	return pid;
}

static struct worker *
find_kept(struct master *m, const char *text)
{
	for (size_t i = 0; i < m->pool.room && m->pool.kept > 0; i++) {
		struct worker *worker = &m->pool.workers[i];

		if (worker->state == WORKER_KEPT &&
		    strcmp(worker->grant, text) == 0)
			return worker;
	}
	return NULL;
}

/* -1 when it has gone. */
static int
give_again(struct master *m, struct worker *worker, int fd)
{
	if (fd_send(worker->channel, "", 1, fd) == -1) {
		pool_dismiss(m, worker);
		return -1;
	}
	pool_set_state(m, worker, WORKER_GRANTED);
	worker->client = 0; /* not known yet: pool_spend() */
	worker->sessions++;
	return 0;
}

/* Who was told to leave is not counted, unless too many have stayed. */
static bool
is_full(const struct master *m)
{
	int serving = 0;

	if (m->pool.granted - m->pool.kept < m->max_workers)
		return false;
	for (size_t i = 0; i < m->pool.room; i++)
		serving += m->pool.workers[i].state == WORKER_GRANTED;
	return serving >= m->max_workers ||
	    m->pool.granted >= 2 * m->max_workers;
}

/* For one more process: of those kept the oldest goes. */
static void
make_room(struct master *m)
{
	struct worker *oldest = NULL;

	if (m->pool.granted < m->max_workers)
		return;
	for (size_t i = 0; i < m->pool.room; i++) {
		struct worker *worker = &m->pool.workers[i];

		if (worker->state == WORKER_KEPT &&
		    (oldest == NULL || worker->since < oldest->since))
			oldest = worker;
	}
	if (oldest != NULL)
		pool_dismiss(m, oldest);
}

pid_t
grant_give(struct master *m, int fd, const char *text)
{
	struct worker *worker;
	int channel;
	pid_t pid;

	if (m->server->serve_grant == NULL || m->stop_at != 0)
		return -1;
	worker = find_kept(m, text);
	if (worker != NULL && give_again(m, worker, fd) == 0)
		return worker->pid;
	if (is_full(m))
		pool_hear(m);
	if (is_full(m))
		return -1;
	make_room(m);
	pid = fork_process(m, fd, text, false, &channel);
	if (pid == -1)
		return -1;
	worker = pool_enter(m, pid, channel, WORKER_GRANTED);
	worker->grant = xstrdup(text);
	worker->whole = libraries_are_whole();
	worker->sessions = 1;
	return pid;
}

/* Helpers speak of a grant by its process, which is another one now. */
static void
rename_grant(struct master *m, pid_t old, pid_t pid)
{
	for (size_t i = 0; i < m->server->helper_count; i++)
		if (m->helpers[i].granted == old)
			m->helpers[i].granted = pid;
}

/* Nobody asks for it any more.  If it was waited for its id is another's. */
static void
end_for_good(pid_t old)
{
	siginfo_t unused;

	if (waitid(P_PID, (id_t)old, &unused, WEXITED | WNOHANG | WNOWAIT) == 0)
		(void)kill(old, SIGKILL);
}

/* The old process must be gone before a fork that might get its id. */
static void
begin_anew(struct master *m, struct worker *worker, int fd)
{
	pid_t old = worker->pid;
	int channel;
	pid_t pid;

	end_for_good(old);
	pid = fork_process(m, fd, worker->grant, true, &channel);
	if (pid == -1)
		return;
	pool_close_channel(m, worker);
	worker->pid = pid;
	worker->replaced = true;
	worker->channel = channel;
	worker->since = master_now();
	worker->whole = true;
	worker->sessions = 1;
	master_watch(m, channel, EVENT_WORKER,
	    (size_t)(worker - m->pool.workers));
	rename_grant(m, old, pid);
}

/* Its session is over.  It counts them as well, if it is what it was. */
static bool
may_be_kept(const struct master *m, const struct worker *worker)
{
	return m->stop_at == 0 && !worker->retired &&
	    worker->sessions < worker_sessions(m->server, worker->pid);
}

void
grant_message(struct master *m, struct worker *worker)
{
	char word;
	int fd;
	ssize_t n = fd_receive(worker->channel, &word, 1, &fd);
	bool fresh = worker->whole && worker->sessions == 1;

	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0) {
		/* It is gone; waitpid() will tell how. */
		pool_dismiss(m, worker);
	} else if (worker->state == WORKER_GRANTED) {
		if (fd != -1 && word == WORKER_ANEW && !fresh &&
		    m->stop_at == 0)
			begin_anew(m, worker, fd);
		if (fd == -1 && word == WORKER_IDLE && may_be_kept(m, worker))
			pool_set_state(m, worker, WORKER_KEPT);
		else if (fd == -1)
			pool_dismiss(m, worker);
	}
	if (fd != -1)
		close(fd);
}

void
grants_tidy(struct master *m)
{
	int64_t now = master_now();

	for (size_t i = 0; i < m->pool.room && m->pool.kept > 0; i++) {
		struct worker *worker = &m->pool.workers[i];

		if (worker->state == WORKER_KEPT &&
		    now - worker->since > m->server->grant_kept)
			pool_dismiss(m, worker);
	}
}
