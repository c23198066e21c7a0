/*
 * conn_io.c - where a connection waits, and where its bytes move.
 *
 * The descriptor is never waited on by read() or write(): every wait is one
 * ppoll() in conn_wait(), bounded by timeout and deadline.  Sockets are made
 * not to wait call by call (MSG_DONTWAIT), since the flag O_NONBLOCK belongs to
 * the open file and would reach other processes that share it; only a pipe or
 * a terminal, which have no such call, gets it (conn_open).
 *
 * Trouble in reading (the end, a timeout, the order to stop) still lets the
 * session say goodbye; that may wait GOODBYE_WAIT at most.
 */
#include "common/conn_private.h"

#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { GOODBYE_WAIT = 2000, SETTLE_AFTER = 1000 /* milliseconds */ };

int64_t
conn_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

__attribute__((format(printf, 2, 0))) static void
set_error(struct conn *conn, const char *fmt, va_list args)
{
	if (conn->error[0] == '\0')
		(void)vsnprintf(conn->error, sizeof(conn->error), fmt, args);
}

void
conn_end(struct conn *conn, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set_error(conn, fmt, args);
	va_end(args);
}

int
conn_break(struct conn *conn, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set_error(conn, fmt, args);
	va_end(args);
	conn->broken = true;
	return -1;
}

/* The moment a wait that begins now must be over. */
static int64_t
wait_until(const struct conn *conn)
{
	int64_t until = conn_now() + conn->timeout;

	if (conn->error[0] != '\0')
		return until < conn_now() + GOODBYE_WAIT
		    ? until
		    : conn_now() + GOODBYE_WAIT;
	if (conn->deadline != 0 && conn->deadline < until)
		until = conn->deadline;
	return until;
}

int64_t
conn_first_wait(const struct conn *conn, int64_t left)
{
	return conn->roomy && left > SETTLE_AFTER ? SETTLE_AFTER : left;
}

bool
conn_settle(struct conn *conn)
{
	if (!conn->roomy)
		return false;
	conn->roomy = false;
	malloc_trim(0);
	return true;
}

int
conn_wait(struct conn *conn, short events, bool stoppable)
{
	struct pollfd ready = { .fd = conn->fd, .events = events };
	int64_t until = wait_until(conn);

	stoppable = (stoppable || conn->stops_anywhere) && conn->stop != NULL;
	for (;;) {
		int64_t left = until - conn_now();
		int64_t wait = conn_first_wait(conn, left);
		struct timespec span = { wait / 1000, wait % 1000 * 1000000 };

		if (stoppable && *conn->stop != 0) {
			conn_end(conn, "shutting down");
			return -1;
		}
		if (left <= 0) {
			conn_end(conn,
			    until == conn->deadline ? "took too long"
						    : "timed out");
			return -1;
		}
		int n = ppoll(&ready, 1, &span,
		    stoppable ? &conn->wait_mask : NULL);
		if (n == 1)
			return 0;
		if (n == 0)
			(void)conn_settle(conn);
		if (n == -1 && errno != EINTR)
			return conn_break(conn, "poll: %s",
			    strerrordesc_np(errno));
	}
}

ssize_t
conn_raw_read(struct conn *conn, void *data, size_t size)
{
	return conn->is_socket ? recv(conn->fd, data, size, MSG_DONTWAIT)
			       : read(conn->fd, data, size);
}

ssize_t
conn_raw_write(struct conn *conn, const void *data, size_t size)
{
	return conn->is_socket
	    ? send(conn->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL)
	    : write(conn->fd, data, size);
}

/* What a failed or empty transfer without TLS means. */
static ssize_t
raw_trouble(struct conn *conn, ssize_t n, bool writing)
{
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return -1;
	if (n == 0)
		conn_end(conn, "closed by the other side");
	else if (writing)
		conn_break(conn, "%s", strerrordesc_np(errno));
	else
		conn_end(conn, "%s", strerrordesc_np(errno));
	return -1;
}

ssize_t
conn_move_in(struct conn *conn)
{
	ssize_t n;

	assert(conn->start == conn->end);
	if (conn->input == NULL) {
		conn->room = CONN_INPUT_SIZE;
		conn->input = xmalloc(conn->room);
	}
	if (conn->tls != NULL) {
		n = tls_read(conn, conn->input, conn->room);
	} else {
		n = conn_raw_read(conn, conn->input, conn->room);
		if (n <= 0)
			return raw_trouble(conn, n, false);
	}
	if (n <= 0)
		return -1;
	conn->start = 0;
	conn->end = (size_t)n;
	if (conn->tap != NULL)
		conn->tap(conn->tap_arg, '<', conn->input, conn->end);
	return n;
}

ssize_t
conn_move_out(struct conn *conn)
{
	struct buf *out = &conn->output;
	ssize_t n;

	if (conn->tls != NULL) {
		n = tls_write(conn, out->data, out->size);
	} else {
		n = conn_raw_write(conn, out->data, out->size);
		if (n < 0)
			return raw_trouble(conn, n, true);
	}
	if (n < 0)
		return -1;
	if (conn->tap != NULL)
		conn->tap(conn->tap_arg, '>', out->data, (size_t)n);
	buf_drop(out, (size_t)n);
	return n;
}
