/*
 * server_leave.c - workers that must go: spent, retired, told to stop.
 *
 * A worker that waits leaves when its channel ends.  One that does not is
 * reminded and then killed: it is not ours any more.
 */
#include <signal.h>
#include <sys/pidfd.h>

#include "common/server_master.h"

enum { LEAVE_SOON = 2 * 1000, LEAVE_NOW = 5 * 1000 }; /* milliseconds */

static struct worker *
find(struct master *m, pid_t pid)
{
	for (size_t i = 0; i < m->pool.room && pid > 0; i++)
		if (m->pool.workers[i].state != WORKER_FREE &&
		    m->pool.workers[i].pid == pid)
			return &m->pool.workers[i];
	return NULL;
}

void
pool_spend(struct master *m, pid_t worker_pid, pid_t granted_pid)
{
	struct worker *worker = find(m, worker_pid);
	struct worker *granted = find(m, granted_pid);

	if (worker == NULL)
		return;
	if (granted != NULL)
		granted->client = worker->client;
	worker->spent = true;
	if (worker->state == WORKER_WAITS)
		pool_dismiss(m, worker);
}

/*
 * A child of ours that has died keeps its id until we wait for it.  A zygote's
 * until we have been told: if not even now, the pidfd has always been its.
 */
static void
signal_worker(struct master *m, const struct worker *worker, int number)
{
	if (worker->zygote == 0) {
		kill(worker->pid, number);
		return;
	}
	zygote_hear(m, worker->zygote);
	if (worker->state != WORKER_FREE)
		(void)pidfd_send_signal(worker->process, number, NULL, 0);
}

void
pool_orphan(struct master *m, pid_t zygote)
{
	for (size_t i = 0; i < m->pool.room; i++) {
		struct worker *worker = &m->pool.workers[i];

		if (worker->state == WORKER_FREE || worker->zygote != zygote)
			continue;
		signal_worker(m, worker, SIGKILL);
		(void)pool_reap(m, zygote, worker->pid, 0);
	}
}

void
pool_press(struct master *m)
{
	for (size_t i = 0; i < m->pool.room && m->pool.ending > 0; i++) {
		struct worker *worker = &m->pool.workers[i];
		int64_t age = master_now() - worker->since;

		if (worker->state != WORKER_ENDS || age < LEAVE_SOON)
			continue;
		signal_worker(m, worker, age < LEAVE_NOW ? SIGTERM : SIGKILL);
	}
}

void
pool_retire(struct master *m)
{
	/* What kept workers from starting may be mended. */
	m->pool.failures = 0;
	m->pool.not_before = 0;
	zygote_retire(m);
	for (size_t i = 0; i < m->pool.room; i++) {
		struct worker *worker = &m->pool.workers[i];

		worker->retired = true;
		if (worker->state == WORKER_WAITS ||
		    worker->state == WORKER_KEPT)
			pool_dismiss(m, worker);
	}
}

void
pool_stop(struct master *m, int signal_number)
{
	for (size_t i = 0; i < m->pool.room; i++) {
		struct worker *worker = &m->pool.workers[i];

		if (worker->state == WORKER_FREE)
			continue;
		if (worker->state == WORKER_WAITS ||
		    worker->state == WORKER_KEPT)
			pool_dismiss(m, worker);
		signal_worker(m, worker, signal_number);
	}
}
