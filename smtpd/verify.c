/*
 * verify.c - VRFY and EXPN (RFC 5321 3.5).
 *
 * A strict listener says the same of everything: nobody can ask who exists
 * (7.3).  A classroom answers from the directory, by the same look-up as RCPT.
 */
#include "smtpd/commands.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/address.h"
#include "common/conn.h"
#include "common/directory.h"
#include "common/utf8.h"
#include "smtpd/session.h"

/* Where an address leads. */
struct expansion {
	struct address *finals;
	size_t count;
};

static void
add_final(void *arg, const struct address *final)
{
	struct expansion *expansion = arg;

	expansion->finals = xrealloc(expansion->finals,
	    (expansion->count + 1) * sizeof(*expansion->finals));
	expansion->finals[expansion->count++] = *final;
}

/* Whether all of it can be said to who knows ASCII only. */
static bool
is_ascii(const struct expansion *expansion)
{
	char text[ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < expansion->count; i++)
		if (!utf8_is_ascii(address_format(&expansion->finals[i], text,
			sizeof(text))))
			return false;
	return true;
}

/* Takes the parameter SMTPUTF8 off, if it is there (RFC 6531 3.7.4.2). */
static bool
cut_parameter(const struct session *s, char *argument)
{
	static const char keyword[] = " SMTPUTF8";
	size_t length = strlen(argument);
	char *tail;

	if (!config_offers(s->listener, "SMTPUTF8") || length < strlen(keyword))
		return false;
	tail = argument + length - strlen(keyword);
	if (strcasecmp(tail, keyword) != 0)
		return false;
	*tail = '\0';
	return true;
}

/* A name, or an address with or without brackets; names are of our domain. */
static bool
parse_name(const struct session *s, const char *argument,
    struct address *address_out)
{
	const char *domain = s->service->config->domain;
	const char *why;
	char *text = strpbrk(argument, "@<") != NULL
	    ? xstrdup(argument)
	    : xasprintf("%s@%s", argument, domain);
	const char *rest = text;
	bool good =
	    address_parse_path(&rest, s->listener->leniency, address_out, &why);

	good = good && *rest == '\0' && !address_is_null(address_out);
	if (good && *address_out->domain == '\0') /* <Postmaster> */
		(void)copy_string(address_out->domain,
		    sizeof(address_out->domain), domain);
	free(text);
	return good;
}

/*
 * Looks ARGUMENT up.  250 with what it means in ADDRESS and EXPANSION, or the
 * refusal.
 */
static struct reply
look_up(struct session *s, char *argument, struct address *address,
    struct expansion *expansion)
{
	struct directory *directory = session_directory(s);
	bool utf8 = cut_parameter(s, argument);
	enum lookup found = LOOKUP_ERROR;

	if (!parse_name(s, argument, address))
		return reply(501, "5.1.3 Bad address syntax");
	if (directory != NULL)
		found = directory_has_domain(directory, address->domain);
	if (found == LOOKUP_NO)
		return reply(551, "5.7.1 User not local");
	if (found == LOOKUP_YES)
		found =
		    directory_resolve(directory, address, add_final, expansion);
	if (found == LOOKUP_ERROR)
		return reply(451, "4.3.0 Temporary lookup failure");
	if (found == LOOKUP_NO)
		return reply(550, "5.1.1 User unknown");
	if (!utf8 && !is_ascii(expansion))
		return reply(252,
		    "2.6.8 It leads to letters that only SMTPUTF8 can say");
	return reply(250, "2.1.5 Ok");
}

struct reply
command_vrfy(struct session *s, char *argument)
{
	struct expansion expansion = { .finals = NULL };
	char text[ADDRESS_TEXT_MAX];
	struct address address;
	struct reply r;

	if (*argument == '\0')
		return command_usage("VRFY");
	if (s->listener->leniency == STRICT)
		return reply(252,
		    "2.0.0 Cannot VRFY the address, but will take mail "
		    "for it and try");
	r = look_up(s, argument, &address, &expansion);
	if (r.code == 250 && expansion.count == 1)
		r = reply(250, "2.1.5 <%s>",
		    address_format(&expansion.finals[0], text, sizeof(text)));
	else if (r.code == 250)
		r = reply(250, "2.1.5 A list, see EXPN <%s>",
		    address_format(&address, text, sizeof(text)));
	free(expansion.finals);
	return r;
}

struct reply
command_expn(struct session *s, char *argument)
{
	struct expansion expansion = { .finals = NULL };
	char text[ADDRESS_TEXT_MAX];
	struct address address;
	struct reply r;

	if (s->listener->leniency == STRICT)
		return reply(502, "5.5.1 Error: command not implemented");
	if (*argument == '\0')
		return command_usage("EXPN");
	r = look_up(s, argument, &address, &expansion);
	for (size_t i = 0; r.code == 250 && i < expansion.count; i++) {
		address_format(&expansion.finals[i], text, sizeof(text));
		if (i + 1 < expansion.count)
			conn_putline(s->conn, "250-2.1.5 <%s>", text);
		else
			r = reply(250, "2.1.5 <%s>", text);
	}
	free(expansion.finals);
	return r;
}
