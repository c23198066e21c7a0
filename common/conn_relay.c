/*
 * conn_relay.c - bytes both ways between a connection and a descriptor.
 *
 * For a process that ends TLS in front of another one (pop3d).  Neither side
 * may make the other wait: each direction has one buffer, and a side is read
 * only while the buffer behind it is empty.
 */
#include "common/conn.h"

#include "common/conn_private.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

/* Input of CONN to FD, as much as it takes now.  False at the end. */
static bool
pass_on(struct conn *conn, int fd)
{
	size_t size = conn->end - conn->start;

	if (size == 0)
		return true;
	ssize_t n = send(fd, conn->input + conn->start, size,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		conn_consume(conn, (size_t)n);
	return n >= 0 || errno == EAGAIN || errno == EINTR;
}

/*
 * What FD has for us to the output of CONN, which must take it within the
 * timeout.  False at the end.
 */
static bool
take_back(struct conn *conn, int fd)
{
	char data[CONN_OUTPUT_SIZE];
	ssize_t n = recv(fd, data, sizeof(data), MSG_DONTWAIT);

	if (n > 0) {
		buf_add(&conn->output, data, (size_t)n);
		conn->deadline = conn_now() + conn->timeout;
	}
	return n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR));
}

/* A side of which nothing is wanted is left out: its end would not sleep. */
static void
want(struct pollfd *ready, int fd, int events)
{
	*ready = (struct pollfd){
		.fd = events == 0 ? -1 : fd,
		.events = (short)events,
	};
}

/* Waits until a byte can move somewhere.  False when it waited in vain. */
static bool
wait_both(struct conn *conn, int fd, struct pollfd ready[2])
{
	bool outgoing = conn->output.size > 0;
	bool incoming = conn->end > conn->start;
	bool open = conn->error[0] == '\0';
	int64_t left = outgoing ? conn->deadline - conn_now() : conn->timeout;

	if (left <= 0)
		return false;
	want(&ready[0], conn->fd,
	    (outgoing ? POLLOUT : 0) | (incoming || !open ? 0 : POLLIN));
	want(&ready[1], fd, (outgoing ? 0 : POLLIN) | (incoming ? POLLOUT : 0));
	if (!incoming && open && tls_pending(conn) > 0) {
		ready[0].revents = POLLIN;
		return true;
	}
	left = conn_first_wait(conn, left);
	int n = poll(ready, 2, left > INT32_MAX ? INT32_MAX : (int)left);
	return n > 0 || (n == 0 && conn_settle(conn)) ||
	    (n == -1 && errno == EINTR);
}

/*
 * When CONN has no more to say, FD is told so, and its last answers still go
 * back: a client may send all it has, QUIT included, and close its half.
 */
void
conn_relay(struct conn *conn, int fd)
{
	struct pollfd ready[2];
	bool told = false;

	/* There may be output already: answers to what was pipelined. */
	conn->deadline = conn_now() + conn->timeout;
	while (!conn->broken && wait_both(conn, fd, ready)) {
		if (ready[0].revents != 0 && conn->start == conn->end &&
		    conn->error[0] == '\0')
			conn_move_in(conn);
		if (!pass_on(conn, fd))
			break;
		if (conn->error[0] != '\0' && conn->start == conn->end && !told)
			told = shutdown(fd, SHUT_WR) == 0;
		if (ready[1].revents != 0 && conn->output.size == 0 &&
		    !take_back(conn, fd))
			break;
		if (conn->output.size > 0)
			conn_move_out(conn);
	}
	conn_flush(conn);
}
