/*
 * greet.c - EHLO and HELO, and the commands that are but a line.
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

/* Keywords without a parameter stand on their own; the others end here. */
static void
put_parameter(const struct session *s, const char *keyword, struct buf *to)
{
	const struct config *config = s->service->config;

	if (strcmp(keyword, "SIZE") == 0)
		buf_printf(to, " %d", config->message_size);
	else if (strcmp(keyword, "LIMITS") == 0) /* RFC 9422 */
		buf_printf(to, " RCPTMAX=%d", config->max_recipients);
	else if (strcmp(keyword, "AUTH") == 0) {
		buf_addchar(to, ' ');
		auth_mechanisms(config, tls_describe(s->conn) != NULL,
		    s->listener->cleartext, to);
	}
}

/* Whether there is any mechanism to log in with now. */
static bool
offers_login(const struct session *s)
{
	struct buf mechanisms = BUF_INIT;
	bool any = false;

	if (s->listener->auth != AUTH_OFF && !starttls_must_come_first(s)) {
		auth_mechanisms(s->service->config,
		    tls_describe(s->conn) != NULL, s->listener->cleartext,
		    &mechanisms);
		any = mechanisms.size > 0;
	}
	buf_clear(&mechanisms);
	return any;
}

/* What stands against a keyword that the operator allows. */
static bool
is_possible(const struct session *s, const char *keyword)
{
	if (strcmp(keyword, "STARTTLS") == 0)
		return starttls_is_offered(s);
	if (strcmp(keyword, "AUTH") == 0)
		return offers_login(s);
	return true;
}

static void
put_keywords(const struct session *s, struct buf *to)
{
	/* Postfix's order, ours, and CHUNKING last. */
	static const char *const keywords[] = { "PIPELINING", "SIZE", "VRFY",
		"ETRN", "STARTTLS", "ENHANCEDSTATUSCODES", "8BITMIME", "DSN",
		"AUTH", "SMTPUTF8", "LIMITS", "HELP", "CHUNKING" };

	buf_addstr(to, s->service->config->hostname);
	for (size_t i = 0; i < COUNT(keywords); i++) {
		if (!config_offers(s->listener, keywords[i]) ||
		    !is_possible(s, keywords[i]))
			continue;
		buf_printf(to, "\n%s", keywords[i]);
		put_parameter(s, keywords[i], to);
	}
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
