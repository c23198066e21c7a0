/*
 * turns.h - whose message goes next: the mail that is due now.
 *
 * An errand is a message on its way through the destinations that it has to be
 * brought to, one after another.  While it waits for one it stands in a strand:
 * the messages of one sender for one lane, in the order of their coming.
 * Senders take turns, and so do a sender's lanes; so 10,000 messages of one
 * delay another's by a single one.  And as with lanes, no sender has more
 * workers than he leaves free.
 */
#ifndef SMTPD_TURNS_H
#define SMTPD_TURNS_H

#include "smtpd/lane.h"
#include "smtpd/queue.h"

#include <stdbool.h>
#include <stddef.h>

struct party; /* a sender of whom mail is due */
struct strand;

struct errand {
	char id[QUEUE_ID_SIZE];
	struct party *party;
	struct errand *next;   /* in its strand */
	struct strand *strand; /* in which it waits, or NULL */
	bool at_work;          /* a worker has it */
	bool is_report;        /* it is no attempt to deliver */
	bool again;   /* it may have been too early for what was done so far */
	size_t count; /* of lanes it was not brought to yet */
	struct lane **lanes; /* the first is the one it waits for, or is at */
};

/* All zero but lanes.limit and lanes.nap when empty. */
struct turns {
	struct lanes lanes;
	struct party *cursor; /* the ring of parties: whose turn it is */
	void *tree;           /* parties, by name */
	size_t waiting;       /* errands that stand in a strand */
};

/* A new errand of SENDER, which stands nowhere yet and has no lanes. */
struct errand *turns_open(struct turns *turns, const char *id,
    const char *sender);

/* It has to be brought to DESTINATION as well, unless it has to already. */
void turns_add(struct turns *turns, struct errand *errand,
    const char *destination);

/* It is no longer to be brought to lane I of its lanes. */
void turns_drop(struct turns *turns, struct errand *errand, size_t i);

/* It stands in line for its first lane. */
void turns_wait(struct turns *turns, struct errand *errand);

/* Whether some errand could begin with so many workers FREE. */
bool turns_is_ready(const struct turns *turns, int free);

/*
 * The next errand, out of the line and at work now; NULL when there is none
 * that FREE workers may begin with.
 */
struct errand *turns_begin(struct turns *turns, int free);

/*
 * Its worker has ended with its first lane, which is dropped.  WHY: no host
 * could be reached, or NULL.  True when that lane has fallen asleep.
 */
bool turns_end(struct turns *turns, struct errand *errand,
    const struct reply *why);

/* Its worker never began: it waits again. */
void turns_undo(struct turns *turns, struct errand *errand);

/* An errand that stands in line for LANE, taken out of it; NULL: there is none.
 */
struct errand *turns_take_out(struct turns *turns, const struct lane *lane);

/* Ends an errand that is not at work.  NULL is allowed. */
void turns_close(struct turns *turns, struct errand *errand);

#endif
