/*
 * xforward.c - attribute=value pairs, the values in xtext.
 *
 *   xforward-command = XFORWARD 1*( SP attribute-name "=" attribute-value )
 *   attribute-value = xtext www.postfix.org/XFORWARD_README
 *
 * Values end in the index and in front of people, so control characters are
 * refused here, once.
 */
#include "mda/xforward.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "mda/lmtp_parameter.h"

const char xforward_keyword[] = "XFORWARD ADDR HELO PROTO IDENT LOGIN TLS";

#define MEMBER(name)                                                           \
	offsetof(struct forwarded, name), sizeof(((struct forwarded *)0)->name)

/* clang-format off */
static const struct {
	const char *name;
	size_t offset;
	size_t size;
} attributes[] = {
	{ "ADDR",  MEMBER(peer) },
	{ "HELO",  MEMBER(helo) },
	{ "PROTO", MEMBER(protocol) },
	{ "IDENT", MEMBER(queue_id) },
	{ "LOGIN", MEMBER(login) },
	{ "TLS",   MEMBER(tls) },
};
/* clang-format on */

static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			return false;
	return true;
}

/* Decodes VALUE into its place; false when it cannot be. */
static bool
take_value(const char *value, bool is_address, char *to, size_t size)
{
	if (strcasecmp(value, "[UNAVAILABLE]") == 0 ||
	    strcasecmp(value, "[TEMPUNAVAIL]") == 0)
		value = "";
	if (is_address && strncasecmp(value, "IPV6:", 5) == 0)
		value += 5;
	return xtext_decode(value, to, size) && is_printable(to);
}

static struct reply
take_attribute(struct forwarded *forwarded,
    const struct lmtp_parameter *parameter)
{
	for (size_t i = 0; i < COUNT(attributes); i++) {
		char *to = (char *)forwarded + attributes[i].offset;

		if (strcasecmp(parameter->name, attributes[i].name) != 0)
			continue;
		if (!parameter->has_value ||
		    !take_value(parameter->value, to == forwarded->peer, to,
			attributes[i].size))
			return reply(501, "5.5.4 Bad value of %s",
			    attributes[i].name);
		return reply(250, "2.0.0 Ok");
	}
	return reply(501, "5.5.4 An attribute is none of %s",
	    xforward_keyword + strlen("XFORWARD "));
}

struct reply
xforward_parse(const char *argument, struct forwarded *forwarded)
{
	struct forwarded result = *forwarded;
	struct reply r =
	    reply(501, "5.5.4 Usage: XFORWARD attribute=value ...");
	struct lmtp_parameter parameter;

	while (lmtp_parameter_next(&argument, &parameter)) {
		r = take_attribute(&result, &parameter);
		if (!reply_is_ok(&r))
			return r;
	}
	*forwarded = result;
	return r;
}
