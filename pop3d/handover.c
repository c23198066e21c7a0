/* handover.c - both ends of the way from the front to the mailbox. */
#include "pop3d/handover.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/fdpass.h"
#include "common/log.h"

enum {
	READY_MILLISECONDS = 120 * 1000, /* a large Maildir without an index */
	CLIENT_MILLISECONDS = 30 * 1000,
	UNREAD_MAX = 65536,
	RELAY_MARGIN = 60, /* seconds; the mailbox ends an idle session first */
};

/*
 * One message over a stream socket: it was sent in one piece and nothing was
 * sent behind it yet that would fit, so it arrives in one.
 */
static bool
receive(int socket, void *data, size_t size, int milliseconds, int *fd_out)
{
	struct pollfd wait = { .fd = socket, .events = POLLIN };
	int n;

	*fd_out = -1;
	do {
		n = poll(&wait, 1, milliseconds);
	} while (n == -1 && errno == EINTR);
	return n == 1 &&
	    fd_receive(socket, data, size, fd_out) == (ssize_t)size;
}

enum mailbox_state
handover_wait(int grant)
{
	enum mailbox_state state;
	int fd;
	bool came =
	    receive(grant, &state, sizeof(state), READY_MILLISECONDS, &fd);

	if (fd != -1)
		close(fd);
	return came ? state : MAILBOX_LATER;
}

/* What it says, the client's descriptor or -1, and the line for evidence. */
static int
give_words(int grant, const struct handover *handover, int fd)
{
	if (fd_send(grant, handover, sizeof(*handover), fd) == -1 ||
	    (handover->recorded &&
		fd_send(grant, "", 1, handover->evidence) == -1))
		return log_errno("hand the client over");
	return 0;
}

/* The descriptor, and behind it what was read from it. */
static void
give_descriptor(int grant, struct handover *handover, struct conn *conn)
{
	struct buf unread = BUF_INIT;
	int fd = conn_release(conn, &unread);

	handover->unread = (uint32_t)unread.size;
	if (give_words(grant, handover, fd) == 0 &&
	    write_all(grant, unread.data, unread.size) == -1)
		log_errno("hand the client's input over");
	close(fd);
	buf_clear(&unread);
}

void
handover_give(int grant, struct handover *handover, struct conn *conn,
    int seconds)
{
	bool given = true;

	if (handover->tls) {
		handover->unread = 0;
		given = give_words(grant, handover, -1) == 0;
	} else {
		give_descriptor(grant, handover, conn);
	}
	if (handover->evidence != -1)
		close(handover->evidence);
	handover->evidence = -1;
	if (!handover->tls || !given)
		return;
	conn_set_timeout(conn, seconds + RELAY_MARGIN);
	conn_set_deadline(conn, 0);
	conn_relay(conn, grant);
}

int
handover_say(int grant, enum mailbox_state state)
{
	if (fd_send(grant, &state, sizeof(state), -1) == -1)
		return log_errno("answer the front");
	return 0;
}

/* Reads what the front had read: COUNT bytes. */
static int
take_unread(int grant, size_t count, struct conn *conn)
{
	struct buf unread = BUF_INIT;
	int rc = -1;

	if (count > UNREAD_MAX)
		return log_failure("%zu bytes of input at once", count);
	if (count == 0)
		return 0;
	if (buf_read(&unread, grant, count) == -1 || unread.size != count) {
		log_failure("the front ended in the middle");
	} else {
		conn_unread(conn, unread.data, unread.size);
		rc = 0;
	}
	buf_clear(&unread);
	return rc;
}

/* The front may have been taken over: what it says is bounded. */
static void
terminate(struct handover *handover)
{
	handover->peer[sizeof(handover->peer) - 1] = '\0';
	handover->capabilities[sizeof(handover->capabilities) - 1] = '\0';
	if ((unsigned)handover->language >= LANGUAGES)
		handover->language = LANGUAGE_UNSET;
}

/* What the front says.  The client's descriptor, -1: it stays there. */
static int
take_words(int grant, struct handover *handover, int *fd_out)
{
	char byte;
	bool came = receive(grant, handover, sizeof(*handover),
	    CLIENT_MILLISECONDS, fd_out);

	handover->evidence = -1;
	if (came && handover->recorded)
		came = receive(grant, &byte, 1, CLIENT_MILLISECONDS,
		    &handover->evidence);
	if (came && handover->tls == (*fd_out == -1))
		return 0;
	if (*fd_out != -1)
		close(*fd_out);
	if (handover->evidence != -1)
		close(handover->evidence);
	handover->evidence = -1;
	return log_failure("no client came from the front");
}

struct conn *
handover_take(int grant, struct handover *handover_out, int seconds)
{
	struct conn *conn;
	int fd;

	if (take_words(grant, handover_out, &fd) == -1) {
		close(grant);
		return NULL;
	}
	terminate(handover_out);
	if (handover_out->tls)
		return conn_open(grant, seconds);
	conn = conn_open(fd, seconds);
	if (take_unread(grant, handover_out->unread, conn) == -1) {
		conn_close(conn);
		conn = NULL;
		if (handover_out->evidence != -1)
			close(handover_out->evidence);
	}
	close(grant);
	return conn;
}
