/*
 * transcript_link.c - records leave at once, or stand in line.
 *
 * One record is one datagram, sent when it is made: a session that crashes has
 * told of the command that it crashed on.
 */
#include "common/transcript_link.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/helper_socket.h"
#include "common/log.h"

enum {
	WAITING_MAX = 1024 * 1024, /* bytes that stand in line */
	RECONNECT = 20,            /* milliseconds between two attempts */
	PATIENCE = 2000, /* milliseconds, for a helper that is behind */
	/* The same at the end of a session, when its client has all it came
	 * for; and how long none is left after that was in vain. */
	LAST_PATIENCE = 15 * 1000,
	ANGER = 60 * 1000,
};

struct transcript_link {
	const char *program; /* NULL: adopted */
	int fd;              /* -1: not connected */
	int64_t tried;       /* when, CLOCK_MONOTONIC milliseconds */
	int patience;        /* milliseconds that may still be waited, in all */
	unsigned lost;
	struct buf session; /* the first record of a connection */
	struct buf state;   /* the last one of its kind that left; or none */
	/* Records, each behind its size as a size_t; FROM on they wait. */
	struct buf waiting;
	size_t from;
};

/* A session of this process waited in vain until then; 0: none did. */
static int64_t angry_until;

static int64_t
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Another helper has to know it too: the last one may not have stored it. */
static void
note_state(struct transcript_link *link, const void *record, size_t size)
{
	struct evidence_head head;

	memcpy(&head, record, sizeof(head));
	if (head.kind != EVIDENCE_STATE || record == link->state.data)
		return;
	buf_reset(&link->state);
	buf_add(&link->state, record, size);
}

/* Whether the helper takes more within what patience is left. */
static bool
await_room(struct transcript_link *link)
{
	struct pollfd room = { .fd = link->fd, .events = POLLOUT };
	int64_t start = now();
	bool taken;

	if (link->patience <= 0)
		return false;
	taken = poll(&room, 1, link->patience) == 1;
	/* One at least: nobody turns round here for ever. */
	link->patience -= (int)(now() - start) + 1;
	return taken;
}

/* True when it is gone; else it must wait, and maybe the connection ended. */
static bool
offer(struct transcript_link *link, const void *record, size_t size)
{
	ssize_t n;

	do
		n = send(link->fd, record, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n == -1 && errno == EAGAIN && await_room(link));
	if (n == (ssize_t)size) {
		note_state(link, record, size);
		return true;
	}
	if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
		close(link->fd);
		link->fd = -1;
	}
	return false;
}

static void
connect_again(struct transcript_link *link)
{
	if (link->program == NULL ||
	    (link->tried != 0 && now() - link->tried < RECONNECT))
		return;
	link->tried = now();
	link->fd = helper_connect(link->program, "evidence");
	if (link->fd == -1)
		return;
	/* Without its first records a connection is worth nothing. */
	if (offer(link, link->session.data, link->session.size) &&
	    (link->state.size == 0 ||
		offer(link, link->state.data, link->state.size)))
		return;
	if (link->fd != -1)
		close(link->fd);
	link->fd = -1;
}

/* Offers what stands in line; true when nothing does any more. */
static bool
offer_waiting(struct transcript_link *link)
{
	size_t size;

	while (link->from < link->waiting.size) {
		const char *record =
		    link->waiting.data + link->from + sizeof(size);

		memcpy(&size, link->waiting.data + link->from, sizeof(size));
		if (!offer(link, record, size))
			return false;
		link->from += sizeof(size) + size;
	}
	buf_clear(&link->waiting);
	link->from = 0;
	return true;
}

static bool
stand_in_line(struct transcript_link *link, const struct evidence_head *head,
    const struct buf *record)
{
	size_t size = record->size;

	if (link->from > 0) {
		buf_drop(&link->waiting, link->from);
		link->from = 0;
	}
	if (link->waiting.size + size > WAITING_MAX ||
	    (link->fd != -1 && head->kind == EVIDENCE_TEXT) ||
	    (link->fd == -1 && link->program == NULL)) {
		link->lost++;
		return false;
	}
	buf_add(&link->waiting, &size, sizeof(size));
	buf_add(&link->waiting, record->data, size);
	return true;
}

struct transcript_link *
transcript_link_open(const char *program, const struct evidence_head *session,
    const void *data, size_t size)
{
	struct transcript_link *link = xcalloc(1, sizeof(*link));
	struct evidence_head head = *session;

	if (getrandom(head.token, sizeof(head.token), 0) != sizeof(head.token))
		panic("getrandom: %s", strerror(errno));
	link->program = program;
	link->patience = PATIENCE;
	link->fd = -1;
	link->session = link->state = (struct buf)BUF_INIT;
	link->waiting = (struct buf)BUF_INIT;
	buf_add(&link->session, &head, sizeof(head));
	buf_add(&link->session, data, size);
	connect_again(link);
	return link;
}

bool
transcript_link_send(struct transcript_link *link,
    const struct evidence_head *head, const void *data, size_t size)
{
	struct buf record = BUF_INIT;
	bool kept = true;

	buf_add(&record, head, sizeof(*head));
	buf_add(&record, data, size);
	if (link->fd == -1)
		connect_again(link);
	if (link->fd == -1 || !offer_waiting(link) ||
	    !offer(link, record.data, record.size))
		kept = stand_in_line(link, head, &record);
	buf_clear(&record);
	return kept;
}

struct transcript_link *
transcript_link_adopt(int fd, unsigned lost)
{
	struct transcript_link *link = xcalloc(1, sizeof(*link));

	link->fd = fd;
	link->patience = PATIENCE;
	link->lost = lost;
	link->session = link->state = (struct buf)BUF_INIT;
	link->waiting = (struct buf)BUF_INIT;
	return link;
}

/* Nobody waits for this process now but its next client. */
static void
offer_the_rest(struct transcript_link *link)
{
	if (link->fd == -1 || link->from == link->waiting.size)
		return;
	if (now() >= angry_until)
		link->patience = LAST_PATIENCE;
	if (!offer_waiting(link))
		angry_until = now() + ANGER;
}

int
transcript_link_release(struct transcript_link *link, unsigned *lost_out)
{
	int fd;

	if (link->fd != -1)
		(void)offer_waiting(link);
	while (link->from < link->waiting.size) {
		size_t size;

		memcpy(&size, link->waiting.data + link->from, sizeof(size));
		link->from += sizeof(size) + size;
		link->lost++;
	}
	fd = link->fd;
	*lost_out = link->lost;
	buf_clear(&link->session);
	buf_clear(&link->state);
	buf_clear(&link->waiting);
	free(link);
	return fd;
}

unsigned
transcript_link_close(struct transcript_link *link)
{
	unsigned lost;
	int fd;

	if (link == NULL)
		return 0;
	offer_the_rest(link);
	fd = transcript_link_release(link, &lost);
	if (fd != -1)
		close(fd);
	return lost;
}
