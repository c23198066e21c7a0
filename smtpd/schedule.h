/*
 * schedule.h - which messages the queue has, and which is due when: the queue
 * manager's memory.
 *
 * A row a message, found by its id at once.  Those that wait for a time stand
 * in the line, a binary heap with the next one due on top; who is held or being
 * delivered is known and not in line.  It is a memory of what the files say and
 * can be made anew from them at any time.
 *
 * Times are milliseconds since 1970.
 */
#ifndef SMTPD_SCHEDULE_H
#define SMTPD_SCHEDULE_H

#include "smtpd/queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errand;
struct notes;

struct schedule_item {
	char id[QUEUE_ID_SIZE];
	bool hurried;          /* whatever time the envelope says */
	int64_t due;           /* while it is in line */
	size_t place;          /* in the line, from 1; 0: it is not */
	int busy;              /* times that its lock was not to be had */
	struct notes *notes;   /* NULL: its envelope was not read yet */
	struct errand *errand; /* its delivery is due or at work (turns.h) */
};

/* All zero when empty. */
struct schedule {
	struct schedule_item **table; /* by id: open addressing */
	size_t table_size;            /* a power of two */
	size_t count;                 /* messages known */
	size_t unread;                /* of them without notes */
	size_t cursor;                /* of schedule_next_unread() */
	struct schedule_item **line;
	size_t line_count;
	size_t line_room;
	uint64_t key;  /* of the hash; a worker may choose ids */
	int64_t clock; /* the last time it was noted */
};

/* Puts ID in line, and returns its row.  Who is there already comes at the
 * earlier of both times. */
struct schedule_item *schedule_add(struct schedule *schedule, const char *id,
    int64_t due, bool hurried);

/* NULL when it is not known.  Valid until it is forgotten. */
struct schedule_item *schedule_find(const struct schedule *schedule,
    const char *id);

/* The one in line that is due first, or NULL. */
struct schedule_item *schedule_first(const struct schedule *schedule);

/* Takes ITEM out of the line, if it is there; it stays known. */
void schedule_step_out(struct schedule *schedule, struct schedule_item *item);

/* Keeps what ENTRY says about the message, if that is known. */
void schedule_note(struct schedule *schedule, const struct queue_entry *entry);

/* The message is gone; an unknown one is as well. */
void schedule_forget(struct schedule *schedule, const char *id);

/*
 * Goes through all that is known, in no order: AT is 0 at first.  NULL at the
 * end.  Nothing may be added or forgotten meanwhile.
 */
struct schedule_item *schedule_next(const struct schedule *schedule,
    size_t *at);

/* Somebody without notes, or NULL. */
struct schedule_item *schedule_next_unread(struct schedule *schedule);

/* What time it is. */
int64_t schedule_now(void);

/* Milliseconds from NOW until UNTIL, an hour at most. */
int schedule_wait(int64_t until, int64_t now);

/*
 * Notes what time it is.  False when the clock was set back since: no time in
 * the schedule means anything then.
 */
bool schedule_clock(struct schedule *schedule, int64_t now);

/* Everything in line is due at DUE, hurried.  How many that are. */
size_t schedule_hurry(struct schedule *schedule, int64_t due);

void schedule_clear(struct schedule *schedule);

#endif
