/*
 * server_crowd.c - clients that can wait their turn.
 *
 * The clients of mda are front ends.  A hundred at once get a few workers, one
 * after another, first come first served, and not a worker each: few workers
 * have the mailboxes open and their memory warm, and the last one in the row
 * waits no longer than all together need (docs/PERFORMANCE.md).  They wait in
 * the listening socket's queue.
 *
 * When none of the few gets free for STUCK, they wait for something themselves
 * (a slow disk, an idle client): then the pool grows as it does elsewhere.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "common/log.h"
#include "common/server_master.h"

enum { STUCK = 100 /* milliseconds */ };

/*
 * What workers see of it: shared memory.  The master only writes it, and does
 * not believe it, since a worker that was taken over might write as well.
 */
static volatile sig_atomic_t *shown;

bool
server_is_crowded(void)
{
	return shown != NULL && *shown != 0;
}

void
crowd_init(struct master *m)
{
	void *page;

	if (m->server->workers_a_cpu == 0)
		return;
	m->few = m->server->workers_a_cpu * (int)sysconf(_SC_NPROCESSORS_ONLN);
	page = mmap(NULL, sizeof(*shown), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		panic("no memory");
	shown = page;
}

bool
crowd_is_enough(const struct master *m)
{
	int few = m->few < m->max_workers ? m->few : m->max_workers;

	return few > 0 && pool_staying(m) >= few &&
	    master_now() - m->pool.moved < STUCK;
}

static bool
must_wait(const struct master *m)
{
	return m->pool.waiting == 0 && crowd_is_enough(m);
}

static void
set_crowded(struct master *m, bool crowded)
{
	m->crowded = crowded;
	*shown = crowded;
}

bool
crowd_holds_back(struct master *m)
{
	if (!must_wait(m))
		return false;
	set_crowded(m, true);
	master_unwatch_sockets(m);
	return true;
}

void
crowd_go_on(struct master *m)
{
	if (!m->crowded || m->stop_at != 0 || must_wait(m))
		return;
	set_crowded(m, false);
	for (size_t i = 0; i < m->sockets.count; i++)
		accept_clients(m, i);
	if (!m->crowded)
		master_watch_sockets(m);
}

int
crowd_tick(const struct master *m, int tick)
{
	return m->crowded ? STUCK : tick;
}
