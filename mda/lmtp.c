/*
 * lmtp.c - the LMTP session: a table of commands, and a loop over lines.
 *
 * What differs from SMTP (RFC 2033): the greeting is LHLO, HELO and EHLO are
 * refused; DATA without a valid recipient is 503; what follows the message is
 * in lmtp_data.c.
 */
#include "mda/lmtp.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/config.h"
#include "common/conn.h"
#include "common/log.h"
#include "mda/lmtp_session.h"
#include "mda/receipt.h"

enum {
	LINE_SIZE = 4096, /* XFORWARD may carry 600 bytes and more, as xtext */
	MAX_ERRORS = 100,
	/*
	 * smtpd counts what the client sent; the fields it adds must not make
	 * us refuse what it has accepted.
	 */
	HEADER_ALLOWANCE = 64 * 1024,
};

struct command {
	const char *name;
	unsigned allowed;
	struct reply (*run)(struct session *s, const char *argument);
	const char *missing; /* what to do first, where it is not allowed */
};

int64_t
lmtp_size_limit(const struct session *s)
{
	int limit = s->config->message_size;

	return limit == 0 ? 0 : (int64_t)limit + HEADER_ALLOWANCE;
}

void
lmtp_reset(struct session *s)
{
	lmtp_envelope_clear(&s->envelope);
	parcel_reset(&s->parcel);
	free(s->reader);
	s->reader = NULL;
	if (s->state != FRESH)
		s->state = READY;
}

static struct reply
cmd_lhlo(struct session *s, const char *argument)
{
	if (*argument == '\0')
		return reply(501, "5.5.4 Usage: LHLO hostname");

	s->state = READY;
	lmtp_reset(s);
	return reply(250,
	    "%s\nPIPELINING\nSIZE %lld\nENHANCEDSTATUSCODES\n8BITMIME\n"
	    "%sSMTPUTF8\n%s\nCHUNKING",
	    s->config->hostname, (long long)lmtp_size_limit(s),
	    receipt_is_possible() ? "DSN\n" : "", xforward_keyword);
}

static struct reply
cmd_smtp(struct session *s, const char *argument)
{
	(void)s;
	(void)argument;
	return reply(500, "5.5.1 This is LMTP: say LHLO");
}

static struct reply
cmd_xforward(struct session *s, const char *argument)
{
	return xforward_parse(argument, &s->envelope.forwarded);
}

static struct reply
cmd_mail(struct session *s, const char *argument)
{
	struct reply r = lmtp_mail(&s->envelope, argument, lmtp_size_limit(s));

	if (reply_is_ok(&r))
		s->state = SENDER;
	return r;
}

static struct reply
cmd_rcpt(struct session *s, const char *argument)
{
	struct reply r = lmtp_rcpt(&s->envelope, argument);

	if (reply_is_ok(&r))
		s->state = RCPTS;
	return r;
}

static struct reply
cmd_rset(struct session *s, const char *argument)
{
	(void)argument;
	lmtp_reset(s);
	return reply(250, "2.0.0 Ok");
}

static struct reply
cmd_noop(struct session *s, const char *argument)
{
	(void)s;
	(void)argument;
	return reply(250, "2.0.0 Ok");
}

/* RFC 5321 4.5.1 wants it, 7.3 allows to know nothing: RCPT tells. */
static struct reply
cmd_vrfy(struct session *s, const char *argument)
{
	(void)s;
	if (*argument == '\0')
		return reply(501, "5.5.4 Usage: VRFY user");
	return reply(252, "2.5.0 RCPT TO tells who has a mailbox here");
}

static struct reply
cmd_quit(struct session *s, const char *argument)
{
	(void)argument;
	s->state = DONE;
	return reply(221, "2.0.0 Bye");
}

/* clang-format off */
static const struct command commands[] = {
	/* name       allowed in        handler       else */
	{ "LHLO",     ANY,              cmd_lhlo,     "" },
	{ "HELO",     ANY,              cmd_smtp,     "" },
	{ "EHLO",     ANY,              cmd_smtp,     "" },
	{ "XFORWARD", READY,            cmd_xforward, "LHLO first, MAIL later" },
	{ "MAIL",     READY,            cmd_mail,     "LHLO first, and once" },
	{ "RCPT",     SENDER | RCPTS,   cmd_rcpt,     "MAIL first" },
	{ "DATA",     RCPTS,            lmtp_data,    "No valid recipients" },
	{ "BDAT",     ANY,              lmtp_bdat,    "" },
	{ "RSET",     ANY,              cmd_rset,     "" },
	{ "NOOP",     ANY,              cmd_noop,     "" },
	{ "VRFY",     ANY,              cmd_vrfy,     "" },
	{ "QUIT",     ANY,              cmd_quit,     "" },
};
/* clang-format on */

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcasecmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* Ends the verb in LINE and returns what follows, without trailing blanks. */
static const char *
cut_verb(char *line)
{
	size_t size = strlen(line);
	char *argument;

	while (size > 0 && line[size - 1] == ' ')
		line[--size] = '\0';
	argument = line + strcspn(line, " ");
	if (*argument != '\0')
		*argument++ = '\0';
	return argument + strspn(argument, " ");
}

static struct reply
execute(struct session *s, char *line)
{
	const char *argument = cut_verb(line);
	const struct command *command = find_command(line);

	if (command == NULL)
		return reply(500, "5.5.1 Command not recognized");
	if ((command->allowed & s->state) == 0)
		return reply(503, "5.5.1 %s not allowed now: %s", command->name,
		    command->missing);
	return command->run(s, argument);
}

/* Sends the one reply to a command; gives up on a hopeless client. */
static void
answer(struct session *s, struct reply r)
{
	if (r.code == 0)
		return; /* the handler has said it all */
	if (r.code >= 500 && ++s->errors > MAX_ERRORS) {
		r = reply(421, "4.7.0 Too many errors");
		s->state = DONE;
	}
	for (const char *line = r.text; line != NULL;) {
		const char *end = strchr(line, '\n');
		int size =
		    (int)(end == NULL ? strlen(line) : (size_t)(end - line));

		conn_putline(s->conn, "%d%c%.*s", r.code,
		    end == NULL ? ' ' : '-', size, line);
		line = end == NULL ? NULL : end + 1;
	}
}

static void
talk(struct session *s)
{
	char line[LINE_SIZE];

	/* For the whole line: a byte now and then does not prolong it. */
	conn_set_deadline(s->conn, s->patience);
	s->patience = s->config->command_timeout;
	switch (conn_getline(s->conn, line, sizeof(line))) {
	case CONN_LINE:
		answer(s, execute(s, line));
		break;
	case CONN_LONG:
		answer(s, reply(500, "5.5.2 Line too long"));
		break;
	case CONN_BAD:
		answer(s, reply(500, "5.5.2 A NUL, CR or LF in the line"));
		break;
	case CONN_END:
		s->state = DONE;
		break;
	}
}

void
lmtp_session(struct conn *conn, const struct config *config)
{
	struct session s = {
		.conn = conn,
		.config = config,
		.state = FRESH,
		.patience = config->command_timeout,
		.parcel = PARCEL_INIT,
	};

	conn_set_timeout(conn, config->command_timeout);
	answer(&s, reply(220, "%s LMTP Postlab", config->hostname));
	while (s.state != DONE)
		talk(&s);
	lmtp_reset(&s);
	parcel_clear(&s.parcel);
}
