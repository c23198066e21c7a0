/* verdict.c - see docs/QUEUE.md for the same as a table. */
#include "smtpd/verdict.h"

static void
expire(struct queue_entry *entry)
{
	for (size_t i = 0; i < entry->recipient_count; i++) {
		struct queue_recipient *rcpt = &entry->recipients[i];
		struct reply r;

		if (rcpt->state != RCPT_PENDING)
			continue;
		r = reply(554, "5.4.7 waited too long; the last word was: %s",
		    rcpt->last.code == 0 ? "none" : rcpt->last.text);
		queue_decide(rcpt, &r);
	}
}

enum verdict
verdict_on(struct queue_entry *entry, int lifetime, int64_t now)
{
	if (entry->withdrawn)
		return VERDICT_REMOVE;
	if (entry->held)
		return VERDICT_KEEP;
	if (entry->arrived + lifetime < now && entry->attempts > 0)
		expire(entry);
	if (queue_count(entry, RCPT_PENDING) > 0)
		return entry->next > now ? VERDICT_WAIT : VERDICT_DELIVER;
	return queue_count(entry, RCPT_FAILED) > 0 ? VERDICT_HOLD
						   : VERDICT_REMOVE;
}
