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
#include <string.h>
#include <strings.h>

enum { SEEN_MESSAGE_ID = 1 << 0, SEEN_DATE = 1 << 1, SEEN_FROM = 1 << 2 };

static const struct {
	const char *name;
	unsigned seen;
} additions[] = {
	{ "Message-Id", SEEN_MESSAGE_ID },
	{ "Date", SEEN_DATE },
	{ "From", SEEN_FROM },
};

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

/* The fields that are missing, in the order of Postfix. */
static int
put_missing(struct headers *headers)
{
	const struct stamp *stamp = headers->stamp;
	unsigned missing = headers->complete ? ~headers->seen : 0;
	struct buf text = BUF_INIT;
	char when[64];
	struct tm tm;

	if ((missing & SEEN_MESSAGE_ID) != 0) {
		gmtime_r(&stamp->when, &tm);
		strftime(when, sizeof(when), "%Y%m%d%H%M%S", &tm);
		buf_printf(&text, "Message-Id: <%s.%s@%s>\n", when, stamp->id,
		    stamp->hostname);
	}
	if ((missing & SEEN_DATE) != 0)
		buf_printf(&text, "Date: %s\n",
		    headers_date(stamp->when, when, sizeof(when)));
	if ((missing & SEEN_FROM) != 0 && *stamp->sender != '\0')
		buf_printf(&text, "From: %s\n", stamp->sender);
	else if ((missing & SEEN_FROM) != 0)
		buf_printf(&text, "From: MAILER-DAEMON@%s\n", stamp->domain);
	return put_buf(headers, &text);
}

/* The length of the field's name, 0 when LINE is none. */
static size_t
field_name_length(const char *line, size_t size)
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

static void
note_field(struct headers *headers, const char *name, size_t length)
{
	static const char received[] = "Received";

	for (size_t i = 0; i < COUNT(additions); i++)
		if (strlen(additions[i].name) == length &&
		    strncasecmp(additions[i].name, name, length) == 0)
			headers->seen |= additions[i].seen;
	if (length == strlen(received) &&
	    strncasecmp(received, name, length) == 0)
		headers->received++;
}

/* One whole line, its LF included, while the header lasts. */
static int
take_line(struct headers *headers, const char *line, size_t size)
{
	size_t name_length = field_name_length(line, size);
	bool continued = headers->part == HEADER_FIELDS &&
	    (line[0] == ' ' || line[0] == '\t');
	bool ends_header;

	if (continued || name_length > 0) {
		headers->part = HEADER_FIELDS;
		note_field(headers, line, continued ? 0 : name_length);
		return headers->sink(headers->arg, line, size);
	}
	/*
	 * On its way from elsewhere nothing is touched (RFC 5321 6.4), but our
	 * own Received has to end somewhere.
	 */
	ends_header = headers->complete || headers->part == HEADER_START;
	headers->part = HEADER_BODY;
	if (put_missing(headers) == -1)
		return -1;
	if (ends_header && line[0] != '\n' &&
	    headers->sink(headers->arg, "\n", 1) == -1)
		return -1;
	return headers->sink(headers->arg, line, size);
}

int
headers_begin(struct headers *headers, const struct stamp *stamp, bool complete,
    int (*sink)(void *arg, const char *data, size_t size), void *arg)
{
	struct buf text = BUF_INIT;

	*headers = (struct headers){
		.stamp = stamp,
		.complete = complete,
		.sink = sink,
		.arg = arg,
		.line = BUF_INIT,
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

		if (take_piece(headers, data, n, end != NULL) == -1)
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
	buf_clear(&headers->line);
	return headers->part == HEADER_BODY ? 0 : put_missing(headers);
}

void
headers_clear(struct headers *headers)
{
	buf_clear(&headers->line);
}
