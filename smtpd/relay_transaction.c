/*
 * relay_transaction.c - what is said about a message, and what is made of the
 * answers.
 *
 * 8BITMIME: a host that does not know it gets a message with bytes above 127
 * as quoted-printable (RFC 6152 3, downgrade.h), where that cannot be not at
 * all (5.6.3); as it is if [relay] eight_bit says so.
 *
 * DKIM: what goes out is signed as it goes out, so this is the last thing done
 * to it (sign.h).
 *
 * SMTPUTF8: what needs it goes only to who knows it (5.6.7, RFC 6531 3.2, 3.5).
 *
 * DSN: where the host knows it, reports of success are its duty (RFC 3461 5.2):
 * REPORT_RELAYED is marked as told.
 */
#include "smtpd/relay_transaction.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/buf.h"
#include "common/log.h"
#include "common/utf8.h"
#include "smtpd/relay_seven.h"
#include "smtpd/report.h"
#include "smtpd/sign.h"

/* Those of a batch who are named to this host. */
struct offer {
	size_t count;
	struct queue_recipient *waiting[RELAY_BATCH_MAX];
	struct smtp_recipient sent[RELAY_BATCH_MAX];
};

static bool
has_word(const char *words, const char *word)
{
	size_t size = strlen(word);

	while (*(words += strspn(words, " ")) != '\0') {
		size_t length = strcspn(words, " ");

		if (length == size && strncasecmp(words, word, size) == 0)
			return true;
		words += length;
	}
	return false;
}

static bool
begins(const char *word, const char *with)
{
	return strncasecmp(word, with, strlen(with)) == 0;
}

/* The message as a host gets it: as it is, or in 7 bits. */
struct text {
	const struct relay_message *message;
	char **signatures; /* *signatures is NULL until it is signed */
};

/* Whether the host gets it in 7 bits. */
static bool
needs_seven(const struct relay_session *session, const struct relay_job *job)
{
	return (session->client.extensions & EXT_8BITMIME) == 0 &&
	    job->message.eight_bit && !job->config->relay_eight_bit;
}

static struct text
choose_text(const struct relay_session *session, struct relay_job *job)
{
	if (needs_seven(session, job))
		return (struct text){ &job->seven->message,
			&job->seven->signatures };
	return (struct text){ &job->message, &job->signatures };
}

/* On the wire, where line ends have two octets. */
static int64_t
wire_size(const struct text *text)
{
	int64_t size = text->message->wire_size;

	for (const char *at = *text->signatures; *at != '\0'; at++)
		size += *at == '\n' ? 2 : 1;
	return size;
}

/*
 * What the client gave, as far as it is the same for everybody; of size and
 * body what is true.
 */
static char *
mail_parameters(const struct relay_job *job, const struct text *text, bool utf8)
{
	const char *words = job->envelope->parameters;
	struct buf to = BUF_INIT;

	buf_printf(&to, "SIZE=%lld", (long long)wire_size(text));
	if (text->message->eight_bit)
		buf_addstr(&to, " BODY=8BITMIME");
	if (utf8)
		buf_addstr(&to, " SMTPUTF8");
	while (*(words += strspn(words, " ")) != '\0') {
		size_t length = strcspn(words, " ");

		if (begins(words, "RET=") || begins(words, "ENVID="))
			buf_printf(&to, " %.*s", (int)length, words);
		words += length;
	}
	return buf_steal(&to);
}

/*
 * Has it signed, once for all hosts that get the same.  False when that must
 * wait.
 */
static bool
sign(const struct relay_job *job, const struct text *text)
{
	struct buf fields = BUF_INIT;

	if (*text->signatures != NULL)
		return true;
	if (sign_message(job->config, job->envelope, text->message->fd,
		&fields) == -1) {
		buf_clear(&fields);
		return false;
	}
	*text->signatures = buf_steal(&fields);
	return true;
}

/* Nobody hears of it before it is signed as its domain promises. */
static void
put_off_unsigned(const struct offer *offer)
{
	const struct reply r =
	    reply(451, "4.7.0 the message cannot be signed now");

	for (size_t i = 0; i < offer->count; i++)
		queue_decide(offer->waiting[i], &r);
}

/* Why there is no text for this host: "5.6.3 it has ..." */
static struct reply
without_8bitmime(const struct relay_session *session, const struct reply *why)
{
	const char *words = why->text + strcspn(why->text, " ");

	return reply(why->code,
	    "%.*s %s does not know 8BITMIME, and the message cannot be "
	    "converted:%s",
	    (int)(words - why->text), why->text, session->where, words);
}

/* Why RCPT cannot be named to this host; code 0 when it can. */
static struct reply
find_hindrance(const struct relay_session *session, struct relay_job *job,
    const struct queue_recipient *rcpt)
{
	unsigned offered = session->client.extensions;

	if ((offered & EXT_SMTPUTF8) == 0 &&
	    (job->message.utf8_header ||
		!utf8_is_ascii(job->envelope->sender) ||
		!utf8_is_ascii(rcpt->address)) &&
	    has_word(job->envelope->parameters, "SMTPUTF8"))
		return reply(553,
		    "5.6.7 %s does not know SMTPUTF8, which the message needs",
		    session->where);
	if (!needs_seven(session, job))
		return (struct reply){ 0 };
	if (job->seven == NULL)
		job->seven = relay_seven_new(job->message.fd);
	if (reply_is_ok(&job->seven->made))
		return (struct reply){ 0 };
	return without_8bitmime(session, &job->seven->made);
}

/* Who can be named; who cannot has a last word already. */
static void
fill_offer(struct offer *offer, const struct relay_session *session,
    struct relay_job *job, const struct relay_batch *batch)
{
	offer->count = 0;
	for (size_t i = 0; i < batch->count; i++) {
		struct queue_recipient *rcpt =
		    &job->envelope->recipients[batch->members[i]];
		struct reply r;

		if (rcpt->state != RCPT_PENDING)
			continue;
		r = find_hindrance(session, job, rcpt);
		if (r.code != 0) {
			/* Another host may be able to. */
			if (session->others)
				r = reply(451, "4%s", r.text + 1);
			queue_decide(rcpt, &r);
			continue;
		}
		offer->waiting[offer->count] = rcpt;
		offer->sent[offer->count++] = (struct smtp_recipient){
			.address = rcpt->address,
			.parameters = rcpt->parameters,
		};
	}
}

/* Whether SAID is not the host's, but smtp_client's about the connection. */
static bool
is_of_nobody(const struct smtp_client *client, const struct reply *said)
{
	return client->broken && said->code == 421 &&
	    strncmp(said->text, "4.4.2 ", 6) == 0;
}

/* The last word about one of them. */
static void
decide(const struct relay_session *session, struct queue_recipient *rcpt,
    const struct reply *said)
{
	const struct smtp_client *client = &session->client;
	struct reply r = *said;

	if (is_of_nobody(client, said)) {
		r = reply(451, "4.4.2 conversation with %s%s: %s",
		    session->where,
		    client->sent ? ", after the message was sent" : "",
		    said->text + strlen("4.4.2 "));
		queue_decide(rcpt, &r);
		return;
	}
	queue_decide(rcpt, &r);
	queue_credit(rcpt, session->hop->host);
	if (reply_is_ok(&r) && (client->extensions & EXT_DSN) != 0)
		rcpt->reported |= 1U << REPORT_RELAYED;
}

/* On a fresh connection or a kept one: the next is by DATA. */
static void
note_no_bdat(const struct relay_session *session, const struct relay_job *job)
{
	log_event(LOG_INFO, "relay-without-bdat", "id=%s host=%s", session->id,
	    log_safe(session->where));
	relay_bdat_refuse(job->bdat, &session->hop->address);
}

bool
relay_transaction(struct relay_session *session, struct relay_job *job,
    const struct relay_batch *batch)
{
	struct offer offer;
	struct text text;
	char *parameters;
	bool utf8 = has_word(job->envelope->parameters, "SMTPUTF8");

	fill_offer(&offer, session, job, batch);
	if (offer.count == 0)
		return true;
	text = choose_text(session, job);
	if (!sign(job, &text)) {
		put_off_unsigned(&offer);
		return false;
	}
	parameters = mail_parameters(job, &text, utf8);
	(void)smtp_send(&session->client,
	    &(struct smtp_transaction){
		.sender = job->envelope->sender,
		.parameters = parameters,
		.recipients = offer.sent,
		.recipient_count = offer.count,
		.header = *text.signatures,
		.fd = text.message->fd,
		.final_timeout = job->config->relay_final_timeout,
		.chunking = job->config->relay_chunking &&
		    !relay_bdat_is_refused(job->bdat, &session->hop->address),
	    });
	if (session->client.no_bdat)
		note_no_bdat(session, job);
	free(parameters);
	for (size_t i = 0; i < offer.count; i++)
		decide(session, offer.waiting[i], &offer.sent[i].reply);
	return !session->client.sent;
}
