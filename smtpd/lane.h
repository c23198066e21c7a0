/*
 * lane.h - the destinations that mail is due for, and how they do.
 *
 * A lane has a window: how many workers may be busy with it at once.  It begins
 * small, grows by one with each piece of work that got through, up to the
 * configured limit, and shrinks when a host could not be reached.  When nobody
 * gets through any more, the lane falls asleep: what is due for it is put off
 * without asking again.  After its sleep one worker may try.
 *
 * Beyond that, no lane may have more workers than it leaves free for others
 * (lane_has_room()), so those to slow hosts never take them all.
 *
 * Time here is CLOCK_MONOTONIC's, in milliseconds.
 */
#ifndef SMTPD_LANE_H
#define SMTPD_LANE_H

#include "common/reply.h"
#include "smtpd/destination.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lane {
	char name[DESTINATION_SIZE]; /* first: lanes are compared by it */
	struct lane *next;           /* all of them */
	size_t users;                /* who points to it */
	int busy;                    /* workers */
	int window;
	int64_t asleep; /* until then; 0: it is awake */
	struct reply why;
};

/* All zero but limit and nap when empty. */
struct lanes {
	int limit; /* of every window */
	int nap;   /* milliseconds */
	struct lane *all;
	void *tree;   /* tsearch(3), by name */
	size_t count; /* lanes */
};

/* The lane of that NAME, made if need be, for one more user. */
struct lane *lanes_use(struct lanes *lanes, const char *name);

/* That user needs it no more. */
void lanes_leave(struct lanes *lanes, struct lane *lane);

/* Why it sleeps, or NULL. */
const struct reply *lane_asleep(const struct lane *lane, int64_t now);

/* Whether one of the FREE workers may be busy with it, too. */
bool lane_has_room(const struct lane *lane, int free);

void lane_begin(struct lane *lane);

/*
 * A worker has ended.  WHY: no host could be reached, or NULL.  True when the
 * lane has fallen asleep now.
 */
bool lane_end(const struct lanes *lanes, struct lane *lane,
    const struct reply *why, int64_t now);

/* There is reason to believe that all have changed: they are awake. */
void lanes_wake(struct lanes *lanes);

/* Forgets who is awake and has no user. */
void lanes_tidy(struct lanes *lanes, int64_t now);
void lanes_clear(struct lanes *lanes);

int64_t lane_clock(void);

#endif
