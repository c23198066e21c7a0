/*
 * verdict.h - what a queued message needs next.  Pure.
 */
#ifndef SMTPD_VERDICT_H
#define SMTPD_VERDICT_H

#include "smtpd/patience.h"
#include "smtpd/queue.h"

enum verdict {
	VERDICT_REMOVE, /* everybody has it, or nothing is owed */
	VERDICT_HOLD, /* nobody waits, somebody failed: kept for the operator */
	VERDICT_KEEP, /* held already */
	VERDICT_WAIT, /* until entry->next */
	VERDICT_DELIVER, /* now */
	VERDICT_REPORT,  /* the sender is to be told */
};

/*
 * Looks at ENTRY at the time NOW.  Who has waited too long has failed: that is
 * changed in ENTRY.
 */
enum verdict verdict_on(struct queue_entry *entry,
    const struct patience *patience, int64_t now);

/* With VERDICT_WAIT: until when. */
int64_t verdict_until(const struct queue_entry *entry,
    const struct patience *patience);

#endif
