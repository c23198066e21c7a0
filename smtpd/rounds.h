/*
 * rounds.h - going through what is queued: the queue manager's work.
 *
 * Who is next, and what is over.  Reasons to look at an envelope: it has
 * arrived, its time has come, a delivery worker has ended with it, somebody
 * asks for it.  To look is to take its lock, read it, and do what verdict()
 * says; a lock that somebody else has means that a session or the operator is
 * busy with it: look again soon.
 *
 * Everything is looked at anew at the start, every hour, and when the clock was
 * set back.  A round looks at some envelopes and no more, however long the
 * queue: nobody who asks the manager something is kept waiting for all of it.
 *
 * What is to be delivered becomes an errand (turns.h), of which the crew gets
 * as many as there are workers.
 */
#ifndef SMTPD_ROUNDS_H
#define SMTPD_ROUNDS_H

#include "common/config.h"
#include "smtpd/crew.h"
#include "smtpd/schedule.h"
#include "smtpd/turns.h"

#include <stdint.h>

struct rounds {
	const struct config *config;
	struct patience patience;
	int queue; /* descriptor of queue/ */
	struct schedule schedule;
	struct turns turns;
	struct crew crew;
	struct errand *over; /* whose messages are to be removed: a list */
	/* Milliseconds, as in the schedule. */
	int64_t last_scan;
	int64_t next_scan;
	int64_t hurry_again; /* when, or 0 */
};

void rounds_init(struct rounds *rounds, const struct config *config, int queue);

/* Learns, of some of those whose turn has not come, what they are about. */
void rounds_learn(struct rounds *rounds);

/* One round. */
void rounds_go(struct rounds *rounds);

/* Milliseconds until the next one has something to do. */
int rounds_wait(const struct rounds *rounds);

/* ID.env is in incoming/. */
void rounds_take_in(struct rounds *rounds, const char *id);

/*
 * mda is back: all that waits becomes due; and once more some seconds later,
 * since a session that still found it away may put its mail here just now.
 */
void rounds_hurry(struct rounds *rounds);

/* All files are to be looked at anew: at once, or in some seconds at most. */
void rounds_rescan(struct rounds *rounds, bool at_once);

/* What the crew calls for an errand that has ended. */
struct crew_desk rounds_desk(struct rounds *rounds);

#endif
