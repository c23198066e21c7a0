/*
 * delivery.c - what a delivery worker does between fork and exit.
 *
 * It may be killed at any point.  Before the append, a copy may be in a mailbox
 * that the envelope does not know of: the next attempt makes a second one.  No
 * order of the two steps avoids that, and this one loses nothing.
 */
#include "smtpd/delivery.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "common/server.h"
#include "smtpd/envelope.h"
#include "smtpd/local.h"
#include "smtpd/mda_link.h"
#include "smtpd/notify.h"
#include "smtpd/queue.h"
#include "smtpd/relay.h"
#include "smtpd/report.h"

enum {
	ORDERS_MAX = 1000, /* then it makes room for a new one */
	IDLE = 10,         /* seconds without an order, then it ends */
	SECOND = 1000,     /* milliseconds */
	MOMENT = 500,      /* for which mda_link.h keeps its connection */
};

/* Things may have changed since the manager looked. */
static bool
is_wanted(const struct queue_entry *entry)
{
	return !entry->held && !entry->withdrawn &&
	    queue_count(entry, RCPT_PENDING) > 0;
}

static bool
is_over(const struct queue_entry *entry)
{
	return queue_count(entry, RCPT_DONE) == entry->recipient_count &&
	    !report_is_owed(entry, false);
}

/* The message is not to be read: they wait on, the operator is told. */
static void
defer_all(const struct delivery *delivery, struct queue_entry *entry,
    const char *destination)
{
	const struct reply r =
	    reply(451, "4.3.0 the message file cannot be read");

	for (size_t i = 0; i < entry->recipient_count; i++)
		if (destination_is(delivery->config, entry,
			&entry->recipients[i], destination))
			queue_decide(&entry->recipients[i], &r);
	local_log(entry);
}

/* Why mda could not be reached, if that is why they wait. */
static void
find_trouble(const struct queue_entry *entry, struct reply *why_out)
{
	char status[16];

	for (size_t i = 0; i < entry->recipient_count; i++) {
		const struct queue_recipient *rcpt = &entry->recipients[i];

		if (!rcpt->local || rcpt->state != RCPT_PENDING)
			continue;
		reply_status(&rcpt->last, status, sizeof(status));
		if (strcmp(status, "4.4.1") == 0)
			*why_out = rcpt->last;
	}
}

/* 0; -1 when what has come of it is not written. */
static int
hand_out(const struct delivery *delivery, const struct order *order,
    struct queue_entry *entry, int env_fd, struct reply *why_out)
{
	struct relay_errand errand = {
		.envelope = entry,
		.destination = order->destination,
		.message_fd = queue_open_message(delivery->queue, entry->id),
		.env_fd = env_fd,
	};
	int rc;

	if (errand.message_fd == -1) {
		defer_all(delivery, entry, order->destination);
		return queue_settle(env_fd, entry);
	}
	if (strcmp(order->destination, DESTINATION_HERE) == 0) {
		local_deliver(delivery->config, entry, errand.message_fd);
		local_log(entry);
		find_trouble(entry, why_out);
		rc = queue_settle(env_fd, entry);
	} else {
		rc = relay_deliver(delivery->relay, &errand, why_out);
	}
	close(errand.message_fd);
	return rc;
}

struct outcome
delivery_run(const struct delivery *delivery, const struct order *order)
{
	struct outcome outcome = { .good = true };
	struct queue_entry entry;
	int env_fd = queue_read(delivery->queue, order->id, true, &entry);

	memcpy(outcome.id, order->id, sizeof(outcome.id));
	if (env_fd != -1 && is_wanted(&entry) &&
	    strcmp(order->destination, DESTINATION_SENDER) != 0)
		outcome.good = hand_out(delivery, order, &entry, env_fd,
				   &outcome.why) == 0;
	if (env_fd != -1 && outcome.good && order->tell && !entry.held)
		outcome.good = notify_owed(delivery, &entry, env_fd) == 0;
	outcome.over = env_fd != -1 && outcome.good && is_over(&entry);
	if (env_fd != -1)
		close(env_fd);
	queue_entry_clear(&entry);
	return outcome;
}

/* Lets go of connections that nobody needs now. */
static void
hang_up(const struct delivery *delivery)
{
	mda_link_close();
	relay_hang_up(delivery->relay);
}

/*
 * Waits for an order.  A connection that is kept ends when its time is over,
 * or when the other side has something to say.  False: there is none.
 */
static bool
await_order(const struct delivery *delivery, int channel)
{
	int kept = relay_kept_fd(delivery->relay);
	int patience =
	    kept == -1 ? MOMENT : delivery->config->relay_keep * SECOND;
	struct pollfd ready[] = {
		{ .fd = channel, .events = POLLIN },
		{ .fd = kept, .events = POLLIN },
	};

	(void)poll(ready, COUNT(ready), patience);
	if (ready[0].revents != 0)
		return true;
	hang_up(delivery);
	return poll(ready, 1, IDLE * SECOND) > 0;
}

static bool
is_sound(const struct order *order)
{
	return memchr(order->id, '\0', sizeof(order->id)) != NULL &&
	    queue_is_id(order->id);
}

int
delivery_serve(const struct delivery *delivery, int channel)
{
	struct order order;
	struct outcome outcome;

	for (int i = 0; i < ORDERS_MAX; i++) {
		server_doing("idle");
		if (!await_order(delivery, channel) ||
		    recv(channel, &order, sizeof(order), 0) != sizeof(order) ||
		    !is_sound(&order))
			break;
		server_doing("%s to %s", order.id, order.destination);
		outcome = delivery_run(delivery, &order);
		if (send(channel, &outcome, sizeof(outcome), MSG_NOSIGNAL) !=
		    sizeof(outcome))
			break;
	}
	/* The manager shall not count on it while it takes its leave. */
	close(channel);
	hang_up(delivery);
	return 0;
}
