/*
 * mail.c - MAIL, RCPT and DATA: one message.
 *
 * Reverse-path and Forward-path: RFC 5321 4.1.1.2, 4.1.1.3.  The blank behind
 * the colon is against 3.3 there and typed by half of the world, so it is
 * taken everywhere.
 */
#include "smtpd/commands.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/conn.h"
#include "common/directory.h"
#include "common/log.h"
#include "common/tls.h"
#include "smtpd/custody.h"
#include "smtpd/parameters.h"
#include "smtpd/policy.h"
#include "smtpd/receive.h"
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
	};
}

/* RFC 3848: E for EHLO, S for TLS, A for AUTH. */
static const char *
protocol_name(const struct session *s)
{
	static const char *const names[] = { "ESMTP", "ESMTPA", "ESMTPS",
		"ESMTPSA" };
	size_t i = *s->login != '\0' ? 1 : 0;

	if (tls_describe(s->conn) != NULL)
		i += 2;
	return s->extended ? names[i] : "SMTP";
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
	struct mail_parameters parameters = {
		.auth_offered = s->listener->auth != AUTH_OFF,
	};
	struct policy policy = make_policy(s);
	char text[ADDRESS_TEXT_MAX];
	struct address sender;
	const char *rest = "";
	struct reply r = parse_path(s, argument, "FROM:", &sender, &rest);

	if (reply_is_ok(&r))
		r = parameters_of_mail(rest, &parameters);
	if (reply_is_ok(&r))
		r = check_login(s);
	if (reply_is_ok(&r))
		r = policy_sender(&policy, &sender);
	if (!reply_is_ok(&r))
		return r;
	if (parameters.size > config->message_size)
		return reply(552, "5.3.4 Message size exceeds fixed limit");

	transaction_begin(&s->transaction,
	    &(struct queue_origin){
		.sender = address_format(&sender, text, sizeof(text)),
		.parameters = parameters.eight_bit ? "BODY=8BITMIME" : "",
		.peer = s->peer->address,
		.helo = s->helo,
		.login = s->login,
		.protocol = protocol_name(s),
	    });
	s->state = SENDER;
	return reply(250, "2.1.0 Ok");
}

struct taking {
	struct transaction *transaction;
	const struct address *typed;
};

static void
take_final(void *arg, const struct address *final)
{
	const struct taking *taking = arg;

	transaction_add(taking->transaction, taking->typed, final);
}

struct reply
command_rcpt(struct session *s, char *argument)
{
	struct transaction *transaction = &s->transaction;
	struct policy policy = make_policy(s);
	struct address recipient;
	struct taking taking = { transaction, &recipient };
	const char *rest = "";
	struct reply r = parse_path(s, argument, "TO:", &recipient, &rest);

	if (reply_is_ok(&r) && address_is_null(&recipient))
		r = reply(501,
		    "5.1.3 Bad recipient address syntax: "
		    "<> is for senders");
	if (reply_is_ok(&r))
		r = parameters_of_rcpt(rest);
	if (!reply_is_ok(&r))
		return r;

	r = policy_recipient(&policy, &recipient, transaction->accepted,
	    take_final, &taking);
	if (reply_is_ok(&r)) {
		transaction_accept(transaction, &recipient);
		s->state = RCPTS;
	}
	return r;
}

/* What Received says. */
static struct stamp
make_stamp(const struct session *s)
{
	const struct transaction *transaction = &s->transaction;

	return (struct stamp){
		.id = transaction->envelope.id,
		.hostname = s->service->config->hostname,
		.domain = s->service->config->domain,
		.helo = s->helo,
		.peer = s->peer->address,
		.protocol = transaction->envelope.protocol,
		.tls = tls_describe(s->conn),
		.recipient =
		    transaction->accepted == 1 ? transaction->typed : NULL,
		.sender = transaction->envelope.sender,
		.when = time(NULL),
	};
}

/* Submission (RFC 6409 8) and the classroom get what they have left out. */
static bool
is_completed(const struct listener *listener)
{
	return listener->protocol == PROTO_MSA ||
	    listener->leniency == CLASSROOM;
}

/* From behind the 354 to the message in the spool. */
static struct reply
receive(struct session *s, struct mail_spool *spool)
{
	const struct config *config = s->service->config;
	struct stamp stamp = make_stamp(s);
	struct receive receive;

	conn_set_deadline(s->conn, config->data_timeout);
	receive_begin(&receive, config->message_size, &stamp,
	    is_completed(s->listener), spool);
	struct reply r = receive_message(s->conn, &receive);
	s->data_lost = data_reader_lost(&receive.reader);
	return r;
}

struct reply
command_data(struct session *s, char *argument)
{
	struct transaction *transaction = &s->transaction;
	struct mail_spool spool;
	struct reply r;

	if (*argument != '\0')
		return command_usage("DATA");
	if (transaction->accepted == 0)
		return reply(554, "5.5.1 Error: no valid recipients");

	conn_putline(s->conn, "354 End data with <CR><LF>.<CR><LF>");
	mail_spool_init(&spool, s->service->incoming);
	r = receive(s, &spool);
	if (r.code == 0 || s->data_lost)
		s->state = DONE;
	if (s->data_lost)
		s->farewell = "the end of DATA was <LF>.<LF>";
	else if (reply_is_ok(&r) && mail_spool_fd(&spool) == -1)
		r = reply(452, "4.3.1 Insufficient system storage");
	else if (reply_is_ok(&r))
		r = custody_take(s->service->config, s->service->incoming,
		    &transaction->envelope, spool.fd);
	mail_spool_clear(&spool);
	s->data_over = true;
	return r;
}
