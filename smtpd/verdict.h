/*
 * verdict.h - what a queued message needs next.  Pure.
 */
#ifndef SMTPD_VERDICT_H
#define SMTPD_VERDICT_H

#include "smtpd/queue.h"

enum verdict {
	VERDICT_REMOVE, /* everybody has it, or nothing is owed */
	VERDICT_HOLD, /* nobody waits, somebody failed: kept for the operator */
	VERDICT_KEEP, /* held already */
	VERDICT_WAIT, /* until entry->next */
	VERDICT_DELIVER, /* now */
};

/*
 * Looks at ENTRY at the time NOW.  Whoever has waited for LIFETIME seconds has
 * failed: that is changed in ENTRY.
 */
enum verdict verdict_on(struct queue_entry *entry, int lifetime, int64_t now);

#endif
