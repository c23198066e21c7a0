/* verdict.c - see docs/QUEUE.md for the same as a table. */
#include "smtpd/verdict.h"

#include "smtpd/report.h"

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
verdict_on(struct queue_entry *entry, const struct patience *patience,
    int64_t now)
{
	bool late = report_is_late(entry, patience->notice, now);

	if (entry->withdrawn)
		return VERDICT_REMOVE;
	if (entry->held)
		return VERDICT_KEEP;
	if (entry->arrived + patience->lifetime < now && entry->attempts > 0)
		expire(entry);
	if (queue_count(entry, RCPT_PENDING) > 0 && entry->next <= now)
		return VERDICT_DELIVER;
	if (report_is_owed(entry, late))
		return VERDICT_REPORT;
	if (queue_count(entry, RCPT_PENDING) > 0)
		return VERDICT_WAIT;
	return report_is_nobodys(entry) ? VERDICT_HOLD : VERDICT_REMOVE;
}

int64_t
verdict_until(const struct queue_entry *entry, const struct patience *patience)
{
	int64_t notice = entry->arrived + patience->notice;

	/* The word about a delay is in time, whenever the next attempt is. */
	if (patience->notice > 0 && notice < entry->next &&
	    report_is_owed(entry, true))
		return notice;
	return entry->next;
}
