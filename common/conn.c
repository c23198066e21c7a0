/*
 * conn.c - a connection as its user sees it: buffers, output, opening, closing.
 *
 * Waiting and moving bytes is in conn_io.c, reading lines in conn_line.c.
 *
 * A session that waits holds one input buffer of which it has touched a page,
 * and no output buffer.
 */
#include "common/conn.h"

#include "common/conn_private.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"

enum {
	OUTPUT_KEEP = 1024, /* a buffer larger than this is given back */
	DRAIN_MAX = 65536,
};

struct conn *
conn_open(int fd, int timeout_seconds)
{
	struct conn *conn = xcalloc(1, sizeof(*conn));
	int on = 1;

	conn->fd = fd;
	conn->timeout = (int64_t)timeout_seconds * 1000;
	conn->output = (struct buf)BUF_INIT;
	/* One call does two things: it also tells what is no socket. */
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 ||
	    (errno != ENOTSOCK && errno != EBADF)) {
		conn->is_socket = true;
		return conn;
	}
	on = fcntl(fd, F_GETFL);
	if (on == -1 || fcntl(fd, F_SETFL, on | O_NONBLOCK) == -1)
		conn_break(conn, "%s", strerrordesc_np(errno));
	return conn;
}

void
conn_set_timeout(struct conn *conn, int seconds)
{
	conn->timeout = (int64_t)seconds * 1000;
}

void
conn_set_deadline(struct conn *conn, int seconds)
{
	conn->deadline = seconds > 0 ? conn_now() + (int64_t)seconds * 1000 : 0;
}

int64_t
conn_hurry(struct conn *conn, int64_t seconds)
{
	int64_t deadline = conn->deadline;
	int64_t limit = conn_now() + 2 * conn->timeout + seconds * 1000;

	if (deadline == 0 || limit < deadline)
		conn->deadline = limit;
	return deadline;
}

void
conn_relax(struct conn *conn, int64_t deadline)
{
	conn->deadline = deadline;
}

void
conn_set_lenient(struct conn *conn, bool lenient)
{
	conn->lenient = lenient;
}

void
conn_set_stop(struct conn *conn, const volatile sig_atomic_t *stop)
{
	conn->stop = stop;
	sigprocmask(SIG_SETMASK, NULL, &conn->wait_mask);
	sigdelset(&conn->wait_mask, SIGTERM);
}

void
conn_stop_anywhere(struct conn *conn)
{
	conn->stops_anywhere = true;
}

void
conn_set_tap(struct conn *conn,
    void (*tap)(void *arg, char direction, const char *data, size_t size),
    void *arg)
{
	conn->tap = tap;
	conn->tap_arg = arg;
}

void
conn_set_watch(struct conn *conn,
    void (
	*watch)(void *arg, enum conn_taken how, const char *data, size_t size),
    void *arg)
{
	conn->watch = watch;
	conn->watch_arg = arg;
}

void
conn_tell(struct conn *conn, enum conn_taken how, const char *data, size_t size)
{
	if (conn->watch != NULL)
		conn->watch(conn->watch_arg, how, data, size);
}

size_t
conn_unsent(const struct conn *conn)
{
	return conn->output.size;
}

int
conn_flush(struct conn *conn)
{
	while (conn->output.size > 0 && !conn->broken) {
		if (conn_move_out(conn) >= 0 || conn->broken)
			continue;
		if (conn_wait(conn, POLLOUT, false) == -1)
			conn_break(conn, "timed out");
	}
	if (conn->broken)
		buf_reset(&conn->output);
	return conn->broken ? -1 : 0;
}

size_t
conn_fill(struct conn *conn, bool stoppable)
{
	conn_flush(conn);
	if (conn->output.room > OUTPUT_KEEP)
		buf_clear(&conn->output);
	while (conn->error[0] == '\0') {
		if (tls_pending(conn) == 0 &&
		    conn_wait(conn, POLLIN, stoppable) == -1)
			break;
		ssize_t n = conn_move_in(conn);
		if (n > 0)
			return (size_t)n;
	}
	return 0;
}

size_t
conn_peek(struct conn *conn, const char **data)
{
	if (conn->start == conn->end || conn->error[0] != '\0') {
		if (conn_fill(conn, false) == 0)
			return 0;
	}
	*data = conn->input + conn->start;
	return conn->end - conn->start;
}

void
conn_consume(struct conn *conn, size_t count)
{
	if (count > conn->end - conn->start)
		panic("conn_consume of more than there is");
	conn_tell(conn, TAKEN_TEXT, conn->input + conn->start, count);
	conn->start += count;
}

size_t
conn_pending(const struct conn *conn)
{
	return conn->end - conn->start + tls_pending(conn);
}

bool
conn_is_quiet(const struct conn *conn)
{
	struct pollfd input = { .fd = conn->fd, .events = POLLIN };

	return conn_pending(conn) == 0 && poll(&input, 1, 0) == 0;
}

size_t
conn_drop_input(struct conn *conn)
{
	size_t dropped = conn->end - conn->start;

	conn->start = conn->end = 0;
	return dropped;
}

void
conn_write(struct conn *conn, const void *data, size_t size)
{
	const char *from = data;

	while (size > 0 && !conn->broken) {
		size_t n = CONN_OUTPUT_SIZE - conn->output.size;

		if (n > size)
			n = size;
		buf_add(&conn->output, from, n);
		from += n;
		size -= n;
		if (conn->output.size == CONN_OUTPUT_SIZE)
			conn_flush(conn);
	}
}

void
conn_putline(struct conn *conn, const char *fmt, ...)
{
	char *line;
	va_list args;

	va_start(args, fmt);
	int n = vasprintf(&line, fmt, args);
	va_end(args);
	if (n == -1)
		panic("out of memory");
	conn_write(conn, line, (size_t)n);
	conn_write(conn, "\r\n", 2);
	free(line);
}

const char *
conn_error(const struct conn *conn)
{
	return conn->error[0] == '\0' ? NULL : conn->error;
}

int
conn_fd(const struct conn *conn)
{
	return conn->fd;
}

int
conn_release(struct conn *conn, struct buf *rest)
{
	int fd = conn->fd;

	if (conn->tls != NULL)
		panic("conn_release of a TLS connection");
	conn_flush(conn);
	buf_add(rest, conn->input == NULL ? "" : conn->input + conn->start,
	    conn->end - conn->start);
	conn_drop_input(conn);
	conn_break(conn, "handed over");
	conn->fd = -1;
	return fd;
}

void
conn_unread(struct conn *conn, const char *data, size_t size)
{
	size_t old = conn->end - conn->start;
	size_t room =
	    size + old > CONN_INPUT_SIZE ? size + old : CONN_INPUT_SIZE;
	char *input = xmalloc(room);

	memcpy(input, data, size);
	if (old > 0)
		memcpy(input + size, conn->input + conn->start, old);
	free(conn->input);
	conn->input = input;
	conn->start = 0;
	conn->end = size + old;
	conn->room = room;
}

/*
 * Takes what has already come off the socket: closing it with unread input
 * would send a reset, and that can overtake our last reply.
 */
static void
drain(struct conn *conn)
{
	char waste[4096];
	size_t n = 0;

	while (n < DRAIN_MAX &&
	    recv(conn->fd, waste, sizeof(waste), MSG_DONTWAIT) > 0)
		n += sizeof(waste);
}

void
conn_close(struct conn *conn)
{
	if (conn == NULL)
		return;
	conn_flush(conn);
	if (conn->tls != NULL)
		tls_end(conn);
	if (conn->fd != -1) {
		if (conn->is_socket)
			drain(conn);
		close(conn->fd);
	}
	buf_clear(&conn->output);
	free(conn->input);
	free(conn->tls_text);
	free(conn);
}
