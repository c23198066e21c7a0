/*
 * custody.c - mailbox, queue or refusal.
 *
 * One recipient: mda's word decides.  Delivered is 250; refused is what the
 * client hears; cannot be said now goes to the queue.  Two flushes a message,
 * both mda's.  Who has his mailbox on another host is the queue's: what cannot
 * be known before the 250 is told in a report.
 *
 * Several recipients: their outcomes can differ while SMTP has one reply for
 * all.  A copy that was delivered cannot be taken back, so a refusal must not
 * become necessary after the first: the queue file is made durable before,
 * for everybody, then the copies are handed out and struck off.  (To deliver
 * first and queue the rest would save three flushes; but a full disk fails
 * both the second mailbox and the queue, and then the client's next attempt
 * gives the first recipient a second copy.)
 */
#include "smtpd/custody.h"

#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "smtpd/envelope.h"
#include "smtpd/local.h"
#include "smtpd/report.h"

static struct reply
accepted(const struct queue_entry *envelope)
{
	return reply(250, "2.0.0 Ok: queued as %s", envelope->id);
}

static struct reply
cannot_keep(void)
{
	return reply(451, "4.3.0 Error: queue file write error");
}

/*
 * Whether the client is to hear it: a final word, or that the mailbox is full
 * (X.2.2), which a person can see to sooner than a queue.
 */
static bool
is_refused(const struct queue_recipient *rcpt)
{
	char status[16];

	if (rcpt->state != RCPT_PENDING)
		return rcpt->state == RCPT_FAILED;
	reply_status(&rcpt->last, status, sizeof(status));
	return strcmp(status, "4.2.2") == 0;
}

/* Mail for other hosts was not tried yet: all that waits is due now. */
static bool
has_remote(const struct queue_entry *envelope)
{
	for (size_t i = 0; i < envelope->recipient_count; i++)
		if (!envelope->recipients[i].local)
			return true;
	return false;
}

static void
put_off(const struct config *config, struct queue_entry *envelope)
{
	const struct patience patience = patience_of(config);

	if (queue_count(envelope, RCPT_PENDING) > 0 && !has_remote(envelope))
		queue_put_off(envelope, &patience);
}

static void
log_queued(const struct queue_entry *envelope)
{
	log_event(LOG_INFO, "queued", "%s size=%lld waiting=%zu failed=%zu",
	    envelope_log(envelope), (long long)envelope->size,
	    queue_count(envelope, RCPT_PENDING),
	    queue_count(envelope, RCPT_FAILED));
}

static struct reply
take_for_one(const struct config *config, int incoming,
    struct queue_entry *envelope, int message_fd)
{
	const struct queue_recipient *rcpt = &envelope->recipients[0];
	int env_fd;

	local_deliver(config, envelope, message_fd);
	local_log(envelope);
	if (rcpt->state == RCPT_DONE)
		return accepted(envelope);
	if (is_refused(rcpt))
		return rcpt->last;

	put_off(config, envelope);
	env_fd = queue_commit(incoming, envelope, message_fd);
	if (env_fd == -1)
		return cannot_keep();
	close(env_fd);
	log_queued(envelope);
	return accepted(envelope);
}

/* The refusal when everybody is refused, else NULL.  A 4xx keeps the mail. */
static const struct reply *
common_refusal(const struct queue_entry *envelope)
{
	const struct reply *worst = NULL;

	for (size_t i = 0; i < envelope->recipient_count; i++) {
		const struct queue_recipient *rcpt = &envelope->recipients[i];

		if (rcpt->expanded)
			continue;
		if (!is_refused(rcpt))
			return NULL;
		if (worst == NULL || reply_is_temporary(&rcpt->last))
			worst = &rcpt->last;
	}
	return worst;
}

static struct reply
take_for_many(const struct config *config, int incoming,
    struct queue_entry *envelope, int message_fd)
{
	int env_fd = queue_commit(incoming, envelope, message_fd);
	struct reply r = accepted(envelope);
	const struct reply *refusal;

	if (env_fd == -1)
		return cannot_keep();

	/* It is ours now: what fails below costs a second copy, no message. */
	local_deliver(config, envelope, message_fd);
	local_log(envelope);
	refusal = common_refusal(envelope);
	if (refusal != NULL && queue_withdraw(env_fd) == 0) {
		r = *refusal;
	} else {
		put_off(config, envelope);
		(void)queue_results(env_fd, envelope);
		if (queue_count(envelope, RCPT_DONE) <
		    envelope->recipient_count)
			log_queued(envelope);
	}
	close(env_fd);
	return r;
}

struct reply
custody_take(const struct config *config, int incoming,
    struct queue_entry *envelope, int message_fd)
{
	if (envelope->recipient_count == 1 && !report_is_wanted(envelope))
		return take_for_one(config, incoming, envelope, message_fd);
	return take_for_many(config, incoming, envelope, message_fd);
}
