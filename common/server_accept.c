/*
 * server_accept.c - clients come in and go to a worker, or away.
 *
 * The master writes one thing to a client, the busy reply, and reads nothing.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/server_master.h"
#include "common/server_owner.h"
#include "common/server_peer.h"

enum {
	BATCH = 64, /* clients of one socket before others have their turn */
	REFUSAL_LOG_INTERVAL = 1000, /* milliseconds */
	/* Nothing can be accepted: the loop must not spin meanwhile. */
	PAUSE_NANOSECONDS = 20 * 1000 * 1000,
};

static void
log_refusal(struct master *m, const struct peer *peer, const char *why)
{
	int64_t now = master_now();

	m->refusals.count++;
	if (m->refusals.logged != 0 &&
	    now - m->refusals.logged < REFUSAL_LOG_INTERVAL)
		return;
	log_event(LOG_WARN, "refused", "%s why=%s clients=%u", peer_log(peer),
	    why, m->refusals.count);
	m->refusals.logged = now;
	m->refusals.count = 0;
}

static void
refuse(struct master *m, const struct listen_socket *socket, int fd,
    const struct peer *peer, const char *why)
{
	const char *text = m->server->busy_reply;

	log_refusal(m, peer, why);
	if (text != NULL && !socket->implicit_tls)
		(void)send(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static bool
has_too_many(struct master *m, uint64_t client)
{
	return client != 0 && pool_count_client(m, client) >= m->per_address;
}

/* Gives the client to a worker.  Why not, or NULL. */
static const char *
place(struct master *m, const struct job *job, uint64_t client, int fd)
{
	struct worker *worker;

	if (has_too_many(m, client))
		pool_hear(m);
	if (has_too_many(m, client))
		return "per-address";
	do {
		worker = pool_take(m);
		if (worker == NULL) {
			pool_hear(m);
			worker = pool_take(m);
		}
		if (worker == NULL)
			return "busy";
	} while (pool_assign(m, worker, job, client, fd) == -1);
	return NULL;
}

static void
receive_client(struct master *m, const struct listen_socket *socket, int fd,
    const struct sockaddr_storage *address)
{
	const char *why;
	struct job job;

	memset(&job, 0, sizeof(job));
	job.listener = socket->listener;
	peer_from_address(address, &job.peer);
	job.peer.uid = owner_find(m->kernel, fd, address);
	why = place(m, &job, peer_client(address), fd);
	if (why != NULL)
		refuse(m, socket, fd, &job.peer, why);
	close(fd);
}

/* Whether accept() failed for a reason that stays; waits a moment then. */
static bool
is_stuck(struct master *m)
{
	const struct peer nobody = { .address = "-", .uid = OWNER_UNKNOWN };

	if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS &&
	    errno != ENOMEM)
		return false;
	log_refusal(m, &nobody, strerrorname_np(errno));
	(void)nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NANOSECONDS },
	    NULL);
	return true;
}

void
accept_clients(struct master *m, size_t index)
{
	/* A reload in this round of the loop may have left fewer sockets. */
	if (index >= m->sockets.count)
		return;
	for (int i = 0; i < BATCH; i++) {
		struct sockaddr_storage address = { 0 };
		socklen_t size = sizeof(address);
		void *to = &address;

		if (crowd_holds_back(m))
			break;

		int fd = accept4(m->sockets.sockets[index].fd, to, &size,
		    SOCK_CLOEXEC);

		if (fd == -1) {
			/* All else is about that one client: the next. */
			if (errno == EAGAIN || is_stuck(m))
				break;
			continue;
		}
		receive_client(m, &m->sockets.sockets[index], fd, &address);
	}
}
