/*
 * greet.c - EHLO and HELO, and the commands that are but a line.
 *
 * The order of the EHLO keywords is Postfix's, then ours.  Nothing is listed
 * that does not work: DSN, SMTPUTF8, CHUNKING and ETRN are not here yet.
 */
#include "smtpd/commands.h"

#include <ctype.h>
#include <string.h>

#include "common/auth.h"
#include "common/conn.h"
#include "common/tls.h"
#include "smtpd/session.h"

/*
 * A strict listener takes what can be a host name or an address literal.  The
 * underscore is not of RFC 1123, but real computers carry it.  A classroom
 * takes anything that is there (worksheet 02: HELO user@host).
 */
static bool
is_acceptable(const struct session *s, const char *name)
{
	if (*name == '\0')
		return false;
	if (s->listener->leniency == CLASSROOM)
		return true;
	for (; *name != '\0'; name++)
		if (!isascii((unsigned char)*name) ||
		    (!isalnum((unsigned char)*name) &&
			strchr("-._:[]", *name) == NULL))
			return false;
	return true;
}

static void
greet(struct session *s, const char *name, bool extended)
{
	size_t size = strlen(name);

	session_reset(s);
	if (size >= sizeof(s->helo))
		size = sizeof(s->helo) - 1;
	memcpy(s->helo, name, size);
	s->helo[size] = '\0';
	s->extended = extended;
	s->state = READY;
}

static void
put_keywords(const struct session *s, struct buf *to)
{
	const struct config *config = s->service->config;
	const struct listener *listener = s->listener;
	bool tls = tls_describe(s->conn) != NULL;
	struct buf mechanisms = BUF_INIT;

	buf_printf(to, "%s\nPIPELINING\nSIZE %d\nVRFY", config->hostname,
	    config->message_size);
	if (starttls_is_offered(s))
		buf_addstr(to, "\nSTARTTLS");
	buf_addstr(to, "\nENHANCEDSTATUSCODES\n8BITMIME");
	if (listener->auth != AUTH_OFF)
		auth_mechanisms(config, tls, listener->cleartext, &mechanisms);
	if (mechanisms.size > 0)
		buf_printf(to, "\nAUTH %s", mechanisms.data);
	/* RFC 9422 */
	buf_printf(to, "\nLIMITS RCPTMAX=%d\nHELP", config->max_recipients);
	buf_clear(&mechanisms);
}

struct reply
command_ehlo(struct session *s, char *argument)
{
	struct buf text = BUF_INIT;
	struct reply r;

	if (!is_acceptable(s, argument))
		return command_usage("EHLO");

	greet(s, argument, true);
	put_keywords(s, &text);
	r = reply(250, "%s", text.data);
	buf_clear(&text);
	return r;
}

struct reply
command_helo(struct session *s, char *argument)
{
	if (!is_acceptable(s, argument))
		return command_usage("HELO");

	greet(s, argument, false);
	return reply(250, "%s", s->service->config->hostname);
}

struct reply
command_rset(struct session *s, char *argument)
{
	if (*argument != '\0')
		return command_usage("RSET");

	session_reset(s);
	return reply(250, "2.0.0 Ok");
}

struct reply
command_noop(struct session *s, char *argument)
{
	(void)s;
	(void)argument;
	return reply(250, "2.0.0 Ok");
}

struct reply
command_quit(struct session *s, char *argument)
{
	(void)argument;
	s->state = DONE;
	s->farewell = "quit";
	return reply(221, "2.0.0 Bye");
}
