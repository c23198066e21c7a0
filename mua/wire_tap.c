/*
 * wire_tap.c - follows a dialogue as its client.
 *
 * The tap sees bytes as they pass, in packets of any size, so each direction
 * has half a line waiting.  What kind of line comes next is known from what was
 * asked before: commands wait in a queue for their replies, as both protocols
 * let a client pipeline.
 */
#include "mua/wire_tap.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/conn.h"
#include "mua/wire_words.h"

enum { LIST_SHOWN = 20 /* lines of a long answer */ };

static void
tell(struct wire_tap *tap, enum wire_direction direction, const char *text,
    const char *words)
{
	tap->line(tap->arg, direction, text, words);
}

/* The first word of LINE in capitals. */
static void
take_verb(const char *line, char verb[WIRE_VERB_SIZE])
{
	size_t i = 0;

	for (; i + 1 < WIRE_VERB_SIZE && line[i] > ' '; i++)
		verb[i] = line[i] >= 'a' && line[i] <= 'z'
		    ? (char)(line[i] - 'a' + 'A')
		    : line[i];
	verb[i] = '\0';
}

/* Whether a good answer to this POP3 command has lines behind it. */
static bool
is_multi(const char *verb, const char *line)
{
	static const char *const always[] = { "RETR", "TOP", "CAPA" };
	static const char *const without_argument[] = { "LIST", "UIDL",
		"LANG" };

	for (size_t i = 0; i < COUNT(always); i++)
		if (strcmp(verb, always[i]) == 0)
			return true;
	for (size_t i = 0; i < COUNT(without_argument); i++)
		if (strcmp(verb, without_argument[i]) == 0)
			return strchr(line, ' ') == NULL;
	return false;
}

static void
push_command(struct wire_tap *tap, const char *line)
{
	size_t at = (tap->first + tap->count) % WIRE_PENDING;

	if (tap->count == WIRE_PENDING)
		return; /* no client of ours goes so far ahead */
	take_verb(line, tap->pending[at].verb);
	tap->pending[at].multi =
	    tap->protocol == WIRE_POP3 && is_multi(tap->pending[at].verb, line);
	tap->count++;
}

static const char *
pending_verb(const struct wire_tap *tap)
{
	return tap->count == 0 ? "" : tap->pending[tap->first].verb;
}

static void
pop_command(struct wire_tap *tap)
{
	if (tap->count == 0)
		return;
	tap->first = (tap->first + 1) % WIRE_PENDING;
	tap->count--;
}

static void
begin_text(struct wire_tap *tap, bool is_list)
{
	tap->in_message = true;
	tap->is_list = is_list;
	tap->lines = 0;
	tap->octets = 0;
}

/* The end of a message or list: what was left out, then the dot. */
static void
end_text(struct wire_tap *tap, enum wire_direction direction)
{
	char text[100];

	tap->in_message = false;
	if (!tap->is_list) {
		(void)snprintf(text, sizeof(text),
		    "(the message: %zu lines, %zu octets)", tap->lines,
		    tap->octets);
		tell(tap, direction, text, "");
	} else if (tap->lines > LIST_SHOWN) {
		(void)snprintf(text, sizeof(text), "(%zu lines more)",
		    tap->lines - LIST_SHOWN);
		tell(tap, direction, text, "");
	}
	tell(tap, direction, ".", "a dot alone: the end");
}

/* A line of a message, or of a list. */
static void
take_text(struct wire_tap *tap, enum wire_direction direction,
    const struct wire_half *half)
{
	if (half->length == 1 && half->text[0] == '.') {
		end_text(tap, direction);
		return;
	}
	tap->lines++;
	/* A stuffed dot is not the message's. */
	tap->octets += half->length + (half->text[0] == '.' ? 1 : 2);
	if (tap->is_list && tap->lines <= LIST_SHOWN)
		tell(tap, direction, half->text, "");
}

static const char *
about_response(const char *masked)
{
	if (*masked == '\0')
		return "an empty answer";
	return strcmp(masked, "*") == 0
	    ? "give this login up"
	    : "the answer, in base64; not shown, it is secret";
}

static void
take_sent(struct wire_tap *tap, const struct wire_half *half)
{
	struct buf masked = BUF_INIT;
	char verb[WIRE_VERB_SIZE];

	if (tap->in_message && tap->protocol == WIRE_SMTP) {
		take_text(tap, WIRE_SENT, half);
		return;
	}
	if (tap->in_auth) {
		mask_response(half->text, half->size, &masked);
		tell(tap, WIRE_SENT, masked.data, about_response(masked.data));
	} else {
		take_verb(half->text, verb);
		mask_command(&tap->mask, half->text, half->size, &masked);
		push_command(tap, half->text);
		/* AUTH alone asks POP3 for a list in its oldest form. */
		tap->in_auth = strcmp(verb, "AUTH") == 0;
		tell(tap, WIRE_SENT, masked.data,
		    wire_words_command(tap->protocol, verb));
	}
	buf_clear(&masked);
}

/* Whether the reply goes on in a further line. */
static bool
goes_on(const struct wire_tap *tap, const char *line)
{
	return tap->protocol == WIRE_SMTP && strlen(line) > 3 && line[3] == '-';
}

/* What state the reply LINE leads to. */
static void
follow_reply(struct wire_tap *tap, const char *line)
{
	bool multi = tap->count > 0 && tap->pending[tap->first].multi;
	bool message = strcmp(pending_verb(tap), "RETR") == 0 ||
	    strcmp(pending_verb(tap), "TOP") == 0;

	tap->again = goes_on(tap, line);
	if (tap->again)
		return;
	/* A challenge: the command is still to be answered. */
	if (tap->in_auth &&
	    (strncmp(line, "334", 3) == 0 || strncmp(line, "+ ", 2) == 0 ||
		strcmp(line, "+") == 0))
		return;
	tap->in_auth = false;
	if (tap->protocol == WIRE_SMTP && strncmp(line, "354", 3) == 0) {
		/* The reply to the message is DATA's last word. */
		begin_text(tap, false);
		return;
	}
	if (tap->protocol == WIRE_POP3 && multi && strncmp(line, "+OK", 3) == 0)
		begin_text(tap, !message);
	pop_command(tap);
}

static void
take_received(struct wire_tap *tap, const struct wire_half *half)
{
	struct buf masked = BUF_INIT;
	const char *verb = pending_verb(tap);
	bool secret = strcmp(verb, "AUTH") == 0 || strcmp(verb, "PASS") == 0 ||
	    strcmp(verb, "APOP") == 0;

	if (tap->in_message && tap->protocol == WIRE_POP3) {
		take_text(tap, WIRE_RECEIVED, half);
		return;
	}
	if (tap->again && secret)
		mask_explanation(half->text, half->size, &masked);
	else if (tap->in_auth)
		mask_challenge(half->text, half->size, &masked);
	else
		buf_add(&masked, half->text, half->size);
	tell(tap, WIRE_RECEIVED, masked.data,
	    tap->again ? ""
		       : wire_words_reply(tap->protocol, verb, half->text));
	follow_reply(tap, half->text);
	buf_clear(&masked);
}

static void
take_line(struct wire_tap *tap, char direction, struct wire_half *half)
{
	if (half->size > 0 && half->size == half->length &&
	    half->text[half->size - 1] == '\r') {
		half->size--;
		half->length--;
	} else if (half->length > half->size) {
		half->length--; /* the CR is behind what was kept */
	}
	half->text[half->size] = '\0';
	/* Bytes behind a NUL would be shown nowhere. */
	for (size_t i = 0; i < half->size; i++)
		if (half->text[i] == '\0')
			half->text[i] = '\x7f';
	if (direction == '>')
		take_sent(tap, half);
	else
		take_received(tap, half);
	half->size = 0;
	half->length = 0;
}

void
wire_tap_feed(void *arg, char direction, const char *data, size_t size)
{
	struct wire_tap *tap = arg;
	struct wire_half *half = direction == '>' ? &tap->sent : &tap->received;

	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n') {
			take_line(tap, direction, half);
			continue;
		}
		if (half->size < WIRE_LINE_MAX)
			half->text[half->size++] = data[i];
		half->length++;
	}
}

void
wire_tap_open(struct wire_tap *tap, enum wire_protocol protocol,
    struct conn *conn,
    void (*line)(void *arg, enum wire_direction direction, const char *text,
	const char *words),
    void *arg)
{
	*tap = (struct wire_tap){
		.protocol = protocol,
		.line = line,
		.arg = arg,
	};
	conn_set_tap(conn, wire_tap_feed, tap);
}
