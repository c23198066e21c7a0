/*
 * log_pump.h - the log of the daemons, on its way to who reads it.
 *
 * All of them write to one pipe, and so does the supervisor; it passes lines on
 * to its own standard error when that takes them.  So a reader that stops (^S
 * at the terminal, a full disk, a fifo) stops no daemon; and no daemon holds
 * the log itself, which it could otherwise read, shorten or overwrite.
 */
#ifndef ADMIN_LOG_PUMP_H
#define ADMIN_LOG_PUMP_H

#include "common/buf.h"

#include <stdbool.h>

enum { LOG_KEPT_MAX = 1 << 20 };

struct log_pump {
	int in;             /* what was logged; to be polled for POLLIN */
	int out;            /* the standard error there was */
	bool out_is_socket; /* the journal */
	bool out_may_block;
	bool stuck;       /* OUT took no more: poll it for POLLOUT */
	struct buf line;  /* one that has not come whole */
	struct buf kept;  /* what OUT has not taken */
	unsigned dropped; /* lines since the last one kept */
	unsigned lost;    /* lines that could not be written */
	bool torn;        /* OUT ends in half a line */
};

/* Puts the pipe in the place of standard error.  0, or -1 (logged). */
int log_pump_open(struct log_pump *pump);

/* Takes what has come, gives what goes; never waits. */
void log_pump_turn(struct log_pump *pump);

/* The same to the end, for a second at most, and all is as it was. */
void log_pump_close(struct log_pump *pump);

#endif
