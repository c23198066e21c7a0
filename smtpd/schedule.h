/*
 * schedule.h - which message is due when: the queue manager's memory.
 *
 * A binary heap, the next one due on top.  It is a memory of what the files
 * say and can be made anew from them at any time.
 */
#ifndef SMTPD_SCHEDULE_H
#define SMTPD_SCHEDULE_H

#include "smtpd/queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schedule_item {
	int64_t due;
	bool hurried; /* whatever time the envelope says */
	char id[QUEUE_ID_SIZE];
};

/* All zero when empty. */
struct schedule {
	struct schedule_item *items;
	size_t count;
	size_t room;
	int64_t clock; /* the last time it was noted */
};

void schedule_add(struct schedule *schedule, const char *id, int64_t due,
    bool hurried);

/* The one that is due first, or NULL.  Valid until the next call. */
const struct schedule_item *schedule_first(const struct schedule *schedule);

/* Takes that one off. */
void schedule_drop_first(struct schedule *schedule);

bool schedule_has(const struct schedule *schedule, const char *id);

/* Milliseconds from NOW until UNTIL, an hour at most. */
int schedule_wait(int64_t until, int64_t now);

/*
 * Notes what time it is.  False when the clock was set back since: no time in
 * the schedule means anything then.
 */
bool schedule_clock(struct schedule *schedule, int64_t now);

/* Everything is due at DUE, hurried. */
void schedule_hurry(struct schedule *schedule, int64_t due);

void schedule_clear(struct schedule *schedule);

#endif
