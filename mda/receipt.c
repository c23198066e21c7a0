/* receipt.c - an entry of smtpd's queue, written from this side. */
#include "mda/receipt.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/config.h"
#include "common/log.h"
#include "common/message_id.h"
#include "maildir/header.h"
#include "mda/deliver.h"
#include "mda/parcel.h"

/* queue/incoming; -1: there is none. */
static int incoming = -1;

bool
receipt_is_wanted(const struct config *config)
{
	for (size_t i = 0; i < config->listener_count; i++)
		if (config->listeners[i].protocol == PROTO_MTA ||
		    config->listeners[i].protocol == PROTO_MSA)
			return config->mda_dsn;
	return false;
}

void
receipt_open_queue(void)
{
	incoming = open(RECEIPT_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (incoming == -1)
		log_errno("open " RECEIPT_FOLDER);
}

void
receipt_close_queue(void)
{
	if (incoming != -1)
		close(incoming);
	incoming = -1;
}

bool
receipt_is_possible(void)
{
	return incoming != -1;
}

/* Its lines that begin the message, as far as they are in memory. */
static size_t
header_size(const struct buf *head)
{
	return header_find_end(head->data, head->size).size;
}

static void
identify(struct receipt *receipt, const struct buf *head)
{
	char id[MESSAGE_ID_SIZE];
	struct header_field field;

	if (header_find(head->data, header_size(head), "Message-Id", &field))
		queue_entry_identify(&receipt->entry,
		    message_id_read(field.value, field.value_size, id));
}

static bool
is_eight_bit(const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((data[i] & 0x80) != 0)
			return true;
	return false;
}

int
receipt_begin(struct receipt *receipt, const struct arrival *arrival,
    const char *parameters)
{
	const struct buf *head = &arrival->parcel->head;
	const struct delivery *envelope = &arrival->envelope;
	size_t size = header_size(head);
	char *all = xasprintf("%s%s", parameters,
	    is_eight_bit(head->data, size) ? " BODY=8BITMIME" : "");
	char id[QUEUE_ID_SIZE];

	queue_new_id(id);
	queue_entry_init(&receipt->entry, id,
	    &(struct queue_origin){ .sender = envelope->sender,
		.parameters = all,
		.peer = envelope->peer,
		.helo = envelope->helo,
		.login = envelope->login,
		.protocol = envelope->protocol,
		.tls = envelope->tls });
	free(all);
	identify(receipt, head);
	receipt->header = queue_spool_file(incoming);
	if (receipt->header == -1)
		goto fail;
	if (write_all(receipt->header, head->data, size) == -1 ||
	    fsync(receipt->header) == -1) {
		log_errno("write the header for a report");
		close(receipt->header);
		goto fail;
	}
	return 0;
fail:
	queue_entry_clear(&receipt->entry);
	return -1;
}

void
receipt_add(struct receipt *receipt, const char *mailbox, const char *typed,
    const char *asked, const struct reply *said)
{
	struct queue_recipient *rcpt =
	    queue_entry_add(&receipt->entry, mailbox, typed);

	rcpt->local = true;
	free(rcpt->parameters);
	rcpt->parameters = xstrdup(asked);
	queue_decide(rcpt, said);
}

void
receipt_end(struct receipt *receipt)
{
	struct queue_entry *entry = &receipt->entry;

	if (entry->recipient_count > 0) {
		int fd = queue_commit(incoming, entry, receipt->header);

		if (fd == -1)
			log_event(LOG_ERROR, "unreported", "from=%s",
			    log_safe(entry->sender));
		else
			log_event(LOG_INFO, "receipt", "id=%s from=%s msgid=%s",
			    entry->id, log_safe(entry->sender),
			    log_safe(entry->message_id));
		if (fd != -1)
			close(fd);
	}
	close(receipt->header);
	queue_entry_clear(entry);
}
