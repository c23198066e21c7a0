/* envelope.c - who a message is from and where it shall go. */
#include "smtpd/envelope.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/log.h"
#include "smtpd/dsn.h"
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
static struct queue_recipient *
find_recipient(struct queue_entry *envelope, const char *address)
{
	for (size_t i = 0; i < envelope->recipient_count; i++) {
		struct queue_recipient *rcpt = &envelope->recipients[i];

		if (!rcpt->expanded && is_same(rcpt, address))
			return rcpt;
	}
	return NULL;
}

static void
ask(struct queue_recipient *rcpt, const char *parameters)
{
	free(rcpt->parameters);
	rcpt->parameters = xstrdup(parameters);
}

/* How much he wants to hear. */
static int
curiosity(const char *parameters)
{
	return 4 * dsn_wants(parameters, "SUCCESS") +
	    2 * dsn_wants(parameters, "FAILURE") +
	    dsn_wants(parameters, "DELAY");
}

/* One copy, two ways to it: the way that asks for more. */
static void
join(struct queue_recipient *rcpt, const char *original, const char *parameters)
{
	if (curiosity(parameters) <= curiosity(rcpt->parameters))
		return;
	ask(rcpt, parameters);
	free(rcpt->original);
	rcpt->original =
	    xstrdup(strcmp(rcpt->address, original) == 0 ? "" : original);
}

static void
add_final(struct queue_entry *envelope, const char *original,
    const struct transaction_final *final, const char *parameters)
{
	char address[ADDRESS_TEXT_MAX];
	struct queue_recipient *rcpt;

	address_format(&final->address, address, sizeof(address));
	rcpt = find_recipient(envelope, address);
	if (rcpt != NULL) {
		join(rcpt, original, parameters);
		return;
	}
	rcpt = queue_entry_add(envelope, address,
	    strcmp(address, original) == 0 ? "" : original);
	rcpt->local = final->local;
	ask(rcpt, parameters);
}

/* Whether RCPT for this alias was taken before. */
static bool
is_expanded(const struct queue_entry *envelope, const char *alias)
{
	for (size_t i = 0; i < envelope->recipient_count; i++)
		if (envelope->recipients[i].expanded &&
		    strcasecmp(envelope->recipients[i].address, alias) == 0)
			return true;
	return false;
}

void
transaction_accept(struct transaction *transaction, const struct address *typed,
    const struct transaction_final *finals, size_t count,
    const char *parameters)
{
	struct queue_entry *envelope = &transaction->envelope;
	bool expands = count > 1 && dsn_wants(parameters, "SUCCESS");
	char *original = transaction->typed;
	char *theirs =
	    expands ? dsn_of_members(parameters) : xstrdup(parameters);

	transaction->accepted++;
	address_format(typed, original, sizeof(transaction->typed));
	for (size_t i = 0; i < count; i++)
		add_final(envelope, original, &finals[i], theirs);
	if (expands && !is_expanded(envelope, original))
		ask(queue_entry_add_alias(envelope, original), parameters);
	free(theirs);
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
