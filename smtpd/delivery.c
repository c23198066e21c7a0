/*
 * delivery.c - what a delivery worker does between fork and exit.
 *
 * It may be killed at any point.  Before the append, a copy may be in a mailbox
 * that the envelope does not know of: the next attempt makes a second one.  No
 * order of the two steps avoids that, and this one loses nothing.
 */
#include "smtpd/delivery.h"

#include <unistd.h>

#include "common/log.h"
#include "smtpd/envelope.h"
#include "smtpd/local.h"
#include "smtpd/notify.h"
#include "smtpd/queue.h"
#include "smtpd/relay.h"

/* Things may have changed since the manager looked. */
static bool
is_wanted(const struct queue_entry *entry)
{
	return !entry->held && !entry->withdrawn &&
	    queue_count(entry, RCPT_PENDING) > 0;
}

/* The message is not to be read: everybody waits on, the operator is told. */
static void
defer_all(struct queue_entry *entry)
{
	const struct reply r =
	    reply(451, "4.3.0 the message file cannot be read");

	for (size_t i = 0; i < entry->recipient_count; i++)
		if (entry->recipients[i].state == RCPT_PENDING)
			queue_decide(&entry->recipients[i], &r);
}

/*
 * Mailboxes first: a host far away may keep us waiting.  What is known is
 * durable before it is begun with the next host.
 */
static int
hand_out(const struct delivery *delivery, struct queue_entry *entry, int env_fd)
{
	int message_fd = queue_open_message(delivery->queue, entry->id);
	int rc;

	if (message_fd == -1) {
		defer_all(entry);
		local_log(entry);
		return 0;
	}
	local_deliver(delivery->config, entry, message_fd);
	local_log(entry);
	rc = queue_settle(env_fd, entry);
	if (rc == 0)
		rc = relay_deliver(delivery->relay, entry, message_fd, env_fd);
	close(message_fd);
	return rc;
}

static int
attempt(const struct delivery *delivery, struct queue_entry *entry, int env_fd)
{
	const struct config *config = delivery->config;

	if (hand_out(delivery, entry, env_fd) == -1)
		return 1;
	if (queue_count(entry, RCPT_PENDING) > 0)
		queue_put_off(entry, config->queue_retry_min,
		    config->queue_retry_max);
	return queue_results(env_fd, entry) == 0 ? 0 : 1;
}

int
delivery_run(const struct delivery *delivery, const char *id, enum task task)
{
	struct queue_entry entry;
	int env_fd = queue_read(delivery->queue, id, true, &entry);
	int status = 0;

	if (env_fd != -1 && task == TASK_DELIVER && is_wanted(&entry))
		status = attempt(delivery, &entry, env_fd);
	if (env_fd != -1 && status == 0 && !entry.held &&
	    notify_sender(delivery->config, delivery->queue, &entry, env_fd) ==
		-1)
		status = 1;
	if (env_fd != -1)
		close(env_fd);
	queue_entry_clear(&entry);
	return status;
}
