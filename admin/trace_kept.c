/*
 * trace_kept.c - what was kept of a message beside the log.
 *
 * The log is asked first and knows more: it has the time to the millisecond,
 * and recipients whose copies are gone.
 */
#include "admin/trace_kept.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/trace_mailbox.h"
#include "common/mem.h"
#include "common/message_id.h"

void
trace_learn_row(struct trace_message *message, const struct trace_row *row)
{
	const struct delivery *delivery = &row->entry->delivery;
	const char *id = row->entry->message_id;
	char message_id[MESSAGE_ID_SIZE];

	trace_learn(message, FACT_MESSAGE_ID,
	    message_id_read(id, strlen(id), message_id));
	trace_learn(message, FACT_FROM,
	    *delivery->sender == '\0' ? "<>" : delivery->sender);
	trace_learn(message, FACT_LOGIN, delivery->login);
	trace_learn(message, FACT_PEER, delivery->peer);
	trace_learn(message, FACT_HELO, delivery->helo);
	trace_learn(message, FACT_PROTOCOL, delivery->protocol);
	trace_learn(message, FACT_TLS, delivery->tls);
	trace_add_copy(message, row->folder, row->file);
}

/* A copy that is in a mailbox was delivered, also when no log says so. */
static void
take_row(void *arg, const struct trace_row *row)
{
	struct trace *trace = arg;
	const struct delivery *delivery = &row->entry->delivery;
	struct trace_message *message = NULL;
	int64_t when = row->entry->received * 1000;

	if (*delivery->queue_id != '\0')
		message = trace_get(trace, delivery->queue_id);
	if (message == NULL)
		return;
	trace_learn_row(message, row);
	if (!message->arrival_known && when < message->first)
		message->first = when;
	if (message->recipient_count > 0 && message->event_count > 0)
		return;
	trace_decide(message,
	    &(struct trace_news){
		.address = row->login,
		.typed = strcmp(delivery->recipient, row->login) == 0
		    ? ""
		    : delivery->recipient,
		.outcome = "delivered",
		.reply = "",
	    });
}

void
trace_ask_indexes(struct trace *trace)
{
	trace_mailboxes(take_row, trace);
}

static void
take_queue_entry(struct trace_message *message)
{
	static const char *const outcomes[] = {
		[RCPT_PENDING] = "deferred",
		[RCPT_DONE] = "delivered",
		[RCPT_FAILED] = "undelivered",
	};
	const struct queue_entry *entry = &message->entry;

	message->queued = true;
	trace_learn(message, FACT_MESSAGE_ID, entry->message_id);
	trace_learn(message, FACT_FROM,
	    *entry->sender == '\0' ? "<>" : entry->sender);
	trace_learn(message, FACT_LOGIN, entry->login);
	trace_learn(message, FACT_UID, entry->uid);
	trace_learn(message, FACT_PEER, entry->peer);
	trace_learn(message, FACT_HELO, entry->helo);
	trace_learn(message, FACT_PROTOCOL, entry->protocol);
	trace_learn(message, FACT_TLS, entry->tls);
	if (!message->arrival_known && entry->arrived * 1000 < message->first)
		message->first = entry->arrived * 1000;
	for (size_t i = 0; i < entry->recipient_count; i++) {
		struct queue_recipient *rcpt = &entry->recipients[i];
		char *reply;

		if (rcpt->expanded)
			continue;
		reply = rcpt->last.code == 0
		    ? xstrdup("")
		    : xasprintf("%d %s", rcpt->last.code, rcpt->last.text);
		trace_decide(message,
		    &(struct trace_news){
			.address = rcpt->address,
			.typed = rcpt->original,
			.outcome = rcpt->state == RCPT_DONE && !rcpt->local
			    ? "relayed"
			    : outcomes[rcpt->state],
			.reply = reply,
		    });
		free(reply);
	}
}

void
trace_ask_queue(struct trace *trace)
{
	int queue = open("queue", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (queue == -1)
		return;
	for (size_t i = 0; i < trace->count; i++) {
		struct trace_message *message = &trace->messages[i];

		if (message->id[0] == '\0')
			continue;
		if (queue_read(queue, message->id, false, &message->entry) == 0)
			take_queue_entry(message);
		else
			queue_entry_clear(&message->entry);
	}
	close(queue);
}
