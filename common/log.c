/*
 * log.c - one logfmt line an event.
 *
 * The line is built in an array on the stack and leaves in one write: no
 * stdio, whose buffers a fork would copy, and no allocation, so that it works
 * when memory is short.
 */
#include "common/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_SIZE = 2048, SAFE_MAX = 200, SAFE_BUFFERS = 16 };

static const char *const level_names[] = { "debug", "info", "warn", "error" };
static const char *log_program = "postlab";
static const char *log_role = "";
static enum log_level lowest = LOG_INFO;

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

__attribute__((format(printf, 3, 0))) static void
write_event(enum log_level level, const char *event, const char *fmt,
    va_list ap)
{
	char line[LINE_MAX_SIZE];
	int saved = errno;
	ssize_t written;
	size_t at;

	if (level < lowest)
		return;
	at = add_head(line, sizeof(line), level, event);
	if (*fmt != '\0' && at < sizeof(line) - 1) {
		int n;

		line[at++] = ' ';
		n = vsnprintf(line + at, sizeof(line) - at, fmt, ap);
		at += n < 0 ? 0 : (size_t)n;
	}
	if (at > sizeof(line) - 1)
		at = sizeof(line) - 1;
	line[at++] = '\n';
	/* A log that cannot be written cannot be reported either. */
	written = write(STDERR_FILENO, line, at);
	(void)written;
	errno = saved;
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
