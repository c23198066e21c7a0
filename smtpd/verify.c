/*
 * verify.c - VRFY and EXPN (RFC 5321 3.5).
 *
 * A strict listener says the same of everything: nobody can ask who exists
 * (7.3).  A classroom answers from the directory, by the same look-up as RCPT.
 */
#include "smtpd/commands.h"

#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/buf.h"
#include "common/directory.h"
#include "smtpd/session.h"

/* A line more still fits into a reply, and what is left out. */
enum { ENOUGH = REPLY_TEXT_MAX - ADDRESS_TEXT_MAX - 64 };

/* Where an address leads: the lines of a reply. */
struct expansion {
	struct buf text;
	size_t count;
	size_t left_out;
};

static void
add_final(void *arg, const struct address *final)
{
	struct expansion *expansion = arg;
	char text[ADDRESS_TEXT_MAX];

	if (expansion->text.size > ENOUGH) {
		expansion->left_out++;
		return;
	}
	buf_printf(&expansion->text, "%s2.1.5 <%s>",
	    expansion->count++ == 0 ? "" : "\n",
	    address_format(final, text, sizeof(text)));
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
	free(text);
	return good;
}

/* Looks ARGUMENT up.  250 with EXPANSION filled, or the refusal. */
static struct reply
look_up(struct session *s, const char *argument, struct expansion *expansion)
{
	struct directory *directory = session_directory(s);
	struct address address;
	enum lookup found = LOOKUP_ERROR;

	if (!parse_name(s, argument, &address))
		return reply(501, "5.1.3 Bad address syntax");
	if (directory != NULL)
		found = directory_has_domain(directory, address.domain);
	if (found == LOOKUP_NO)
		return reply(551, "5.7.1 User not local");
	if (found == LOOKUP_YES)
		found = directory_resolve(directory, &address, add_final,
		    expansion);
	if (found == LOOKUP_ERROR)
		return reply(451, "4.3.0 Temporary lookup failure");
	if (found == LOOKUP_NO)
		return reply(550, "5.1.1 User unknown");
	return reply(250, "2.1.5 Ok");
}

struct reply
command_vrfy(struct session *s, char *argument)
{
	struct expansion expansion = { .text = BUF_INIT };
	struct reply r;

	if (*argument == '\0')
		return command_usage("VRFY");
	if (s->listener->leniency == STRICT)
		return reply(252,
		    "2.0.0 Cannot VRFY the address, but will take mail "
		    "for it and try");
	r = look_up(s, argument, &expansion);
	if (reply_is_ok(&r) && expansion.count == 1)
		r = reply(250, "%s", expansion.text.data);
	else if (reply_is_ok(&r))
		r = reply(250, "2.1.5 A list; EXPN tells who is on it");
	buf_clear(&expansion.text);
	return r;
}

struct reply
command_expn(struct session *s, char *argument)
{
	struct expansion expansion = { .text = BUF_INIT };
	struct reply r;

	if (s->listener->leniency == STRICT)
		return reply(502, "5.5.1 Error: command not implemented");
	if (*argument == '\0')
		return command_usage("EXPN");
	r = look_up(s, argument, &expansion);
	if (expansion.left_out > 0)
		buf_printf(&expansion.text, "\n2.1.5 and %zu more",
		    expansion.left_out);
	if (reply_is_ok(&r))
		r = reply(250, "%s", expansion.text.data);
	buf_clear(&expansion.text);
	return r;
}
