/*
 * addresses.c - the addresses in a header field (RFC 5322 3.4).
 *
 *   address = mailbox / group
 *   mailbox = [display-name] "<" addr-spec ">" / addr-spec
 *   group = display-name ":" [group-list] [CFWS] ";"
 *
 * One pass: words are collected until a special character says what they were.
 */
#include "maildir/addresses.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/buf.h"
#include "maildir/decode.h"

enum { ADDRESSES_MAX = 1000, REMARKS_MAX = 50, TEXT_MAX = 400 };

struct scan {
	const char *at;
	struct addresses *out;
	struct buf phrase;  /* words so far, quotes kept */
	struct buf comment; /* of the last comment */
	char *group;        /* the one that is open, or NULL */
	size_t members;
};

PRINTF(3, 4)
static void
remark(struct scan *scan, bool odd, const char *fmt, ...)
{
	struct addresses *out = scan->out;
	char *text = NULL;
	va_list args;

	if (out->remark_count == REMARKS_MAX)
		return;
	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) >= 0) {
		out->remarks = xrealloc(out->remarks,
		    (out->remark_count + 1) * sizeof(out->remarks[0]));
		out->remarks[out->remark_count++] = (struct address_remark){
			.odd = odd,
			.text = decode_clean(text, TEXT_MAX),
		};
		free(text);
	}
	va_end(args);
}

/* Takes the quoted string at AT, quotes and all. */
static void
take_quoted(struct scan *scan)
{
	buf_addchar(&scan->phrase, *scan->at++);
	while (*scan->at != '\0' && *scan->at != '"') {
		if (*scan->at == '\\' && scan->at[1] != '\0')
			buf_addchar(&scan->phrase, *scan->at++);
		buf_addchar(&scan->phrase, *scan->at++);
	}
	if (*scan->at == '"')
		buf_addchar(&scan->phrase, *scan->at++);
	else
		remark(scan, true, "A quote \" is never closed");
}

/* domain-literal: a colon in it begins no group. */
static void
take_literal(struct scan *scan)
{
	size_t size = strcspn(scan->at, "]");

	size += scan->at[size] == ']';
	buf_add(&scan->phrase, scan->at, size);
	scan->at += size;
}

static void
take_comment(struct scan *scan)
{
	int depth = 0;

	buf_reset(&scan->comment);
	for (; *scan->at != '\0'; scan->at++) {
		if (*scan->at == '\\' && scan->at[1] != '\0')
			scan->at++;
		else if (*scan->at == '(' && depth++ == 0)
			continue;
		else if (*scan->at == ')' && --depth == 0) {
			scan->at++;
			return;
		}
		buf_addchar(&scan->comment, *scan->at);
	}
	remark(scan, true, "A comment ( is never closed");
}

static void
add_blank(struct buf *phrase)
{
	if (phrase->size > 0 && phrase->data[phrase->size - 1] != ' ')
		buf_addchar(phrase, ' ');
}

static void
trim(struct buf *text)
{
	while (text->size > 0 && text->data[text->size - 1] == ' ')
		text->data[--text->size] = '\0';
}

/* A phrase as a name: quotes undone, RFC 2047 decoded. */
static char *
make_name(const struct buf *phrase)
{
	struct buf plain = BUF_INIT;
	char *name;

	for (size_t i = 0; i < phrase->size; i++) {
		if (phrase->data[i] == '\\' && i + 1 < phrase->size)
			i++;
		else if (phrase->data[i] == '"')
			continue;
		buf_addchar(&plain, phrase->data[i]);
	}
	name = decode_text(plain.data, plain.size, TEXT_MAX);
	buf_clear(&plain);
	return name;
}

/*
 * addr-spec = local-part "@" domain (RFC 5322 3.4.1), as far as a reader must
 * care.
 */
static void
judge_address(struct scan *scan, const struct mailbox_address *mailbox)
{
	const char *address = mailbox->address;
	const char *at = strrchr(address, '@');

	if (at == NULL)
		remark(scan, true, "\"%s\" has no domain", address);
	else if (at == address || at[1] == '\0')
		remark(scan, true, "\"%s\" lacks a side of its @", address);
	if (*address != '"' && strchr(address, ' ') != NULL)
		remark(scan, true,
		    "\"%s\" has a blank in it: a comma or <> is missing",
		    address);
	if (strchr(mailbox->name, '@') != NULL &&
	    strcasestr(mailbox->name, address) == NULL)
		remark(scan, true,
		    "The name \"%s\" looks like an address, but it is from %s",
		    mailbox->name, address);
}

/* Takes over NAME. */
static void
add_mailbox(struct scan *scan, char *name, const struct buf *address)
{
	struct addresses *out = scan->out;
	struct mailbox_address *mailbox;

	if (out->count == ADDRESSES_MAX) {
		free(name);
		return;
	}
	out->list = xrealloc(out->list, (out->count + 1) * sizeof(*mailbox));
	mailbox = &out->list[out->count++];
	*mailbox = (struct mailbox_address){
		.name = name,
		.address = decode_clean(address->data, TEXT_MAX),
		.group = xstrdup(scan->group == NULL ? "" : scan->group),
	};
	scan->members++;
	judge_address(scan, mailbox);
}

/* "," or ";" or the end: the phrase was an addr-spec by itself. */
static void
end_bare(struct scan *scan)
{
	char *name;

	trim(&scan->phrase);
	if (scan->phrase.size == 0) {
		buf_reset(&scan->comment);
		return;
	}
	name = decode_text(scan->comment.data, scan->comment.size, TEXT_MAX);
	if (*name != '\0')
		remark(scan, false,
		    "%s (%s): the name stands in a comment, as before RFC 822",
		    scan->phrase.data, name);
	add_mailbox(scan, name, &scan->phrase);
	buf_reset(&scan->phrase);
	buf_reset(&scan->comment);
}

/* Appends what is no comment of an address between < and >. */
static void
add_plain(const char *text, size_t size, struct buf *to)
{
	int depth = 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] == '(')
			depth++;
		else if (text[i] == ')' && depth > 0)
			depth--;
		else if (depth == 0)
			buf_addchar(to, text[i]);
	}
}

/* "<": the phrase was a name. */
static void
take_angle(struct scan *scan)
{
	size_t size = strcspn(scan->at, ">");
	struct buf address = BUF_INIT;
	const char *route;

	trim(&scan->phrase);
	add_plain(scan->at + 1, size - 1, &address);
	route = strchr(address.data, ':');
	if (*address.data == '@' && route != NULL) {
		remark(scan, false,
		    "A route before the address means nothing "
		    "any more (RFC 5322 4.4)");
		buf_drop(&address, (size_t)(route + 1 - address.data));
	}
	scan->at += size;
	if (*scan->at == '>')
		scan->at++;
	else
		remark(scan, true, "A < is never closed by >");
	add_mailbox(scan, make_name(&scan->phrase), &address);
	buf_reset(&scan->phrase);
	buf_reset(&scan->comment);
	scan->at += strspn(scan->at, " ");
	if (*scan->at != '\0' && strchr(",;(", *scan->at) == NULL)
		remark(scan, true, "Something stands behind %s without a comma",
		    address.data);
	buf_clear(&address);
}

static void
begin_group(struct scan *scan)
{
	trim(&scan->phrase);
	if (scan->group != NULL)
		remark(scan, true, "A group within the group \"%s\"",
		    scan->group);
	free(scan->group);
	scan->group = make_name(&scan->phrase);
	scan->members = 0;
	buf_reset(&scan->phrase);
}

static void
end_group(struct scan *scan)
{
	end_bare(scan);
	if (scan->group == NULL) {
		remark(scan, true, "A ; that ends no group");
		return;
	}
	remark(scan, false, "\"%s\" is a group of %zu (RFC 5322 3.4)",
	    scan->group, scan->members);
	free(scan->group);
	scan->group = NULL;
}

static void
take_character(struct scan *scan)
{
	switch (*scan->at) {
	case '(':
		take_comment(scan);
		return;
	case '"':
		take_quoted(scan);
		return;
	case '[':
		take_literal(scan);
		return;
	case '<':
		take_angle(scan);
		return;
	case ',':
		end_bare(scan);
		break;
	case ':':
		begin_group(scan);
		break;
	case ';':
		end_group(scan);
		break;
	case ' ':
		add_blank(&scan->phrase);
		break;
	default:
		buf_addchar(&scan->phrase, *scan->at);
		break;
	}
	scan->at++;
}

void
addresses_parse(const char *value, size_t size, struct addresses *out)
{
	char *line = decode_unfold(value, size);
	struct scan scan = {
		.at = line,
		.out = out,
		.phrase = BUF_INIT,
		.comment = BUF_INIT,
	};

	*out = (struct addresses){ 0 };
	while (*scan.at != '\0')
		take_character(&scan);
	end_bare(&scan);
	if (scan.group != NULL)
		remark(&scan, true,
		    "\"%s:\" begins a group that no ; ends (RFC 5322 3.4)",
		    scan.group);
	free(scan.group);
	buf_clear(&scan.phrase);
	buf_clear(&scan.comment);
	free(line);
}

void
addresses_clear(struct addresses *addresses)
{
	for (size_t i = 0; i < addresses->count; i++) {
		free(addresses->list[i].name);
		free(addresses->list[i].address);
		free(addresses->list[i].group);
	}
	for (size_t i = 0; i < addresses->remark_count; i++)
		free(addresses->remarks[i].text);
	free(addresses->list);
	free(addresses->remarks);
	*addresses = (struct addresses){ 0 };
}

bool
addresses_have(const struct addresses *addresses, const char *address)
{
	for (size_t i = 0; i < addresses->count; i++)
		if (strcasecmp(addresses->list[i].address, address) == 0)
			return true;
	return false;
}

bool
addresses_in_field(const char *name, size_t size)
{
	static const char *const names[] = { "From", "Sender", "Reply-To", "To",
		"Cc", "Bcc", "Resent-From", "Resent-Sender", "Resent-To",
		"Resent-Cc", "Disposition-Notification-To" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strlen(names[i]) == size &&
		    strncasecmp(names[i], name, size) == 0)
			return true;
	return false;
}
