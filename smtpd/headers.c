/*
 * headers.c - Received, and what a person at a prompt has left out.
 *
 * While the header lasts, whole lines are looked at (data_reader bounds their
 * length); from the body on pieces pass through as they come.
 *
 * What is a field: RFC 5322 2.2, a name of printable characters and a colon;
 * blanks before the colon are let through, as RFC 822 had them.
 */
#include "smtpd/headers.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "smtpd/author.h"

enum { MESSAGE_ID, DATE, FROM, ADDITIONS };

static const char *const additions[ADDITIONS] = { "Message-Id", "Date",
	"From" };

/* RFC 5322 3.6.6 */
static const char resent_prefix[] = "Resent-";
static const char *const resent_names[] = { "From", "Sender", "To", "Cc", "Bcc",
	"Date", "Message-Id" };

size_t
headers_name_length(const char *line, size_t size)
{
	size_t length = 0;
	size_t at;

	while (length < size && line[length] > ' ' && line[length] < 127 &&
	    line[length] != ':')
		length++;
	at = length;
	while (at < size && (line[at] == ' ' || line[at] == '\t'))
		at++;
	return at < size && line[at] == ':' ? length : 0;
}

const char *
headers_safe_helo(const char *helo, char *text, size_t size)
{
	static const char harmless[] = "-._:[]@+=/";
	size_t n = 0;

	for (; helo[n] != '\0' && n + 1 < size; n++) {
		char c = helo[n];
		bool safe = isascii((unsigned char)c) &&
		    (isalnum((unsigned char)c) || strchr(harmless, c) != NULL);

		text[n] = safe ? c : '?';
	}
	text[n] = '\0';
	return text;
}

const char *
headers_date(time_t when, char *text, size_t size)
{
	struct tm tm;

	/* localtime_r reads the time zone once, before the sandbox (main.c). */
	localtime_r(&when, &tm);
	if (strftime(text, size, "%a, %d %b %Y %H:%M:%S %z", &tm) == 0)
		text[0] = '\0';
	return text;
}

/*
 * Ahead of it, of who has logged in, RFC 8601's word on that.
 *
 * Time-stamp-line = "Received:" FWS Stamp       (RFC 5321 4.4)
 * From-domain = "FROM" FWS Domain FWS "(" TCP-info ")"
 */
static void
put_received(const struct stamp *stamp, struct buf *to)
{
	const char *v6 = strchr(stamp->peer, ':') == NULL ? "" : "IPv6:";
	char helo[256];
	char date[64];

	headers_safe_helo(stamp->helo, helo, sizeof(helo));
	if (stamp->results != NULL)
		buf_printf(to, "Authentication-Results: %s;\n\t%s\n",
		    stamp->hostname, stamp->results);
	buf_printf(to, "Received: from %s ([%s%s])\n",
	    *helo == '\0' ? "unknown" : helo, v6, stamp->peer);
	buf_printf(to, "\tby %s (Postlab) with %s id %s", stamp->hostname,
	    stamp->protocol, stamp->id);
	if (stamp->tls != NULL)
		buf_printf(to, "\n\t(using %s)", stamp->tls);
	if (stamp->recipient != NULL)
		buf_printf(to, "\n\tfor <%s>; ", stamp->recipient);
	else
		buf_addstr(to, ";\n\t");
	buf_printf(to, "%s\n", headers_date(stamp->when, date, sizeof(date)));
}

static int
put_buf(struct headers *headers, struct buf *text)
{
	int rc = headers->sink(headers->arg, text->data, text->size);

	buf_clear(text);
	return rc;
}

/* In what is seen: the field of that number, in a resent message or not. */
static unsigned
seen_bit(bool resent, size_t i)
{
	return 1U << (resent ? ADDITIONS + i : i);
}

static void
put_message_id(struct headers *headers, struct buf *to)
{
	const struct stamp *stamp = headers->stamp;
	char when[32];
	char *id;
	struct tm tm;

	gmtime_r(&stamp->when, &tm);
	strftime(when, sizeof(when), "%Y%m%d%H%M%S", &tm);
	id = xasprintf("%s.%s@%s", when, stamp->id, stamp->hostname);
	buf_printf(to, "Message-Id: <%s>\n", id);
	if (!headers->resent)
		message_id_read(id, strlen(id), headers->message_id);
	free(id);
}

static void
put_addition(struct headers *headers, size_t i, struct buf *to)
{
	const struct stamp *stamp = headers->stamp;
	char when[64];

	if (headers->resent)
		buf_addstr(to, resent_prefix);
	if (i == MESSAGE_ID)
		put_message_id(headers, to);
	else if (i == DATE)
		buf_printf(to, "Date: %s\n",
		    headers_date(stamp->when, when, sizeof(when)));
	else if (*stamp->sender != '\0')
		buf_printf(to, "From: %s\n", stamp->sender);
	else
		buf_printf(to, "From: MAILER-DAEMON@%s\n", stamp->domain);
}

/* The fields that are missing, in the order of Postfix. */
static int
put_missing(struct headers *headers)
{
	struct buf text = BUF_INIT;

	if ((headers->care & HEADERS_COMPLETE) == 0)
		return 0;
	for (size_t i = 0; i < ADDITIONS; i++)
		if ((headers->seen & seen_bit(headers->resent, i)) == 0)
			put_addition(headers, i, &text);
	return put_buf(headers, &text);
}

static bool
is_name(const char *name, size_t size, const char *known)
{
	return strlen(known) == size && strncasecmp(known, name, size) == 0;
}

/* Takes the prefix of a resent block off, where the rest is one of its names.
 */
static bool
cut_resent(const char **name, size_t *size)
{
	size_t prefix = strlen(resent_prefix);

	if (*size <= prefix || strncasecmp(*name, resent_prefix, prefix) != 0)
		return false;
	for (size_t i = 0; i < COUNT(resent_names); i++) {
		if (!is_name(*name + prefix, *size - prefix, resent_names[i]))
			continue;
		*name += prefix;
		*size -= prefix;
		return true;
	}
	return false;
}

static bool
is_empty(const char *value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (value[i] != ' ' && value[i] != '\t' && value[i] != '\n')
			return false;
	return true;
}

/* One of those that may be added.  False when it is to be dropped. */
static bool
note_addition(struct headers *headers, size_t i, bool resent)
{
	const struct buf *field = &headers->field;
	const char *colon = strchr(field->data + headers->name_size, ':');
	size_t size = field->size - (size_t)(colon + 1 - field->data);

	/* An empty one says nothing, and there must be no two of them. */
	if ((headers->care & HEADERS_COMPLETE) != 0 &&
	    is_empty(colon + 1, size))
		return false;
	headers->seen |= seen_bit(resent, i);
	if (i == MESSAGE_ID && !resent && headers->message_id[0] == '\0')
		message_id_read(colon + 1, size, headers->message_id);
	return true;
}

/* Of the field that was collected. */
static bool
claims_to_be_ours(const struct headers *headers)
{
	const struct buf *field = &headers->field;
	const char *colon = strchr(field->data + headers->name_size, ':');

	return author_claims(colon + 1,
	    field->size - (size_t)(colon + 1 - field->data),
	    headers->stamp->hostname);
}

/* What the field tells us.  False when it is to be dropped. */
static bool
note_field(struct headers *headers)
{
	const char *name = headers->field.data;
	size_t size = headers->name_size;
	bool resent = cut_resent(&name, &size);

	headers->resent = headers->resent || resent;
	if (!resent && is_name(name, size, "Received"))
		headers->received++;
	/* Who reads it must know that what has our name is our word. */
	if (is_name(name, size, "Authentication-Results"))
		return !claims_to_be_ours(headers);
	if (is_name(name, size, "Bcc"))
		return (headers->care & HEADERS_HIDE_BCC) == 0;
	for (size_t i = 0; i < COUNT(additions); i++)
		if (is_name(name, size, additions[i]))
			return note_addition(headers, i, resent);
	return true;
}

/* The field that was collected is whole: on with it. */
static int
end_field(struct headers *headers)
{
	int rc = 0;

	if (headers->field.size > 0 && note_field(headers))
		rc = headers->sink(headers->arg, headers->field.data,
		    headers->field.size);
	buf_reset(&headers->field);
	return rc;
}

/* LINE is no part of the header. */
static int
begin_body(struct headers *headers, const char *line, size_t size)
{
	/*
	 * On its way from elsewhere nothing is touched (RFC 5321 6.4), but our
	 * own Received has to end somewhere.
	 */
	bool ends_header = (headers->care & HEADERS_COMPLETE) != 0 ||
	    headers->part == HEADER_START;

	if (end_field(headers) == -1 || put_missing(headers) == -1)
		return -1;
	headers->part = HEADER_BODY;
	if (ends_header && line[0] != '\n' &&
	    headers->sink(headers->arg, "\n", 1) == -1)
		return -1;
	return headers->sink(headers->arg, line, size);
}

/* One whole line, its LF included, while the header lasts. */
static int
take_line(struct headers *headers, const char *line, size_t size)
{
	size_t name_size = headers_name_length(line, size);
	bool continued = headers->part == HEADER_FIELDS &&
	    (line[0] == ' ' || line[0] == '\t');

	if (!continued && name_size == 0)
		return begin_body(headers, line, size);
	if (!continued) {
		if (end_field(headers) == -1)
			return -1;
		headers->part = HEADER_FIELDS;
		headers->name_size = name_size;
	}
	buf_add(&headers->field, line, size);
	return 0;
}

int
headers_begin(struct headers *headers, const struct stamp *stamp, unsigned care,
    int (*sink)(void *arg, const char *data, size_t size), void *arg)
{
	struct buf text = BUF_INIT;

	*headers = (struct headers){
		.stamp = stamp,
		.care = care,
		.sink = sink,
		.arg = arg,
		.line = BUF_INIT,
		.field = BUF_INIT,
	};
	put_received(stamp, &text);
	return put_buf(headers, &text);
}

/* Takes the first line of DATA, or the part of it that is there. */
static int
take_piece(struct headers *headers, const char *data, size_t size, bool whole)
{
	int rc = 0;

	if (whole && headers->line.size == 0)
		return take_line(headers, data, size);
	buf_add(&headers->line, data, size);
	if (whole) {
		rc = take_line(headers, headers->line.data, headers->line.size);
		buf_reset(&headers->line);
	}
	return rc;
}

int
headers_add(void *arg, const char *data, size_t size)
{
	struct headers *headers = arg;

	while (size > 0 && headers->part != HEADER_BODY) {
		const char *end = memchr(data, '\n', size);
		size_t n = end == NULL ? size : (size_t)(end - data) + 1;

		headers->size += n;
		headers->too_big = headers->size > HEADERS_SIZE_MAX;
		if (headers->too_big ||
		    take_piece(headers, data, n, end != NULL) == -1)
			return -1;
		data += n;
		size -= n;
	}
	return size == 0 ? 0 : headers->sink(headers->arg, data, size);
}

int
headers_end(struct headers *headers)
{
	if (headers->line.size > 0 &&
	    take_line(headers, headers->line.data, headers->line.size) == -1)
		return -1;
	if (headers->part != HEADER_BODY &&
	    (end_field(headers) == -1 || put_missing(headers) == -1))
		return -1;
	headers_clear(headers);
	return 0;
}

void
headers_clear(struct headers *headers)
{
	buf_clear(&headers->line);
	buf_clear(&headers->field);
}
