/*
 * lmtp_envelope.c - the envelope, as the commands give it.
 *
 * DSN (RFC 3461) is announced, and its parameters are taken, where there is a
 * queue for the reports (receipt.h).  ORCPT is taken always, from whoever knows
 * us by our XFORWARD: it becomes X-Original-To, and smtpd, which makes its own
 * reports, sends it.  All else that LHLO does not offer is refused.
 */
#include "mda/lmtp_envelope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/orcpt.h"
#include "mda/lmtp_parameter.h"
#include "mda/mailboxes.h"
#include "mda/receipt.h"
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

/* RET and ENVID.  VALUE is kept in TO, which must be empty. */
static struct reply
take_dsn(const struct lmtp_parameter *parameter, char *to,
    bool (*take)(const char *value, char *to))
{
	if (*to != '\0' || !take(parameter->value, to))
		return reply(501, "5.5.4 Bad value of %s", parameter->name);
	return reply(250, "2.1.0 Ok");
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
	if (strcasecmp(parameter->name, "RET") == 0 && receipt_is_possible())
		return take_dsn(parameter, envelope->ret, dsn_take_ret);
	if (strcasecmp(parameter->name, "ENVID") == 0 && receipt_is_possible())
		return take_dsn(parameter, envelope->envid, dsn_take_envid);
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
	envelope->ret[0] = envelope->envid[0] = '\0';
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

/* What stands behind RCPT, before anybody is found. */
struct wish {
	char notify[DSN_NOTIFY_SIZE]; /* "" without */
	char orcpt[ORCPT_MAX + 1];    /* "" without, and where it is none */
};

static struct reply
take_rcpt_parameters(struct lmtp_recipient *recipient, struct wish *wish,
    const char *argument)
{
	struct lmtp_parameter parameter;
	struct reply r = reply(250, "2.1.5 Ok");

	while (reply_is_ok(&r) && lmtp_parameter_next(&argument, &parameter)) {
		if (strcasecmp(parameter.name, "ORCPT") == 0) {
			take_original(parameter.value, recipient->original,
			    sizeof(recipient->original));
			if (orcpt_is_valid(parameter.value, true))
				(void)copy_string(wish->orcpt,
				    sizeof(wish->orcpt), parameter.value);
		} else if (strcasecmp(parameter.name, "NOTIFY") == 0 &&
		    receipt_is_possible()) {
			r = take_dsn(&parameter, wish->notify, dsn_take_notify);
		} else {
			r = reply(555, "5.5.4 Unknown parameter of RCPT");
		}
	}
	return r;
}

/*
 * All but success is told by whoever hears our replies (RFC 2033 4.2), and
 * nobody is told of mail from <>.
 */
static void
keep_wish(const struct lmtp_envelope *envelope,
    struct lmtp_recipient *recipient, const struct wish *wish,
    const struct address *address)
{
	char typed[ADDRESS_TEXT_MAX];

	recipient->typed = recipient->asked = NULL;
	if (*envelope->sender == '\0' || !dsn_wants_success(wish->notify))
		return;
	recipient->typed =
	    xstrdup(address_format(address, typed, sizeof(typed)));
	recipient->asked = xasprintf("NOTIFY=%s%s%s", wish->notify,
	    *wish->orcpt == '\0' ? "" : " ORCPT=", wish->orcpt);
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
	struct wish wish = { .notify = "" };
	struct reply found, r = parse_path(&argument, "TO:", "5.1.3", &address);

	if (!reply_is_ok(&r))
		return r;
	if (address_is_null(&address))
		return reply(501, "5.1.3 A recipient must have a name");
	if (envelope->count == RECIPIENTS_MAX)
		return reply(452, "4.5.3 Too many recipients");
	address_format(&address, recipient->original,
	    sizeof(recipient->original));
	r = take_rcpt_parameters(recipient, &wish, argument);
	if (!reply_is_ok(&r))
		return r;
	found = recipient_mailbox(&address, &recipient->mailbox);
	if (!reply_is_ok(&found))
		return found;
	r = check_room(envelope, &recipient->mailbox);
	if (!reply_is_ok(&r))
		return r;

	keep_wish(envelope, recipient, &wish, &address);
	envelope->count++;
	return found;
}

void
lmtp_envelope_clear(struct lmtp_envelope *envelope)
{
	for (size_t i = 0; i < envelope->count; i++) {
		free(envelope->recipients[i].typed);
		free(envelope->recipients[i].asked);
	}
	free(envelope->recipients);
	*envelope = (struct lmtp_envelope){ .count = 0 };
}
