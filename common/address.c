/*
 * address.c - RFC 5321 paths and the mailbox names in them.
 *
 * One function a rule of the grammar, its ABNF above it.  Each moves the
 * cursor only when it succeeds; the first that fails leaves a sentence in WHY.
 * What people type at a prompt (CLASSROOM) is brought into the grammar's form
 * by address_parse_path() and then read by the same functions.
 */
#include "common/address.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"
#include "common/utf8.h"

/* isalnum() would follow the locale. */
static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

static bool
is_atext(char c)
{
	return is_alnum(c) ||
	    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* The bytes of one part, as they are read. */
struct part {
	char *text;
	size_t size;
	size_t room;
};

static const char too_long[] = "more than 64 octets before the @";

static bool
add(struct part *part, const char *bytes, size_t count)
{
	if (part->size + count >= part->room)
		return false;
	memcpy(part->text + part->size, bytes, count);
	part->size += count;
	part->text[part->size] = '\0';
	return true;
}

static bool
fail(const char **why, const char *sentence)
{
	*why = sentence;
	return false;
}

/* Quoted-string = DQUOTE *( qtextSMTP / quoted-pairSMTP ) DQUOTE (4.1.2) */
static bool
parse_quoted(const char **cursor, struct part *part, const char **why)
{
	const char *p = *cursor + 1;
	size_t length;

	while (*p != '"') {
		if (*p == '\\')
			p++;
		if (*p == '\0')
			return fail(why, "the closing quote is missing");
		length = utf8_printable_length(p);
		if (length == 0)
			return fail(why,
			    "only printable characters may stand between "
			    "quotes");
		if (!add(part, p, length))
			return fail(why, too_long);
		p += length;
	}
	*cursor = p + 1;
	return true;
}

/* atext, which is also any UTF8-non-ascii (RFC 6531 3.3): its octets, or 0. */
static size_t
atext_length(const char *p)
{
	if ((unsigned char)*p < 0x80)
		return is_atext(*p) ? 1 : 0;
	return utf8_printable_length(p);
}

/* Dot-string = Atom *("." Atom) (4.1.2) */
static bool
parse_dot_string(const char **cursor, struct part *part, const char **why)
{
	const char *p = *cursor;

	for (;;) {
		size_t length = *p == '.' ? 1 : atext_length(p);

		if (length == 0)
			break;
		if (*p == '.' && (p == *cursor || atext_length(p + 1) == 0))
			return fail(why,
			    "a dot stands between two characters, or in quotes");
		if (!add(part, p, length))
			return fail(why, too_long);
		p += length;
	}
	if ((unsigned char)*p >= 0x80)
		return fail(why, "the address is neither ASCII nor UTF-8");
	if (p == *cursor)
		return fail(why, "a name is missing before the @");
	*cursor = p;
	return true;
}

/* Local-part = Dot-string / Quoted-string */
static bool
parse_local(const char **cursor, struct address *address, const char **why)
{
	struct part part = { address->local, 0, sizeof(address->local) };

	if (**cursor != '"')
		return parse_dot_string(cursor, &part, why);
	if (!parse_quoted(cursor, &part, why))
		return false;
	/* An empty name in quotes would read as the null path. */
	return part.size > 0 || fail(why, "a name is missing before the @");
}

/* address-literal = "[" ( IPv4 / "IPv6:" IPv6 / General ) "]" (4.1.3) */
static bool
is_literal(const char *text)
{
	char inner[DOMAIN_MAX + 1];
	struct in6_addr ip;
	size_t length = strlen(text);

	memcpy(inner, text + 1, length - 1);
	inner[length - 2] = '\0';
	if (strncasecmp(inner, "IPv6:", 5) == 0)
		return inet_pton(AF_INET6, inner + 5, &ip) == 1;
	return inet_pton(AF_INET, inner, &ip) == 1;
}

static bool
parse_literal(const char **cursor, struct address *address, const char **why)
{
	size_t length = strcspn(*cursor, "]");

	if ((*cursor)[length] == '\0')
		return fail(why, "the closing ] is missing");
	length++;
	if (length >= sizeof(address->domain))
		return fail(why, "more than 255 characters after the @");
	memcpy(address->domain, *cursor, length);
	address->domain[length] = '\0';
	if (!is_literal(address->domain))
		return fail(why,
		    "between [ and ] stands 192.0.2.1 or IPv6:2001:db8::1");
	*cursor += length;
	return true;
}

/* Domain = sub-domain *("." sub-domain); sub-domain =/ U-label (RFC 6531) */
static bool
parse_domain(const char **cursor, struct address *address, const char **why)
{
	char typed[DOMAIN_MAX + 1];
	size_t length = 0;

	if (**cursor == '[')
		return parse_literal(cursor, address, why);
	while (is_alnum((*cursor)[length]) || (*cursor)[length] == '-' ||
	    (*cursor)[length] == '.' || (unsigned char)(*cursor)[length] > 127)
		length++;
	if (length == 0)
		return fail(why, "a domain is missing after the @");
	if (length >= sizeof(typed))
		return fail(why, "more than 255 octets after the @");
	memcpy(typed, *cursor, length);
	typed[length] = '\0';
	if (!domain_to_ascii(typed, address->domain, sizeof(address->domain)) ||
	    !domain_is_valid(address->domain))
		return fail(why,
		    "the domain is no host name: letters, digits and hyphens "
		    "between dots");
	*cursor += length;
	return true;
}

/* Mailbox = Local-part "@" ( Domain / address-literal ) */
static bool
parse_mailbox(const char **cursor, struct address *address, const char **why)
{
	const char *p = *cursor;

	if (!parse_local(&p, address, why))
		return false;
	if (*p != '@')
		return fail(why, "an address is NAME@DOMAIN");
	p++;
	if (!parse_domain(&p, address, why))
		return false;
	for (const char *c = *cursor; c < p; c++)
		address->utf8 = address->utf8 || (unsigned char)*c > 127;
	*cursor = p;
	return true;
}

/* A-d-l = At-domain *( "," At-domain ), then ":"; read and ignored. */
static bool
skip_route(const char **cursor, const char **why)
{
	struct address ignored;
	const char *p = *cursor;

	while (*p == '@') {
		p++;
		if (!parse_domain(&p, &ignored, why))
			return false;
		if (*p == ',' && p[1] == '@')
			p++;
	}
	if (p != *cursor && *p++ != ':')
		return fail(why, "a source route ends with a colon");
	*cursor = p;
	return true;
}

/*
 * Path = "<" [ A-d-l ":" ] Mailbox ">", "<>" and "<Postmaster>" (4.1.1.3)
 */
static bool
parse_bracketed(const char **cursor, struct address *address, const char **why)
{
	static const char postmaster[] = "postmaster>";
	const char *p = *cursor + 1;

	if (*p == '>') {
		*cursor = p + 1;
		return true;
	}
	if (strncasecmp(p, postmaster, strlen(postmaster)) == 0) {
		memcpy(address->local, p, strlen(postmaster) - 1);
		*cursor = p + strlen(postmaster);
		return true;
	}
	if (!skip_route(&p, why) || !parse_mailbox(&p, address, why))
		return false;
	if (*p != '>')
		return fail(why, "the closing > is missing after the address");
	*cursor = p + 1;
	return true;
}

static const char *
skip_blanks(const char *p)
{
	return p + strspn(p, " \t");
}

/* A comment of RFC 5322 3.2.2, (Name), if one is there. */
static const char *
skip_comment(const char *p)
{
	const char *start = skip_blanks(p);
	int depth = 0;

	if (*start != '(')
		return p;
	for (const char *q = start; *q != '\0'; q++) {
		if (*q == '\\' && q[1] != '\0')
			q++;
		else if (*q == '(')
			depth++;
		else if (*q == ')' && --depth == 0)
			return q + 1;
	}
	return p;
}

/*
 * The < after a display name, quoted or not; NULL without one.  The one in
 * MAIL FROM:alice AUTH=<> is a parameter's.
 */
static const char *
find_bracket(const char *text)
{
	bool quoted = false;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (*p == '<' && !quoted)
			return p > text && p[-1] == '=' ? NULL : p;
	}
	return NULL;
}

/* alice@x or alice@x (Alice), with nothing but parameters behind it. */
static bool
parse_bare(const char **cursor, struct address *address, const char **why)
{
	const char *p = *cursor;

	if (!parse_mailbox(&p, address, why))
		return false;
	p = skip_comment(p);
	if (*p != '\0' && *p != ' ' && *p != '\t')
		return fail(why, "a blank is missing after the address");
	if (*skip_blanks(p) == '<')
		return fail(why, "that was a name, the address follows");
	*cursor = p;
	return true;
}

/* What people type: alice@x, alice@x (Alice), Alice <alice@x>. */
static bool
parse_casual(const char **cursor, struct address *address, const char **why)
{
	const char *p = skip_blanks(*cursor);
	const char *bracket = find_bracket(p);

	if (*p == '\0')
		return fail(why, "an address is missing");
	if (*p != '<' && parse_bare(&p, address, why)) {
		*cursor = p;
		return true;
	}
	if (bracket == NULL)
		return false;
	*why = NULL;
	memset(address, 0, sizeof(*address));
	if (!parse_bracketed(&bracket, address, why))
		return false;
	*cursor = skip_comment(bracket);
	return true;
}

bool
address_parse_path(const char **cursor, enum leniency leniency,
    struct address *address_out, const char **why)
{
	memset(address_out, 0, sizeof(*address_out));
	*why = NULL;
	if (leniency == CLASSROOM)
		return parse_casual(cursor, address_out, why);
	if (**cursor == ' ' || **cursor == '\t')
		return fail(why,
		    "no blank may stand between the colon and the <");
	if (**cursor != '<')
		return fail(why, "an address stands between < and >");
	return parse_bracketed(cursor, address_out, why);
}

bool
address_parse(const char *text, struct address *address_out)
{
	const char *why = NULL;

	memset(address_out, 0, sizeof(*address_out));
	return parse_mailbox(&text, address_out, &why) && *text == '\0';
}
