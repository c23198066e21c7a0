/*
 * journey.h - the way a message says it has taken, and what to think of it.
 *
 * Servers write a Received field each on top of what is there (RFC 5321 4.4),
 * so the one on top is by the mailbox's own system, and true; below the last
 * one of our own anybody may have written what he liked.  The same holds for
 * Authentication-Results (RFC 8601 5).
 */
#ifndef MUA_JOURNEY_H
#define MUA_JOURNEY_H

#include "common/buf.h"
#include "maildir/authres.h"
#include "maildir/message.h"
#include "maildir/received.h"

enum { HOPS_MAX = 200 };

/* From one host to the next. */
struct hop {
	struct received received;
	bool own;       /* written by the mailbox's own system */
	bool has_delay; /* seconds since the one before, or since Date */
	int64_t delay;
	struct buf notes; /* what is odd, a line each */
	int doubts;       /* how many of these make the hop doubtful */
};

struct verdict {
	struct authres authres;
	bool own; /* of the mailbox's own system: to be believed */
};

struct journey {
	struct hop *hops; /* in the order of travel, so the topmost is last */
	size_t count;
	bool more;                /* than HOPS_MAX */
	const char *own;          /* the host the mailbox is on, or "" */
	int64_t composed;         /* the Date field, 0 without */
	struct verdict *verdicts; /* from the top */
	size_t verdict_count;
};

void journey_read(const struct message *message, struct journey *journey_out);
void journey_clear(struct journey *journey);

/* Whether the own system says METHOD=RESULT; "spf", "fail". */
bool journey_says(const struct journey *journey, const char *method,
    const char *result);

/*
 * Appends one sentence when the mailbox's own system says that the sender is
 * not who he says he is; else nothing.
 */
void journey_warning(const struct journey *journey, struct buf *to);

/* "4 s", "3 min 5 s", "2 h 7 min", "5 d 3 h"; with its sign. */
void journey_span(int64_t seconds, struct buf *to);

#endif
