/*
 * local.c - an LMTP transaction for every hundred recipients that wait.
 *
 * mda's final word about a person (5xx to RCPT, or after the dot) is final
 * here too.  Trouble on the way there never is: whatever goes wrong with the
 * connection is a 4xx, and a server that is no LMTP server is a mistake of the
 * operator, not of the sender.
 */
#include "smtpd/local.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/config_form.h"
#include "common/log.h"
#include "common/orcpt.h"
#include "common/smtp_client.h"
#include "smtpd/envelope.h"
#include "smtpd/headers.h"
#include "smtpd/mda_link.h"
#include "smtpd/report.h"

enum { XTEXT_SIZE = 3 * ADDRESS_TEXT_MAX, BATCH = 100 };

/* Appends " NAME=VALUE" in xtext; what is unknown is said to be so. */
static void
put_attribute(const char *name, const char *value, struct buf *to)
{
	char text[XTEXT_SIZE];

	if (*value == '\0' || !xtext_encode(value, text, sizeof(text)))
		copy_string(text, sizeof(text), "[UNAVAILABLE]");
	buf_printf(to, " %s=%s", name, text);
}

/*
 * XFORWARD (Postfix), with LOGIN and TLS as ours: who the client is, for the
 * index.  Of it what is in OFFERED, the server's list: it would refuse the
 * command for an attribute it does not know, as mda of an earlier version does
 * TLS.  TO stays empty when that is nothing.
 */
static void
put_xforward(const struct queue_entry *envelope, const char *offered,
    struct buf *to)
{
	const char *v6 = strchr(envelope->peer, ':') == NULL ? "" : "IPV6:";
	char peer[64];
	char helo[256];
	const struct {
		const char *name;
		const char *value;
	} attributes[] = {
		{ "ADDR", peer },
		{ "HELO", helo },
		{ "PROTO", envelope->protocol },
		{ "IDENT", envelope->id },
		{ "LOGIN", envelope->login },
		{ "TLS", envelope->tls },
	};

	(void)snprintf(peer, sizeof(peer), "%s%s", v6, envelope->peer);
	headers_safe_helo(envelope->helo, helo, sizeof(helo));
	for (size_t i = 0; i < COUNT(attributes); i++) {
		if (!form_has_word(offered, attributes[i].name))
			continue;
		if (to->size == 0)
			buf_addstr(to, "XFORWARD");
		put_attribute(attributes[i].name, attributes[i].value, to);
	}
}

/*
 * Our mda gets the recipient as it was typed, for X-Original-To; of reports it
 * knows nothing.  Another server gets what the client asked for (RFC 3461).
 */
static char *
recipient_parameters(const struct queue_recipient *rcpt, bool ours)
{
	const char *typed =
	    *rcpt->original == '\0' ? rcpt->address : rcpt->original;
	struct buf text = BUF_INIT;

	if (!ours)
		return xstrdup(rcpt->parameters);
	buf_addstr(&text, "ORCPT=");
	orcpt_encode(typed, &text);
	return text.data;
}

/* Some recipients of an envelope, on their way. */
struct batch {
	size_t count;
	struct queue_recipient *waiting[BATCH];
	char *parameters[BATCH];
	struct smtp_recipient sent[BATCH];
};

/* Takes the next ones that wait, from *NEXT on. */
static void
fill_batch(struct batch *batch, const struct queue_entry *envelope,
    size_t *next, bool ours)
{
	batch->count = 0;
	for (; *next < envelope->recipient_count && batch->count < BATCH;
	     (*next)++) {
		struct queue_recipient *rcpt = &envelope->recipients[*next];
		size_t i = batch->count;

		if (!rcpt->local || rcpt->state != RCPT_PENDING)
			continue;
		batch->waiting[i] = rcpt;
		batch->parameters[i] = recipient_parameters(rcpt, ours);
		batch->sent[i].address = rcpt->address;
		batch->sent[i].parameters = batch->parameters[i];
		batch->sent[i].reply.code = 0;
		batch->count++;
	}
}

static bool
is_last_word(const struct reply *r)
{
	return reply_is_ok(r) || reply_is_temporary(r) || reply_is_final(r);
}

/*
 * What mda said is the recipients'; whoever it did not speak of waits. WITH_DSN
 * the server was told of NOTIFY, and makes the reports of success.
 */
static void
settle_batch(struct batch *batch, const struct reply *last, bool with_dsn)
{
	const struct reply silence =
	    reply(451, "4.4.2 no answer from mda: %s", last->text);

	for (size_t i = 0; i < batch->count; i++) {
		const struct reply *said = &batch->sent[i].reply;

		queue_decide(batch->waiting[i],
		    is_last_word(said) ? said : &silence);
		if (with_dsn && reply_is_ok(said))
			batch->waiting[i]->reported |= 1U << REPORT_DELIVERED;
		free(batch->parameters[i]);
	}
}

/*
 * Sends the message to those who wait from *NEXT on, as many as go at once.
 * Whether mda took it for the last of them.
 */
static bool
send_batch(struct smtp_client *client, struct queue_entry *envelope,
    int message_fd, size_t *next)
{
	/* Whoever knows LOGIN is an mda of ours. */
	bool ours = form_has_word(client->xforward, "LOGIN");
	struct buf xforward = BUF_INIT;
	struct batch batch;
	struct smtp_transaction transaction = {
		.sender = envelope->sender,
		.parameters = envelope->parameters,
		.recipients = batch.sent,
		.fd = message_fd,
	};
	struct reply last;

	put_xforward(envelope, client->xforward, &xforward);
	if (xforward.size > 0)
		transaction.xforward = xforward.data;
	/* mda takes ORCPT without announcing all of DSN. */
	if (ours)
		client->extensions |= EXT_ORCPT;
	fill_batch(&batch, envelope, next, ours);
	transaction.recipient_count = batch.count;
	last = smtp_send(client, &transaction);
	settle_batch(&batch, &last,
	    !ours && (client->extensions & EXT_DSN) != 0);
	buf_clear(&xforward);
	return reply_is_ok(&last);
}

/* The first who waits from I on; their number when nobody does. */
static size_t
find_waiting(const struct queue_entry *envelope, size_t i)
{
	while (i < envelope->recipient_count &&
	    (!envelope->recipients[i].local ||
		envelope->recipients[i].state != RCPT_PENDING))
		i++;
	return i;
}

/* Nobody can be delivered to: all who wait from I on have this last word. */
static void
settle_from(struct queue_entry *envelope, size_t i, const struct reply *r)
{
	for (i = find_waiting(envelope, i); i < envelope->recipient_count;
	     i = find_waiting(envelope, i + 1))
		queue_decide(&envelope->recipients[i], r);
}

void
local_deliver(const struct config *config, struct queue_entry *envelope,
    int message_fd)
{
	int64_t end = mda_link_deadline(config);
	size_t next = find_waiting(envelope, 0);

	while (next < envelope->recipient_count) {
		struct reply fault;
		struct smtp_client *client = mda_link_take(config, end, &fault);
		size_t after = next;
		bool taken;

		if (client == NULL) {
			settle_from(envelope, next, &fault);
			return;
		}
		taken = send_batch(client, envelope, message_fd, &after);
		if (taken)
			mda_link_keep();
		else if (mda_link_was_gone())
			continue;
		else
			mda_link_close();
		next = find_waiting(envelope, after);
	}
}

static const char *
outcome(const struct queue_recipient *rcpt)
{
	if (rcpt->expanded)
		return "expanded";
	switch (rcpt->state) {
	case RCPT_DONE:
		return "delivered";
	case RCPT_FAILED:
		return "undelivered";
	case RCPT_PENDING:
		break;
	}
	return "deferred";
}

void
local_log(const struct queue_entry *envelope)
{
	for (size_t i = 0; i < envelope->recipient_count; i++) {
		const struct queue_recipient *rcpt = &envelope->recipients[i];
		const struct reply *last = &rcpt->last;
		const char *orig = *rcpt->original == '\0' ? "" : " orig=";

		if (!rcpt->local || !rcpt->fresh)
			continue;
		log_event(rcpt->state == RCPT_DONE ? LOG_INFO : LOG_WARN,
		    outcome(rcpt), "%s to=%s%s%s code=%d reply=%s",
		    envelope_log(envelope), log_safe(rcpt->address), orig,
		    *orig == '\0' ? "" : log_safe(rcpt->original), last->code,
		    log_safe(last->text));
	}
}
