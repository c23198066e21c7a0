/*
 * log_pump.c - lines from a pipe to standard error.
 *
 * Standard error may be the shell's as well, so it is opened anew to be made
 * non-blocking; what cannot be opened gets one small write at a time, when
 * poll() says that it has room.
 */
#include "admin/log_pump.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

enum {
	PIECE = 65536,
	LINE_SIZE_MAX = 4 * LOG_LINE_SIZE, /* longer ones are none of ours */
	LAST_WAIT = 1000,                  /* milliseconds */
};

/* Standard error, apart from whoever else has it. */
static int
open_out(void)
{
	int fd = open("/proc/self/fd/2",
	    O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd != -1 ? fd : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
}

int
log_pump_open(struct log_pump *pump)
{
	struct stat st;
	int ends[2];

	*pump = (struct log_pump){
		.in = -1,
		.out = open_out(),
		.line = BUF_INIT,
		.kept = BUF_INIT,
	};
	if (pump->out == -1 || fstat(pump->out, &st) == -1)
		return log_errno("take over standard error");
	pump->out_is_socket = S_ISSOCK(st.st_mode);
	pump->out_may_block = (fcntl(pump->out, F_GETFL) & O_NONBLOCK) == 0;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
		return log_errno("make a pipe for the log");
	pump->in = ends[0];
	/* The more fits, the later a burst has to wait for us. */
	(void)fcntl(ends[1], F_SETPIPE_SZ, LOG_KEPT_MAX);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	return 0;
}

static void
keep_line(struct log_pump *pump)
{
	char notice[LOG_LINE_SIZE];

	if (pump->kept.size + pump->line.size > LOG_KEPT_MAX) {
		pump->dropped++;
		return;
	}
	if (pump->dropped > 0) {
		buf_add(&pump->kept, notice,
		    log_compose(notice, LOG_WARN, "log-dropped", "lines=%u",
			pump->dropped));
		pump->dropped = 0;
	}
	buf_add(&pump->kept, pump->line.data, pump->line.size);
}

static void
take(struct log_pump *pump, const char *data, size_t size)
{
	while (size > 0) {
		const char *end = memchr(data, '\n', size);
		size_t n = end == NULL ? size : (size_t)(end - data) + 1;

		buf_add(&pump->line, data, n);
		if (end != NULL || pump->line.size > LINE_SIZE_MAX) {
			keep_line(pump);
			buf_reset(&pump->line);
		}
		data += n;
		size -= n;
	}
}

static ssize_t
write_out(const struct log_pump *pump, const char *data, size_t size)
{
	struct pollfd out = { .fd = pump->out, .events = POLLOUT };

	if (pump->out_is_socket)
		return send(pump->out, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (pump->out_may_block && size > PIPE_BUF)
		size = PIPE_BUF;
	if (pump->out_may_block && poll(&out, 1, 0) != 1)
		return 0;
	return write(pump->out, data, size);
}

/* Nobody will ever read it, or the disk is full: it is not kept. */
static void
lose_kept(struct log_pump *pump)
{
	for (size_t i = 0; i < pump->kept.size; i++)
		pump->lost += pump->kept.data[i] == '\n';
	buf_reset(&pump->kept);
	pump->stuck = false;
}

/* Says how many were lost, behind the half line that may stand there. */
static ssize_t
tell_lost(struct log_pump *pump)
{
	char notice[LOG_LINE_SIZE];
	size_t size = log_compose(notice, LOG_WARN, "log-dropped", "lines=%u",
	    pump->lost);
	ssize_t n = pump->torn ? write_out(pump, "\n", 1) : 1;

	if (n != 1)
		return n;
	n = write_out(pump, notice, size);
	pump->torn = n > 0 && (size_t)n < size;
	if (n == (ssize_t)size)
		pump->lost = 0;
	return n;
}

static void
give(struct log_pump *pump)
{
	size_t at = 0;
	ssize_t n = 1;

	if (pump->lost > 0 && pump->kept.size > 0)
		n = tell_lost(pump);
	while (at < pump->kept.size && n > 0) {
		n = write_out(pump, pump->kept.data + at, pump->kept.size - at);
		at += n > 0 ? (size_t)n : 0;
	}
	if (at > 0)
		pump->torn = pump->kept.data[at - 1] != '\n';
	buf_drop(&pump->kept, at);
	pump->stuck = pump->kept.size > 0;
	if (n == -1 && errno != EAGAIN && errno != EINTR)
		lose_kept(pump);
}

void
log_pump_turn(struct log_pump *pump)
{
	char piece[PIECE];
	ssize_t n;

	/* One pipe full at most: there is more to do than this. */
	for (int i = 0; i < LOG_KEPT_MAX / PIECE; i++) {
		n = read(pump->in, piece, sizeof(piece));
		if (n > 0)
			take(pump, piece, (size_t)n);
		give(pump);
		if (n < (ssize_t)sizeof(piece))
			break;
	}
}

void
log_pump_close(struct log_pump *pump)
{
	struct pollfd out = { .fd = pump->out, .events = POLLOUT };

	if (pump->in != -1) {
		log_pump_turn(pump);
		while (pump->stuck && poll(&out, 1, LAST_WAIT) == 1 &&
		    (out.revents & POLLOUT) != 0)
			give(pump);
		dup2(pump->out, STDERR_FILENO);
		close(pump->in);
	}
	if (pump->out != -1)
		close(pump->out);
	buf_clear(&pump->line);
	buf_clear(&pump->kept);
}
