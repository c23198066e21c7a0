/*
 * server_pool.c - the master's workers: forked, waiting, serving, gone.
 *
 * A client that meets no waiting worker gets one forked there and then, and
 * the job is in its channel before it has started: a burst costs one fork a
 * client (0.3 ms) and no round of the loop.  The worker that waited last is
 * taken first, so its memory is warm and the surplus shows itself by age.
 *
 * A worker that dies before it said WORKER_READY (a zygote's: at its birth)
 * failed to start; forks are then put off.
 */
#include "common/server_master.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fdpass.h"
#include "common/log.h"

enum {
	SURPLUS_AGE = 60 * 1000, /* milliseconds */
	BACKOFF_FIRST = 250,
	BACKOFF_MAX = 30 * 1000,
	REFILL_MAX = 32, /* forks a round of the loop */
	WORDS_MAX = 2,   /* of a session: ready, and how it ended */
};

static struct worker *
free_slot(struct pool *pool)
{
	size_t old = pool->room;

	for (size_t i = 0; i < old; i++)
		if (pool->workers[i].state == WORKER_FREE)
			return &pool->workers[i];
	pool->room = old == 0 ? 16 : 2 * old;
	pool->workers =
	    xrealloc(pool->workers, pool->room * sizeof(*pool->workers));
	memset(pool->workers + old, 0,
	    (pool->room - old) * sizeof(*pool->workers));
	return &pool->workers[old];
}

static size_t
index_of(const struct master *m, const struct worker *worker)
{
	return (size_t)(worker - m->pool.workers);
}

int
pool_staying(const struct master *m)
{
	return m->pool.live - m->pool.leaving;
}

/*
 * Who is about to end is not in a client's way, whose next session may begin
 * before that end; unless too many have stayed.
 */
static bool
is_full(const struct master *m)
{
	return pool_staying(m) >= m->max_workers ||
	    m->pool.live >= 2 * m->max_workers;
}

static bool
may_fork(const struct master *m)
{
	return !is_full(m) && m->stop_at == 0 &&
	    master_now() >= m->pool.not_before && !crowd_is_enough(m);
}

/* Enters a process that was just forked. */
struct worker *
pool_enter(struct master *m, pid_t pid, int channel, enum worker_state state)
{
	struct worker *worker = free_slot(&m->pool);

	*worker = (struct worker){
		.state = state,
		.pid = pid,
		.process = -1,
		.channel = channel,
		.since = master_now(),
	};
	if (state == WORKER_GRANTED)
		m->pool.granted++;
	else
		m->pool.live++;
	if (state == WORKER_WAITS)
		m->pool.waiting++;
	m->pool.moved = worker->since;
	master_watch(m, channel, EVENT_WORKER, index_of(m, worker));
	return worker;
}

void
pool_set_state(struct master *m, struct worker *worker, enum worker_state state)
{
	int ending;

	m->pool.waiting +=
	    (state == WORKER_WAITS) - (worker->state == WORKER_WAITS);
	m->pool.kept += (state == WORKER_KEPT) - (worker->state == WORKER_KEPT);
	ending = (state == WORKER_ENDS) - (worker->state == WORKER_ENDS);
	m->pool.ending += ending;
	m->pool.leaving += worker->grant == NULL ? ending : 0;
	worker->state = state;
	worker->since = master_now();
	if (state == WORKER_WAITS)
		m->pool.moved = worker->since;
}

void
pool_close_channel(struct master *m, struct worker *worker)
{
	if (worker->channel == -1)
		return;
	master_unwatch(m, worker->channel);
	close(worker->channel);
	worker->channel = -1;
}

void
pool_dismiss(struct master *m, struct worker *worker)
{
	pool_set_state(m, worker, WORKER_ENDS);
	pool_close_channel(m, worker);
}

static void
put_off_forks(struct master *m)
{
	int64_t delay = BACKOFF_FIRST;

	/* Those that were forked together fail together: once is enough. */
	if (master_now() < m->pool.not_before)
		return;
	for (int i = 0; i < m->pool.failures && delay < BACKOFF_MAX; i++)
		delay *= 2;
	m->pool.failures++;
	m->pool.not_before = master_now() + delay;
	log_event(LOG_ERROR, "worker-failed", "what=%s retry_ms=%d",
	    log_safe("a worker could not start"), (int)delay);
}

/* 0, or -1 (logged). */
static int
fork_worker(struct master *m, int channel, struct newborn *newborn_out)
{
	if (m->server->zygote)
		return birth_order(m, channel, newborn_out);
	*newborn_out = (struct newborn){ fork(), 0, -1 };
	if (newborn_out->pid == 0)
		worker_run(m->server, m->config, m->pid, channel);
	return newborn_out->pid == -1 ? log_errno("fork a worker") : 0;
}

static void
has_started(struct master *m, struct worker *worker)
{
	worker->started = true;
	m->pool.failures = 0;
}

static struct worker *
start_worker(struct master *m)
{
	struct newborn newborn;
	struct worker *worker;
	int channel[2];
	int rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) ==
	    -1) {
		log_errno("socket pair for a worker");
		return NULL;
	}
	rc = fork_worker(m, channel[1], &newborn);
	close(channel[1]);
	if (rc == -1) {
		close(channel[0]);
		put_off_forks(m);
		return NULL;
	}
	worker = pool_enter(m, newborn.pid, channel[0], WORKER_WAITS);
	worker->zygote = newborn.zygote;
	worker->process = newborn.process;
	if (newborn.zygote != 0)
		has_started(m, worker);
	return worker;
}

struct worker *
pool_take(struct master *m)
{
	struct worker *latest = NULL;

	for (size_t i = 0; i < m->pool.room && m->pool.waiting > 0; i++) {
		struct worker *worker = &m->pool.workers[i];

		if (worker->state == WORKER_WAITS &&
		    (latest == NULL || worker->since > latest->since))
			latest = worker;
	}
	if (latest == NULL && may_fork(m))
		latest = start_worker(m);
	return latest;
}

int
pool_assign(struct master *m, struct worker *worker, const struct job *job,
    uint64_t client, int fd)
{
	if (fd_send(worker->channel, job, sizeof(*job), fd) == -1) {
		pool_dismiss(m, worker);
		return -1;
	}
	pool_set_state(m, worker, WORKER_SERVES);
	worker->job = *job;
	worker->client = client;
	worker->sessions++;
	return 0;
}

int
pool_count_client(const struct master *m, uint64_t client)
{
	int before = 0; /* the login */
	int spent = 0;
	int granted = 0;

	for (size_t i = 0; i < m->pool.room; i++) {
		const struct worker *worker = &m->pool.workers[i];

		if (worker->client != client)
			continue;
		before += worker->state == WORKER_SERVES && !worker->spent;
		spent += worker->state == WORKER_SERVES && worker->spent;
		granted += worker->state == WORKER_GRANTED;
	}
	/* A session that both have is one (TLS stays with the worker). */
	return before + (spent > granted ? spent : granted);
}

void
pool_message(struct master *m, size_t index)
{
	struct worker *worker = &m->pool.workers[index];
	char word;
	ssize_t n;

	if (worker->channel == -1)
		return;
	if (worker->grant != NULL) {
		grant_message(m, worker);
		return;
	}
	n = recv(worker->channel, &word, 1, MSG_DONTWAIT);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		/* It is gone; waitpid() will tell how. */
		if (worker->state == WORKER_WAITS)
			pool_dismiss(m, worker);
		else
			pool_close_channel(m, worker);
		return;
	}
	if (word == WORKER_READY)
		has_started(m, worker);
	if (word == WORKER_LEAVES)
		pool_dismiss(m, worker);
	if (word == WORKER_IDLE && worker->state == WORKER_SERVES) {
		pool_set_state(m, worker, WORKER_WAITS);
		if (worker->retired || worker->spent || m->stop_at != 0 ||
		    worker->sessions >= worker_sessions(m->server, worker->pid))
			pool_dismiss(m, worker);
	}
}

void
pool_hear(struct master *m)
{
	for (size_t i = 0; i < m->pool.room; i++)
		for (int n = 0; n < WORDS_MAX &&
		     (m->pool.workers[i].state == WORKER_SERVES ||
			 m->pool.workers[i].state == WORKER_GRANTED);
		     n++)
			pool_message(m, i);
}

static void
log_death(const struct master *m, const struct worker *worker, int status)
{
	const char *listener = "-";

	/* A retired one had another configuration, with other numbers. */
	if (worker->state == WORKER_SERVES && !worker->retired)
		listener = m->config->listeners[worker->job.listener].name;
	log_event(LOG_ERROR, "worker-died",
	    "worker=%d how=%s served=%s listener=%s", (int)worker->pid,
	    log_safe(master_describe_exit(status)),
	    worker->state == WORKER_SERVES ? worker->job.peer.address : "-",
	    log_safe(listener));
}

/* It ended badly before it began: the next would as well. */
static bool
has_failed(const struct worker *worker)
{
	if (worker->zygote != 0)
		return worker->sessions == 0 &&
		    master_now() - worker->since < BACKOFF_FIRST;
	return worker->grant == NULL && !worker->started;
}

/* The id of a zygote's that died may be another one's before we hear of it. */
static struct worker *
find_child(struct pool *pool, pid_t zygote, pid_t pid)
{
	for (struct worker *worker = pool->workers;
	     worker < pool->workers + pool->room; worker++)
		if (worker->state != WORKER_FREE && worker->pid == pid &&
		    worker->zygote == zygote)
			return worker;
	return NULL;
}

bool
pool_reap(struct master *m, pid_t zygote, pid_t pid, int status)
{
	struct worker *worker = find_child(&m->pool, zygote, pid);

	if (worker == NULL)
		return false;
	/*
	 * What it said last may still be unread: it asked for another in its
	 * place, which, as it was waited for, may have got its very id.
	 */
	worker->replaced = false;
	pool_message(m, index_of(m, worker));
	if (worker->replaced)
		return true;
	if (status != 0) {
		log_death(m, worker, status);
		if (has_failed(worker))
			put_off_forks(m);
	}
	pool_close_channel(m, worker);
	if (worker->process != -1)
		close(worker->process);
	pool_set_state(m, worker, WORKER_FREE);
	if (worker->grant == NULL)
		m->pool.live--;
	else
		m->pool.granted--;
	free(worker->grant);
	worker->grant = NULL;
	return true;
}

/* Ends the worker that has waited longest, if that is long. */
static void
dismiss_surplus(struct master *m)
{
	int64_t now = master_now();

	for (size_t i = 0; i < m->pool.room; i++) {
		struct worker *worker = &m->pool.workers[i];

		if (m->pool.waiting > m->spare &&
		    worker->state == WORKER_WAITS &&
		    now - worker->since > SURPLUS_AGE)
			pool_dismiss(m, worker);
	}
}

void
pool_refill(struct master *m)
{
	for (int i = 0; i < REFILL_MAX && m->pool.waiting < m->spare; i++)
		if (!may_fork(m) || start_worker(m) == NULL)
			break;
	dismiss_surplus(m);
	grants_tidy(m);
	pool_press(m);
}

bool
pool_is_restless(const struct master *m)
{
	return m->pool.waiting != m->spare || m->pool.ending > 0 ||
	    m->pool.kept > 0;
}
