/*
 * commands.c - the table.
 *
 * Lengths: RFC 5321 4.5.3.1.4 has 512 octets; the extensions add to MAIL 26
 * (SIZE), 17 (BODY), 500 (AUTH=), 116 (RET, ENVID) and 10 (SMTPUTF8), to RCPT
 * 32 (NOTIFY) and 507 (ORCPT); AUTH may take 12288 (RFC 4954 4).
 */
#include "smtpd/commands.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "common/buf.h"
#include "smtpd/session.h"

#define ANY (FRESH | READY | SENDER | RCPTS | CHUNKS)

enum {
	LINE = 512,
	MAIL_LINE = 512 + 26 + 17 + 500 + 116 + 10,
	RCPT_LINE = 512 + 32 + 507,
	AUTH_LINE = 12288,
};

/* clang-format off */
static const struct command commands[] = {
	{ "EHLO", ANY, LINE, command_ehlo, "EHLO hostname", NULL, NULL },
	{ "HELO", ANY, LINE, command_helo, "HELO hostname", NULL, NULL },
	{ "MAIL", READY, MAIL_LINE, command_mail, "MAIL FROM:<address>",
	  "nested MAIL command", NULL },
	{ "RCPT", SENDER | RCPTS, RCPT_LINE, command_rcpt, "RCPT TO:<address>",
	  "need MAIL command", NULL },
	{ "DATA", SENDER | RCPTS, LINE, command_data, "DATA",
	  "need RCPT command", NULL },
	{ "BDAT", ANY, LINE, command_bdat, "BDAT octets [LAST]", NULL, NULL },
	{ "RSET", ANY, LINE, command_rset, "RSET", NULL, NULL },
	{ "NOOP", ANY, LINE, command_noop, "NOOP [text]", NULL, NULL },
	{ "QUIT", ANY, LINE, command_quit, "QUIT", NULL, NULL },
	{ "STARTTLS", ANY, LINE, command_starttls, "STARTTLS", NULL, NULL },
	{ "AUTH", ANY, AUTH_LINE, command_auth, "AUTH mechanism", NULL, NULL },
	{ "VRFY", ANY, LINE, command_vrfy, "VRFY address", NULL, "VRFY" },
	{ "EXPN", ANY, LINE, command_expn, "EXPN list", NULL, NULL },
	{ "HELP", ANY, LINE, command_help, "HELP [command]", NULL, "HELP" },
	{ "ETRN", READY, LINE, command_etrn, "ETRN [@]domain",
	  "MAIL transaction in progress", "ETRN" },
	{ "QUEUE", ANY, LINE, command_queue, "QUEUE", NULL, NULL },
	/* Known, and not done here: 502. */
	{ "TURN", 0, LINE, NULL, NULL, NULL, NULL },
	{ "SEND", 0, LINE, NULL, NULL, NULL, NULL },
	{ "SOML", 0, LINE, NULL, NULL, NULL, NULL },
	{ "SAML", 0, LINE, NULL, NULL, NULL, NULL },
};
/* clang-format on */

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcasecmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* Whether one letter more, less, wrong, or two exchanged, tell A from B. */
static bool
is_slip(const char *a, const char *b)
{
	while (*a != '\0' && toupper((unsigned char)*a) == *b) {
		a++;
		b++;
	}
	if (*a == '\0' || *b == '\0')
		return strlen(a) + strlen(b) == 1;
	if (strcasecmp(a + 1, b + 1) == 0 || strcasecmp(a + 1, b) == 0 ||
	    strcasecmp(a, b + 1) == 0)
		return true;
	return toupper((unsigned char)a[0]) == b[1] &&
	    toupper((unsigned char)a[1]) == b[0] &&
	    strcasecmp(a + 2, b + 2) == 0;
}

const struct command *
command_guess(const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (commands[i].allowed != 0 && is_slip(name, commands[i].name))
			return &commands[i];
	return NULL;
}

struct reply
command_usage(const char *name)
{
	const struct command *command = command_find(name);

	assert(command != NULL && command->usage != NULL);
	return reply(501, "5.5.4 Syntax: %s", command->usage);
}

/* Whether this listener does it: it is worth a word of help. */
static bool
is_done(const struct session *s, const struct command *command)
{
	const struct listener *listener = s->listener;

	if (command->run == command_auth)
		return listener->auth != AUTH_OFF &&
		    config_offers(listener, "AUTH");
	if (command->run == command_starttls)
		return starttls_is_offered(s);
	if (command->run == command_bdat)
		return config_offers(listener, "CHUNKING");
	if (command->run == command_expn || command->run == command_queue)
		return listener->leniency == CLASSROOM;
	return command->allowed != 0 &&
	    (command->extension == NULL ||
		config_offers(listener, command->extension));
}

struct reply
command_help(struct session *s, char *argument)
{
	const struct command *about = command_find(argument);
	struct buf names = BUF_INIT;
	struct reply r;

	if (about != NULL && about->usage != NULL)
		return reply(214, "2.0.0 Syntax: %s", about->usage);
	for (size_t i = 0; i < COUNT(commands); i++)
		if (is_done(s, &commands[i]))
			buf_printf(&names, " %s", commands[i].name);
	r = reply(214, "2.0.0 Commands:%s\n2.0.0 HELP command tells more",
	    names.data);
	buf_clear(&names);
	return r;
}
