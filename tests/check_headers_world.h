/*
 * check_headers_world.h - the stamp of the tests of headers.h, and a sink for
 * what comes out.
 */
#ifndef TESTS_CHECK_HEADERS_WORLD_H
#define TESTS_CHECK_HEADERS_WORLD_H

#include "smtpd/headers.h"

#include <stddef.h>

/* Sun, 22 Nov 2026 00:48:32 +0000 */
enum { HEADERS_WHEN = 1795308512 };

/* Of student@lab.example, come from 127.0.0.1 at HEADERS_WHEN. */
extern struct stamp headers_stamp;

/* What a listener does to a message. */
enum {
	FOREIGN = 0,
	CLASS = HEADERS_COMPLETE,
	SUBMIT = HEADERS_COMPLETE | HEADERS_HIDE_BCC,
};

/* A sink: appends to the struct buf ARG. */
int headers_collect(void *arg, const char *data, size_t size);

#endif
