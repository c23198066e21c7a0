/*
 * lmtp_deliver.c - one copy for each mailbox, one answer for each recipient.
 */
#include "mda/lmtp_deliver.h"

#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "mda/receipt.h"

/* The same mailbox, named before recipient I; NULL when I is the first. */
static const struct lmtp_recipient *
find_earlier(const struct lmtp_envelope *envelope, size_t i)
{
	const struct lmtp_recipient *all = envelope->recipients;

	for (size_t earlier = 0; earlier < i; earlier++)
		if (strcmp(all[earlier].mailbox.login, all[i].mailbox.login) ==
		    0)
			return &all[earlier];
	return NULL;
}

struct arrival
lmtp_arrival(const struct config *config, const struct lmtp_envelope *envelope,
    struct parcel *parcel, int64_t lines)
{
	const struct forwarded *forwarded = &envelope->forwarded;
	struct arrival arrival = {
		.config = config,
		.parcel = parcel,
		.lines = lines,
		.envelope = {
			.sender = envelope->sender,
			.recipient = "",
			.helo = forwarded->helo,
			.peer = forwarded->peer,
			.login = forwarded->login,
			.protocol = forwarded->protocol,
			.tls = forwarded->tls,
			.queue_id = forwarded->queue_id,
		},
	};

	deliver_prepare(&arrival);
	return arrival;
}

/* Who hears the answers, and whose turn it is. */
struct answering {
	struct lmtp_envelope *envelope;
	const struct arrival *arrival;
	size_t next;
	bool held; /* nobody hears them yet */
};

static void
answer_next(struct answering *answering, const struct reply *r)
{
	answering->envelope->recipients[answering->next++].reply = *r;
	if (!answering->held)
		answering->arrival->answer(answering->arrival->arg, r);
}

/* For the next one with a copy of his own, and those named twice behind him. */
static void
take_answer(void *arg, const struct reply *r)
{
	struct answering *answering = arg;
	const struct lmtp_recipient *earlier;

	answer_next(answering, r);
	while (answering->next < answering->envelope->count &&
	    (earlier = find_earlier(answering->envelope, answering->next)) !=
		NULL)
		answer_next(answering, &earlier->reply);
}

static void
deliver_all(struct answering *answering)
{
	struct lmtp_envelope *envelope = answering->envelope;
	struct arrival heard = *answering->arrival;
	struct target *targets = xcalloc(envelope->count, sizeof(*targets));
	size_t count = 0;

	for (size_t i = 0; i < envelope->count; i++)
		if (find_earlier(envelope, i) == NULL)
			targets[count++] = (struct target){
				.mailbox = &envelope->recipients[i].mailbox,
				.original = envelope->recipients[i].original,
			};
	heard.answer = take_answer;
	heard.arg = answering;
	deliver_copies(&heard, targets, count);
	free(targets);
}

static bool
is_receipt_wanted(const struct lmtp_envelope *envelope)
{
	for (size_t i = 0; i < envelope->count; i++)
		if (envelope->recipients[i].asked != NULL)
			return true;
	return false;
}

/* "RET=HDRS ENVID=x", what there is of it.  The caller frees. */
static char *
mail_parameters(const struct lmtp_envelope *envelope)
{
	return xasprintf("%s%s%s%s%s",
	    *envelope->ret == '\0' ? "" : "RET=", envelope->ret,
	    *envelope->ret == '\0' || *envelope->envid == '\0' ? "" : " ",
	    *envelope->envid == '\0' ? "" : "ENVID=", envelope->envid);
}

/* The report about all who have a copy and asked for it. */
static void
add_receivers(struct receipt *receipt, const struct lmtp_envelope *envelope)
{
	for (size_t i = 0; i < envelope->count; i++) {
		const struct lmtp_recipient *rcpt = &envelope->recipients[i];
		const char *login = rcpt->mailbox.login;

		if (rcpt->asked != NULL && reply_is_ok(&rcpt->reply))
			receipt_add(receipt, login,
			    strcmp(rcpt->typed, login) == 0 ? "" : rcpt->typed,
			    rcpt->asked, &rcpt->reply);
	}
}

/*
 * The answers wait for the receipt: who has heard 250 of a copy will not ask
 * for its report again.
 */
static void
deliver_with_receipt(struct answering *answering)
{
	struct lmtp_envelope *envelope = answering->envelope;
	char *parameters = mail_parameters(envelope);
	struct reply trouble =
	    reply(451, "4.3.0 the report that is asked for cannot be made");
	struct receipt receipt;
	bool begun =
	    receipt_begin(&receipt, answering->arrival, parameters) == 0;

	free(parameters);
	answering->held = true;
	if (begun)
		deliver_all(answering);
	while (answering->next < envelope->count)
		answer_next(answering, &trouble);
	if (begun) {
		add_receivers(&receipt, envelope);
		receipt_end(&receipt);
	}
	answering->held = false;
	answering->next = 0;
	for (size_t i = 0; i < envelope->count; i++)
		answer_next(answering, &envelope->recipients[i].reply);
}

void
lmtp_deliver(struct lmtp_envelope *envelope, const struct arrival *arrival)
{
	struct answering answering = { envelope, arrival, 0, false };

	if (is_receipt_wanted(envelope))
		deliver_with_receipt(&answering);
	else
		deliver_all(&answering);
}
