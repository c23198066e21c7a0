/*
 * mail.c - MAIL and RCPT: the envelope.
 *
 * Reverse-path and Forward-path: RFC 5321 4.1.1.2, 4.1.1.3.  The blank behind
 * the colon is against 3.3 there and typed by half of the world, so it is
 * taken everywhere.
 */
#include "smtpd/commands.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/conn.h"
#include "common/directory.h"
#include "common/log.h"
#include "common/tls.h"
#include "smtpd/faults.h"
#include "smtpd/parameters.h"
#include "smtpd/policy.h"
#include "smtpd/session.h"

/* "FROM:" and a path at the start of ARGUMENT; *REST is what follows. */
static struct reply
parse_path(const struct session *s, const char *argument, const char *word,
    struct address *address_out, const char **rest)
{
	size_t length = strlen(word);
	bool sender = strcmp(word, "FROM:") == 0;
	const char *why;

	if (strncasecmp(argument, word, length) != 0)
		return command_usage(sender ? "MAIL" : "RCPT");
	*rest = argument + length + strspn(argument + length, " \t");
	if (!address_parse_path(rest, s->listener->leniency, address_out, &why))
		return reply(501, "%s Bad %s address syntax: %s",
		    sender ? "5.1.7" : "5.1.3", sender ? "sender" : "recipient",
		    why);
	if (address_out->utf8 && !config_offers(s->listener, "SMTPUTF8"))
		return reply(501,
		    "%s Bad %s address syntax: an address is written in ASCII",
		    sender ? "5.1.7" : "5.1.3",
		    sender ? "sender" : "recipient");
	if (**rest != '\0' && **rest != ' ' && **rest != '\t')
		return reply(501, "5.5.4 A blank is missing after the address");
	/* <Postmaster>, and the same of this host (4.1.1.3, 4.5.1) */
	if (strcasecmp(address_out->local, "postmaster") == 0 &&
	    strcasecmp(address_out->domain, s->service->config->hostname) == 0)
		address_out->domain[0] = '\0';
	if (*address_out->local != '\0' && *address_out->domain == '\0')
		(void)copy_string(address_out->domain,
		    sizeof(address_out->domain), s->service->config->domain);
	return reply(250, "2.1.0 Ok");
}

static struct policy
make_policy(struct session *s)
{
	return (struct policy){
		.config = s->service->config,
		.listener = s->listener,
		.directory = session_directory(s),
		.login = s->login,
		.tls = tls_describe(s->conn) != NULL,
	};
}

/* RFC 6531 3.5 */
static struct reply
check_letters(const struct address *address, bool utf8)
{
	if (!address->utf8 || utf8)
		return reply(250, "2.1.0 Ok");
	return reply(553,
	    "5.6.7 Address with other letters than ASCII: "
	    "MAIL must have SMTPUTF8");
}

/*
 * RFC 3848: E for EHLO, S for TLS, A for AUTH.  RFC 6531 4.3: UTF8SMTP, for
 * which there is no EHLO to be told.
 */
static const char *
protocol_name(const struct session *s, bool utf8)
{
	static const char *const names[][4] = {
		{ "ESMTP", "ESMTPA", "ESMTPS", "ESMTPSA" },
		{ "UTF8SMTP", "UTF8SMTPA", "UTF8SMTPS", "UTF8SMTPSA" },
	};
	size_t i = *s->login != '\0' ? 1 : 0;

	if (tls_describe(s->conn) != NULL)
		i += 2;
	return s->extended || utf8 ? names[utf8][i] : "SMTP";
}

/*
 * Is the login still one?  The account may have been disabled or deleted since,
 * in a session that has been open for long.
 */
static struct reply
check_login(struct session *s)
{
	struct directory *directory = session_directory(s);
	enum lookup found = LOOKUP_ERROR;
	struct mailbox mailbox;

	if (*s->login == '\0')
		return reply(250, "2.1.0 Ok");
	if (directory != NULL)
		found = directory_login(directory, s->login,
		    s->service->config->domain, &mailbox);
	if (found == LOOKUP_ERROR)
		return reply(451, "4.3.0 Temporary lookup failure");
	if (found == LOOKUP_YES && !mailbox.disabled)
		return reply(250, "2.1.0 Ok");
	s->state = DONE;
	s->farewell = "the account is disabled";
	return reply(530,
	    "5.7.0 Authentication required: the account you "
	    "logged in with is disabled or gone");
}

struct reply
command_mail(struct session *s, char *argument)
{
	const struct config *config = s->service->config;
	struct mail_parameters parameters = { .listener = s->listener };
	struct policy policy = make_policy(s);
	char text[ADDRESS_TEXT_MAX];
	struct address sender = { .utf8 = false };
	char *kept;
	const char *rest = "";
	struct reply r = parse_path(s, argument, "FROM:", &sender, &rest);

	if (reply_is_ok(&r))
		r = parameters_of_mail(rest, &parameters);
	if (reply_is_ok(&r))
		r = check_letters(&sender, parameters.utf8);
	if (reply_is_ok(&r))
		r = check_login(s);
	if (reply_is_ok(&r))
		r = policy_sender(&policy, &sender);
	if (!reply_is_ok(&r))
		return r;
	if (parameters.size > config->message_size)
		return reply(552, "5.3.4 Message size exceeds fixed limit");
	if (faults_meet(s, FAULT_MAIL, &r))
		return r;

	kept = parameters_keep_mail(&parameters);
	transaction_begin(&s->transaction,
	    &(struct queue_origin){
		.sender = address_format(&sender, text, sizeof(text)),
		.parameters = kept,
		.peer = s->peer->address,
		.uid = peer_user(s->peer),
		.helo = s->helo,
		.login = s->login,
		.protocol = protocol_name(s, parameters.utf8),
		.tls = tls_describe(s->conn),
	    });
	free(kept);
	s->transaction.utf8 = parameters.utf8;
	s->state = SENDER;
	return reply(250, "2.1.0 Ok");
}

/* Where a recipient leads. */
struct taking {
	struct transaction_final *finals;
	size_t count;
};

static void
take_final(void *arg, const struct address *final, bool local)
{
	struct taking *taking = arg;

	taking->finals = xrealloc(taking->finals,
	    (taking->count + 1) * sizeof(taking->finals[0]));
	taking->finals[taking->count++] =
	    (struct transaction_final){ *final, local };
}

struct reply
command_rcpt(struct session *s, char *argument)
{
	struct transaction *transaction = &s->transaction;
	struct policy policy = make_policy(s);
	struct rcpt_parameters parameters = {
		.listener = s->listener,
		.utf8 = transaction->utf8,
	};
	struct address recipient = { .utf8 = false };
	struct taking taking = { NULL, 0 };
	char *kept;
	const char *rest = "";
	struct reply r = parse_path(s, argument, "TO:", &recipient, &rest);

	if (reply_is_ok(&r) && address_is_null(&recipient))
		r = reply(501,
		    "5.1.3 Bad recipient address syntax: "
		    "<> is for senders");
	if (reply_is_ok(&r))
		r = parameters_of_rcpt(rest, &parameters);
	if (reply_is_ok(&r))
		r = check_letters(&recipient, transaction->utf8);
	if (!reply_is_ok(&r))
		return r;

	if (faults_take_recipient(s, &recipient, &r)) {
		if (reply_is_ok(&r))
			s->state = RCPTS;
		return r;
	}
	r = policy_recipient(&policy, &recipient, transaction->accepted,
	    take_final, &taking);
	if (reply_is_ok(&r)) {
		kept = parameters_keep_rcpt(&parameters);
		transaction_accept(transaction, &recipient, taking.finals,
		    taking.count, kept);
		free(kept);
		s->state = RCPTS;
	}
	free(taking.finals);
	return r;
}
