/*
 * lmtp_envelope.c - the envelope, as the commands give it.
 *
 * DSN (RFC 3461) is not announced, because a server that does must send the
 * reports itself; smtpd does that, from our replies.  Of its parameters ORCPT
 * is taken all the same, from whoever knows us by our XFORWARD: it becomes
 * X-Original-To.  All else that LHLO does not offer is refused.
 */
#include "mda/lmtp_envelope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/orcpt.h"
#include "mda/lmtp_parameter.h"
#include "mda/mailboxes.h"
#include "mda/recipient.h"

enum { RECIPIENTS_MAX = 1000 /* RFC 5321 4.5.3.1.8 asks for 100 */ };

/*
 * Parses WORD <path>, as "FROM:<a@b>", at the start of ARGUMENT and leaves
 * *ARGUMENT behind it.  250 or 501 with STATUS.
 */
static struct reply
parse_path(const char **argument, const char *word, const char *status,
    struct address *address)
{
	size_t size = strlen(word);
	const char *why;

	if (strncasecmp(*argument, word, size) != 0)
		return reply(501, "5.5.4 Usage: %s<address> [parameters]",
		    word);
	*argument += size + strspn(*argument + size, " ");
	if (!address_parse_path(argument, STRICT, address, &why))
		return reply(501, "%s %s", status, why);
	if (**argument != '\0' && **argument != ' ')
		return reply(501, "%s Something stands behind the >", status);
	return reply(250, "2.0.0 Ok");
}

/* size-value ::= 1*20DIGIT, RFC 1870 3; what does not fit is too big. */
static bool
parse_size(const char *value, int64_t *size_out)
{
	size_t digits = strspn(value, "0123456789");

	if (digits == 0 || digits > 20 || value[digits] != '\0')
		return false;
	errno = 0;
	*size_out = strtoll(value, NULL, 10); /* LLONG_MAX when out of range */
	return true;
}

static struct reply
take_mail_parameter(struct lmtp_envelope *envelope,
    const struct lmtp_parameter *parameter, int64_t limit)
{
	if (strcasecmp(parameter->name, "SIZE") == 0) {
		if (!parse_size(parameter->value, &envelope->declared))
			return reply(501, "5.5.4 Bad value of SIZE");
		if (limit > 0 && envelope->declared > limit)
			return reply(552, "5.3.4 At most %lld octets",
			    (long long)limit);
		return reply(250, "2.1.0 Ok");
	}
	/* RFC 6531: the mailbox takes any byte, so there is nothing to do. */
	if (strcasecmp(parameter->name, "SMTPUTF8") == 0)
		return parameter->has_value
		    ? reply(501, "5.5.4 SMTPUTF8 has no value")
		    : reply(250, "2.1.0 Ok");
	if (strcasecmp(parameter->name, "BODY") != 0)
		return reply(555, "5.5.4 Unknown parameter of MAIL");
	if (strcasecmp(parameter->value, "7BIT") != 0 &&
	    strcasecmp(parameter->value, "8BITMIME") != 0)
		return reply(501, "5.5.4 BODY is 7BIT or 8BITMIME");
	return reply(250, "2.1.0 Ok");
}

struct reply
lmtp_mail(struct lmtp_envelope *envelope, const char *argument, int64_t limit)
{
	struct address sender;
	struct lmtp_parameter parameter;
	struct reply r = parse_path(&argument, "FROM:", "5.1.7", &sender);

	envelope->declared = 0;
	while (reply_is_ok(&r) && lmtp_parameter_next(&argument, &parameter))
		r = take_mail_parameter(envelope, &parameter, limit);
	if (!reply_is_ok(&r))
		return r;

	address_format(&sender, envelope->sender, sizeof(envelope->sender));
	return reply(250, "2.1.0 Ok");
}

/*
 * It becomes a header field: orcpt_decode() lets nothing through that is not
 * printable.  An address of another kind, or a bad one, is not kept.
 */
static void
take_original(const char *value, char *original, size_t size)
{
	char text[ADDRESS_TEXT_MAX];

	if (orcpt_decode(value, text, sizeof(text)))
		copy_string(original, size, text);
}

static struct reply
take_rcpt_parameters(struct lmtp_recipient *recipient, const char *argument)
{
	struct lmtp_parameter parameter;

	while (lmtp_parameter_next(&argument, &parameter)) {
		if (strcasecmp(parameter.name, "ORCPT") != 0)
			return reply(555, "5.5.4 Unknown parameter of RCPT");
		take_original(parameter.value, recipient->original,
		    sizeof(recipient->original));
	}
	return reply(250, "2.1.5 Ok");
}

/* Refuses early what deliver_copy() would refuse after DATA. */
static struct reply
check_room(const struct lmtp_envelope *envelope, const struct mailbox *mailbox)
{
	int64_t size = envelope->declared > 0 ? envelope->declared : 1;
	struct open_mailbox *box;

	if (mailbox->quota <= 0)
		return reply(250, "2.1.5 Ok");
	box = mailboxes_get(mailbox->folder);
	if (box == NULL)
		return reply(250, "2.1.5 Ok");
	return mailboxes_check_room(box, mailbox, size);
}

static struct lmtp_recipient *
next_recipient(struct lmtp_envelope *envelope)
{
	if (envelope->count == envelope->room) {
		envelope->room = envelope->room * 2 + 1;
		envelope->recipients = xrealloc(envelope->recipients,
		    envelope->room * sizeof(struct lmtp_recipient));
	}
	return &envelope->recipients[envelope->count];
}

struct reply
lmtp_rcpt(struct lmtp_envelope *envelope, const char *argument)
{
	struct lmtp_recipient *recipient = next_recipient(envelope);
	struct address address;
	struct reply found, r = parse_path(&argument, "TO:", "5.1.3", &address);

	if (!reply_is_ok(&r))
		return r;
	if (address_is_null(&address))
		return reply(501, "5.1.3 A recipient must have a name");
	if (envelope->count == RECIPIENTS_MAX)
		return reply(452, "4.5.3 Too many recipients");
	address_format(&address, recipient->original,
	    sizeof(recipient->original));
	r = take_rcpt_parameters(recipient, argument);
	if (!reply_is_ok(&r))
		return r;
	found = recipient_mailbox(&address, &recipient->mailbox);
	if (!reply_is_ok(&found))
		return found;
	r = check_room(envelope, &recipient->mailbox);
	if (!reply_is_ok(&r))
		return r;

	envelope->count++;
	return found;
}

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
};

static void
answer_next(struct answering *answering, const struct reply *r)
{
	answering->envelope->recipients[answering->next++].reply = *r;
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

void
lmtp_deliver(struct lmtp_envelope *envelope, const struct arrival *arrival)
{
	struct answering answering = { envelope, arrival, 0 };
	struct arrival heard = *arrival;
	struct target *targets = xcalloc(envelope->count, sizeof(*targets));
	size_t count = 0;

	for (size_t i = 0; i < envelope->count; i++)
		if (find_earlier(envelope, i) == NULL)
			targets[count++] = (struct target){
				.mailbox = &envelope->recipients[i].mailbox,
				.original = envelope->recipients[i].original,
			};
	heard.answer = take_answer;
	heard.arg = &answering;
	deliver_copies(&heard, targets, count);
	free(targets);
}

void
lmtp_envelope_clear(struct lmtp_envelope *envelope)
{
	free(envelope->recipients);
	*envelope = (struct lmtp_envelope){ .count = 0 };
}
