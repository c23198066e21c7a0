/* plan.c - destinations, and those that are not asked now. */
#include "smtpd/plan.h"

#include <string.h>

#include "common/log.h"
#include "smtpd/envelope.h"

/*
 * Whose mail it is, for the turns: who has logged in, the user of this machine,
 * else whatever the client has said.
 */
static struct errand *
open_errand(struct turns *turns, const struct queue_entry *entry)
{
	const char *sender = entry->sender;

	if (*entry->login != '\0')
		sender = entry->login;
	else if (*entry->uid != '\0')
		sender = entry->uid;
	return turns_open(turns, entry->id, sender);
}

struct errand *
plan_delivery(struct turns *turns, const struct config *config,
    const struct queue_entry *entry)
{
	struct errand *errand = open_errand(turns, entry);
	char destination[DESTINATION_SIZE];

	for (size_t i = 0; i < entry->recipient_count; i++) {
		const struct queue_recipient *rcpt = &entry->recipients[i];

		if (rcpt->state != RCPT_PENDING)
			continue;
		destination_of(config, entry, rcpt, destination);
		turns_add(turns, errand, destination);
	}
	return errand;
}

struct errand *
plan_report(struct turns *turns, const struct queue_entry *entry)
{
	struct errand *errand = open_errand(turns, entry);

	errand->is_report = true;
	turns_add(turns, errand, DESTINATION_SENDER);
	return errand;
}

static void
suspend(const struct config *config, struct queue_entry *entry,
    const struct lane *lane, const struct reply *why)
{
	const char *text = why->text;
	char status[16];
	struct reply r;

	reply_status(why, status, sizeof(status));
	if (strncmp(text, status, strlen(status)) == 0)
		text += strlen(status);
	r = reply(451, "%s not tried, as all mail to %s waits:%s%s", status,
	    lane->name, *text == ' ' ? "" : " ", text);
	for (size_t i = 0; i < entry->recipient_count; i++) {
		struct queue_recipient *rcpt = &entry->recipients[i];

		if (!destination_is(config, entry, rcpt, lane->name))
			continue;
		queue_decide(rcpt, &r);
		log_event(LOG_WARN, "deferred", "%s to=%s code=%d reply=%s",
		    envelope_log(entry), log_safe(rcpt->address), r.code,
		    log_safe(r.text));
	}
}

void
plan_skip_sleepers(struct turns *turns, const struct config *config,
    struct errand *errand, struct queue_entry *entry)
{
	int64_t now = lane_clock();
	size_t i = 0;

	while (i < errand->count) {
		const struct lane *lane = errand->lanes[i];
		const struct reply *why = lane_asleep(lane, now);

		if (why == NULL) {
			i++;
			continue;
		}
		suspend(config, entry, lane, why);
		turns_drop(turns, errand, i);
	}
}
