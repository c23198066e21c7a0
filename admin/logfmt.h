/*
 * logfmt.h - a line of our log (common/log.h), taken apart.
 *
 *   time=2026-11-22T02:13:17.123Z level=info prog=smtpd event=delivered to="a
 * b"
 *
 * A log file may hold anything: lines of libraries, half lines, what somebody
 * has edited.  A value that was cut at the end of its line comes as far as it
 * goes.  Values are foreign bytes again, and must be escaped when shown.
 */
#ifndef ADMIN_LOGFMT_H
#define ADMIN_LOGFMT_H

#include "common/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOGFMT_PAIRS_MAX = 64,
	LOGFMT_VALUE_MAX = 200, /* log_safe() cuts there, and adds "..." */
};

struct logfmt {
	struct {
		const char *key;
		const char *value;
	} pairs[LOGFMT_PAIRS_MAX]; /* in their order; a key may come again */
	size_t count;
	int64_t when;             /* milliseconds since 1970 */
	char text[LOG_LINE_SIZE]; /* what the pairs point into */
};

/* Takes LINE, without its LF, apart.  False when it is no line of our log. */
bool logfmt_parse(const char *line, size_t size, struct logfmt *fields_out);

/* The first value of KEY; "" without. */
const char *logfmt_get(const struct logfmt *fields, const char *key);

/* "2026-11-22T02:13:17.123Z" in milliseconds since 1970; -1 when it is none. */
int64_t logfmt_time(const char *text);

#endif
