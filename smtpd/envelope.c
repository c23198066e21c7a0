/* envelope.c - who a message is from and where it shall go. */
#include "smtpd/envelope.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/log.h"
#include "smtpd/intake.h"

void
transaction_begin(struct transaction *transaction,
    const struct queue_origin *origin)
{
	char id[QUEUE_ID_SIZE];

	transaction_clear(transaction);
	queue_new_id(id);
	queue_entry_init(&transaction->envelope, id, origin);
}

static bool
is_same(const struct queue_recipient *rcpt, const char *address)
{
	const char *here = strrchr(rcpt->address, '@');
	const char *there = strrchr(address, '@');

	if (rcpt->local || here == NULL || there == NULL)
		return strcasecmp(rcpt->address, address) == 0;
	return strcasecmp(here, there) == 0 &&
	    here - rcpt->address == there - address &&
	    memcmp(rcpt->address, address, (size_t)(there - address)) == 0;
}

/*
 * The same mailbox: two ways to it (aliases) make one copy.  Of another host's
 * addresses only that host knows whether case matters; should it not, there
 * are two.
 */
static bool
is_there(const struct queue_entry *envelope, const char *address)
{
	for (size_t i = 0; i < envelope->recipient_count; i++)
		if (is_same(&envelope->recipients[i], address))
			return true;
	return false;
}

struct queue_recipient *
transaction_add(struct transaction *transaction, const struct address *typed,
    const struct address *final, const char *parameters)
{
	struct queue_entry *envelope = &transaction->envelope;
	char original[ADDRESS_TEXT_MAX];
	char address[ADDRESS_TEXT_MAX];
	struct queue_recipient *rcpt;

	address_format(typed, original, sizeof(original));
	address_format(final, address, sizeof(address));
	if (is_there(envelope, address))
		return NULL;
	if (strcmp(address, original) == 0)
		original[0] = '\0';
	rcpt = queue_entry_add(envelope, address, original);
	rcpt->local = true;
	free(rcpt->parameters);
	rcpt->parameters = xstrdup(parameters);
	return rcpt;
}

void
transaction_accept(struct transaction *transaction, const struct address *typed)
{
	transaction->accepted++;
	address_format(typed, transaction->typed, sizeof(transaction->typed));
}

void
transaction_clear(struct transaction *transaction)
{
	intake_free(transaction->intake);
	queue_entry_clear(&transaction->envelope);
	*transaction = (struct transaction){ 0 };
}

const char *
envelope_log(const struct queue_entry *envelope)
{
	static struct buf text = BUF_INIT;
	const char *sender = envelope->sender;

	buf_reset(&text);
	buf_printf(&text, "id=%s from=%s helo=%s login=%s peer=%s",
	    envelope->id, *sender == '\0' ? "<>" : log_safe(sender),
	    log_safe(envelope->helo), log_safe(envelope->login),
	    log_safe(envelope->peer));
	if (*envelope->uid != '\0')
		buf_printf(&text, " uid=%s", log_safe(envelope->uid));
	if (*envelope->message_id != '\0')
		buf_printf(&text, " msgid=%s", log_safe(envelope->message_id));
	return text.data;
}
