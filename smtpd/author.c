/*
 * author.c - RFC 5322's comments, quotes and brackets, as far as they hide a
 * name.
 *
 * First all comments go and each quoted string becomes one letter, so what is
 * in them looks like nothing; what is left is cut at commas and brackets.
 */
#include "smtpd/author.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "common/buf.h"

enum { COMMENTS_MAX = 50 /* in one another */ };

/* A letter that stands for a quoted string. */
static const char quoted = 'q';

/* Behind the comment at AT (RFC 5322 3.2.2); NULL when it does not end. */
static const char *
skip_comment(const char *at, const char *end)
{
	int depth = 0;

	for (; at < end; at++) {
		if (*at == '\\' && at + 1 < end)
			at++;
		else if (*at == '(')
			depth++;
		else if (*at == ')' && --depth == 0)
			return at + 1;
		if (depth > COMMENTS_MAX)
			return NULL;
	}
	return NULL;
}

/*
 * Behind the quoted string at AT, of which the text is appended, if TO is not
 * NULL; NULL when it does not end.
 */
static const char *
skip_quoted(const char *at, const char *end, struct buf *to)
{
	for (at++; at < end && *at != '"'; at++) {
		if (*at == '\\' && at + 1 < end)
			at++;
		if (to != NULL)
			buf_addchar(to, *at);
	}
	return at < end ? at + 1 : NULL;
}

/*
 * VALUE without comments and line ends; of each quoted string a letter.  Where
 * the one begins that does not end, and hides the rest; the end when all do.
 */
static const char *
simplify(const char *value, size_t size, struct buf *to)
{
	const char *end = value + size;

	while (value < end) {
		const char *behind = value + 1;

		if (*value == '(') {
			behind = skip_comment(value, end);
			buf_addchar(to, ' ');
		} else if (*value == '"') {
			behind = skip_quoted(value, end, NULL);
			buf_addchar(to, quoted);
		} else if (*value != '\0' && *value != '\r' && *value != '\n') {
			buf_addchar(to, *value);
		}
		if (behind == NULL)
			return value;
		value = behind;
	}
	return end;
}

/* The domain behind the last @ of TEXT, without blanks in it. */
static bool
take_domain(const char *text, size_t size, char domain[DOMAIN_MAX + 1])
{
	const char *at = memrchr(text, '@', size);
	char typed[DOMAIN_MAX + 1];
	size_t length = 0;

	if (at == NULL)
		return false;
	for (at++; at < text + size; at++) {
		if (*at == ' ' || *at == '\t')
			continue;
		if (length == DOMAIN_MAX)
			return false;
		typed[length++] = *at;
	}
	if (length > 0 && typed[length - 1] == '.')
		length--;
	typed[length] = '\0';
	if (!domain_to_ascii(typed, domain, DOMAIN_MAX + 1) ||
	    !domain_is_valid(domain))
		return false;
	for (char *c = domain; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return true;
}

/* [CFWS] "@" domain *("," [CFWS] ["@" domain]): no address is hidden in it. */
static bool
is_route(const char *text, size_t size)
{
	bool between = true;

	for (size_t i = 0; i < size; i++) {
		if (text[i] == '@' && !between)
			return false;
		if (text[i] != ' ' && text[i] != '\t')
			between = text[i] == ',';
	}
	return true;
}

/*
 * Whether there is one address, with or without a route before it (RFC 5322
 * 4.4).
 */
static bool
is_single(const char *text, size_t size)
{
	const char *colon = memrchr(text, ':', size);
	const char *at;

	if (colon != NULL) {
		if (!is_route(text, (size_t)(colon - text)))
			return false;
		size -= (size_t)(colon + 1 - text);
		text = colon + 1;
	}
	at = memchr(text, '@', size);
	return at == NULL ||
	    (memchr(at + 1, '@', size - (size_t)(at + 1 - text)) == NULL &&
		memchr(text, ',', size) == NULL);
}

/* One mailbox: name-addr or addr-spec (RFC 5322 3.4). */
static bool
take_mailbox(const char *text, size_t size, char domain[DOMAIN_MAX + 1])
{
	const char *open = memchr(text, '<', size);
	const char *close;

	if (open == NULL)
		return is_single(text, size) && take_domain(text, size, domain);
	open++;
	close = memchr(open, '>', size - (size_t)(open - text));
	/* Two addresses in one, or half of one, are nobody's. */
	if (close == NULL ||
	    memchr(close, '<', size - (size_t)(close - text)) != NULL ||
	    memchr(close, '@', size - (size_t)(close - text)) != NULL)
		return false;
	return is_single(open, (size_t)(close - open)) &&
	    take_domain(open, (size_t)(close - open), domain);
}

/* Where a mailbox ends: at a comma or a group's mark, not within brackets. */
static size_t
mailbox_length(const char *text, size_t size)
{
	bool inside = false;
	size_t i = 0;

	for (; i < size; i++) {
		if (text[i] == '<')
			inside = true;
		else if (text[i] == '>')
			inside = false;
		else if (!inside && strchr(",:;", text[i]) != NULL)
			break;
	}
	return i;
}

/* An address, and no other, whose domain is a literal: "a@[192.0.2.1]". */
static bool
is_literal(const char *text, size_t size)
{
	const char *at = memrchr(text, '@', size);

	if (at == NULL || at != memchr(text, '@', size))
		return false;
	at++;
	at += strspn(at, " \t");
	return at < text + size && *at == '[';
}

static void
add_domain(struct authors *authors, const char *domain)
{
	for (size_t i = 0; i < authors->count; i++)
		if (strcmp(authors->domains[i], domain) == 0)
			return;
	if (authors->count == AUTHORS_MAX)
		authors->odd = true;
	else
		(void)copy_string(authors->domains[authors->count++],
		    DOMAIN_MAX + 1, domain);
}

static bool
is_odd(const char *text, size_t size)
{
	return memchr(text, '@', size) != NULL && !is_literal(text, size);
}

/* One mailbox, or a name alone, which is nobody's. */
static void
add_mailbox(struct authors *authors, const char *text, size_t size)
{
	char domain[DOMAIN_MAX + 1];

	if (take_mailbox(text, size, domain))
		add_domain(authors, domain);
	else if (is_odd(text, size))
		authors->odd = true;
}

void
author_domains(const char *value, size_t size, struct authors *authors)
{
	struct buf text = BUF_INIT;
	const char *hidden;
	size_t at = 0;

	*authors = (struct authors){ .count = 0 };
	hidden = simplify(value, size, &text);
	authors->odd =
	    memchr(hidden, '@', (size_t)(value + size - hidden)) != NULL;
	while (at < text.size) {
		size_t length = mailbox_length(text.data + at, text.size - at);
		const char *mailbox = text.data + at;
		bool name = at + length < text.size && mailbox[length] == ':';

		at += length + 1;
		if (!name) /* of a group */
			add_mailbox(authors, mailbox, length);
		else if (is_odd(mailbox, length))
			authors->odd = true;
	}
	buf_clear(&text);
}

bool
author_domain(const char *value, size_t size, char domain[DOMAIN_MAX + 1])
{
	struct authors authors;

	author_domains(value, size, &authors);
	domain[0] = '\0';
	return !authors.odd && authors.count == 1 &&
	    copy_string(domain, DOMAIN_MAX + 1, authors.domains[0]);
}

/* authserv-id = value: a token or a quoted string (RFC 8601 2.2). */
static const char *
take_id(const char *at, const char *end, struct buf *id)
{
	if (at < end && *at == '"') {
		at = skip_quoted(at, end, id);
		return at == NULL ? end : at;
	}
	for (; at < end && (unsigned char)*at > ' ' &&
	     strchr(";()\"\\,", *at) == NULL;
	     at++)
		buf_addchar(id, *at);
	return at;
}

static const char *
skip_blanks(const char *at, const char *end)
{
	while (at != NULL && at < end) {
		if (*at == '(')
			at = skip_comment(at, end);
		else if (*at == ' ' || *at == '\t' || *at == '\r' ||
		    *at == '\n')
			at++;
		else
			break;
	}
	return at == NULL ? end : at;
}

/*
 * [CFWS] authserv-id [CFWS version] (no-result / 1*resinfo)
 *
 * Behind the name of another there is a blank, a version or ";": what goes on
 * otherwise is in no form, and a reader might see our name in it.
 */
bool
author_claims(const char *value, size_t size, const char *hostname)
{
	const char *end = value + size;
	struct buf id = BUF_INIT;
	char ascii[DOMAIN_MAX + 1];
	const char *at = take_id(skip_blanks(value, end), end, &id);
	bool odd = at == end ||
	    (*at != ';' && *at != '(' && !isspace((unsigned char)*at));
	bool ours;

	if (id.size > 0 && id.data[id.size - 1] == '.')
		id.data[id.size - 1] = '\0';
	ours = odd || *id.data == '\0' ||
	    strlen(id.data) + 1 < id.size || /* a NUL is in it */
	    !domain_to_ascii(id.data, ascii, sizeof(ascii)) ||
	    strcasecmp(ascii, hostname) == 0;
	buf_clear(&id);
	return ours;
}
