/*
 * log.c - one logfmt line an event.
 *
 * The line is built in an array on the stack and leaves in one write: no
 * stdio, whose buffers a fork would copy, and no allocation, so that it works
 * when memory is short.
 */
#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SAFE_MAX = 200, SAFE_BUFFERS = 16, PATIENCE = 1000 };

static const char *const level_names[] = { "debug", "info", "warn", "error" };
static const char *log_program = "postlab";
static const char *log_role = "";
static enum log_level lowest = LOG_INFO;
static bool never_blocks; /* a write to standard error */

void
log_init(const char *program, const char *role)
{
	log_program = program;
	log_role = role;
}

void
log_set_level(enum log_level level)
{
	lowest = level;
}

static size_t
add_head(char *line, size_t size, enum log_level level, const char *event)
{
	struct timespec now;
	struct tm tm;
	size_t at;
	int n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	at = strftime(line, size, "time=%Y-%m-%dT%H:%M:%S", &tm);
	n = snprintf(line + at, size - at,
	    ".%03ldZ level=%s prog=%s%s%s pid=%d event=%s",
	    now.tv_nsec / 1000000, level_names[level], log_program,
	    *log_role == '\0' ? "" : " role=", log_role, (int)getpid(), event);
	return at + (n < 0 ? 0 : (size_t)n);
}

__attribute__((format(printf, 4, 0))) static size_t
compose(char line[LOG_LINE_SIZE], enum log_level level, const char *event,
    const char *fmt, va_list ap)
{
	size_t at = add_head(line, LOG_LINE_SIZE, level, event);

	if (*fmt != '\0' && at < LOG_LINE_SIZE - 1) {
		int n;

		line[at++] = ' ';
		n = vsnprintf(line + at, LOG_LINE_SIZE - at, fmt, ap);
		at += n < 0 ? 0 : (size_t)n;
	}
	if (at > LOG_LINE_SIZE - 1)
		at = LOG_LINE_SIZE - 1;
	line[at++] = '\n';
	return at;
}

size_t
log_compose(char line[LOG_LINE_SIZE], enum log_level level, const char *event,
    const char *fmt, ...)
{
	va_list ap;
	size_t size;

	va_start(ap, fmt);
	size = compose(line, level, event, fmt, ap);
	va_end(ap);
	return size;
}

/* False when there is no room for it now. */
static bool
try_line(const char *line, size_t size)
{
	/* What fails but for that cannot be reported either. */
	return write(STDERR_FILENO, line, size) != -1 || errno != EAGAIN;
}

/* False when there is no room for it in WAIT milliseconds. */
static bool
put_line(const char *line, size_t size, int wait)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };
	bool done = never_blocks && try_line(line, size);

	while (!done) {
		if (poll(&out, 1, wait) == 0)
			return false;
		done = try_line(line, size);
		if (wait == 0)
			break;
	}
	return done;
}

/* Who had to wait in vain does not wait again until a line has gone. */
static void
send_line(const char *line, size_t size)
{
	static unsigned dropped;
	char notice[LOG_LINE_SIZE];

	if (!put_line(line, size, dropped == 0 ? PATIENCE : 0)) {
		dropped++;
		return;
	}
	if (dropped > 0 &&
	    put_line(notice,
		log_compose(notice, LOG_WARN, "log-dropped", "lines=%u",
		    dropped),
		0))
		dropped = 0;
}

__attribute__((format(printf, 3, 0))) static void
write_event(enum log_level level, const char *event, const char *fmt,
    va_list ap)
{
	char line[LOG_LINE_SIZE];
	int saved = errno;

	if (level < lowest)
		return;
	send_line(line, compose(line, level, event, fmt, ap));
	errno = saved;
}

void
log_unblock(void)
{
	int flags = fcntl(STDERR_FILENO, F_GETFL);
	struct stat st;
	int fd;

	never_blocks = flags != -1 && (flags & O_NONBLOCK) != 0;
	if (flags == -1 || never_blocks || fstat(STDERR_FILENO, &st) == -1 ||
	    !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
		return;
	fd = open("/proc/self/fd/2",
	    O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return; /* then poll() alone keeps us from blocking */
	dup2(fd, STDERR_FILENO);
	close(fd);
	never_blocks = true;
}

void
log_event(enum log_level level, const char *event, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_event(level, event, fmt, ap);
	va_end(ap);
}

int
log_errno(const char *fmt, ...)
{
	char what[512];
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	log_event(LOG_ERROR, "error", "what=%s why=%s", log_safe(what),
	    log_safe(strerror(saved)));
	errno = saved;
	return -1;
}

int
log_failure(const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	log_event(LOG_ERROR, "error", "what=%s", log_safe(what));
	return -1;
}

void
panic(const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	log_event(LOG_ERROR, "panic", "what=%s", log_safe(what));
	abort();
}

static bool
is_plain(const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c <= ' ' || c >= 127 || c == '"' || c == '\\')
			return false;
	}
	return size > 0;
}

const char *
log_safe_bytes(const char *data, size_t size)
{
	static char buffers[SAFE_BUFFERS][4 * SAFE_MAX + 8];
	static unsigned turn;
	char *out = buffers[turn++ % SAFE_BUFFERS];
	bool cut = size > SAFE_MAX;
	size_t at = 0;

	if (cut)
		size = SAFE_MAX;
	if (!cut && is_plain(data, size)) {
		memcpy(out, data, size);
		out[size] = '\0';
		return out;
	}
	out[at++] = '"';
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c == '"' || c == '\\') {
			out[at++] = '\\';
			out[at++] = (char)c;
		} else if (c >= ' ' && c < 127) {
			out[at++] = (char)c;
		} else {
			at += (size_t)sprintf(out + at, "\\x%02X", c);
		}
	}
	memcpy(out + at, cut ? "...\"" : "\"", cut ? 5 : 2);
	return out;
}

const char *
log_safe(const char *s)
{
	return log_safe_bytes(s, strlen(s));
}
