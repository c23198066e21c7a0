/*
 * log.h - one logfmt line an event, on standard error.
 *
 *   time=2026-11-22T02:13:17.123Z level=info prog=smtpd pid=12 event=delivered
 *   id=3F2A... from=alice@campus.example to=bob@campus.example
 *
 * Each line leaves in one write(2), so lines of many processes do not mix.  A
 * reader that stops is waited for a second, then lines are lost until it goes
 * on; event=log-dropped says how many.
 * Whatever came from a peer goes through log_safe() first.  A line about a
 * message carries id=QUEUEID.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include "common/mem.h"

enum { LOG_LINE_SIZE = 2048 };
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Names the program (and role, "" for none) in every later line. */
void log_init(const char *program, const char *role);

/* Lines below LEVEL are not written.  LOG_INFO unless set. */
void log_set_level(enum log_level level);

/*
 * Writes one event.  EVENT is a word; FMT gives "key=value key=value" and
 * may be "".  A value that can hold a blank or a quote goes through
 * log_safe().
 */
void log_event(enum log_level level, const char *event, const char *fmt, ...)
    PRINTF(3, 4);

/* Makes the line of an event, cut at its size.  How long it is, with its \n. */
size_t log_compose(char line[LOG_LINE_SIZE], enum log_level level,
    const char *event, const char *fmt, ...) PRINTF(4, 5);

/*
 * For daemons, at the start: standard error is a description of its own that
 * does not block, where it is a pipe or a terminal.
 */
void log_unblock(void);

/*
 * Reports a failed system call with errno: event=error what="open x: No such
 * file".  Always returns -1, so that callers can say return log_errno(...).
 * Keeps errno.
 */
int log_errno(const char *fmt, ...) PRINTF(1, 2);

/* The same for failures that have no errno; always returns -1. */
int log_failure(const char *fmt, ...) PRINTF(1, 2);

/* We are wrong: logs and aborts. */
_Noreturn void panic(const char *fmt, ...) PRINTF(1, 2);

/*
 * A logfmt value for bytes from anywhere: as it is when it is plain, else in
 * double quotes with \xNN for everything that is not printable ASCII; cut at
 * 200 bytes.  Lives in one of 16 static buffers used in turn.
 */
const char *log_safe(const char *s);
const char *log_safe_bytes(const char *data, size_t size);

#endif
