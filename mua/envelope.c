/*
 * envelope.c - gathers a message's envelope and the persons in its header.
 *
 * The index has the envelope as the server had it.  Without it, Return-Path,
 * X-Original-To and Delivered-To on top of the message tell the rest; they are
 * written at delivery, above all that came from outside.
 */
#include "mua/envelope.h"

#include "maildir/decode.h"
#include "maildir/header.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FACT_MAX = 400 };

const char *const envelope_person_names[PERSON_COUNT] = {
	/* clang-format off */
	[PERSON_FROM]     = "From",
	[PERSON_SENDER]   = "Sender",
	[PERSON_REPLY_TO] = "Reply-To",
	[PERSON_TO]       = "To",
	[PERSON_CC]       = "Cc",
	/* clang-format on */
};

/*
 * The first field NAME above the first Received, where only delivery writes.
 * NULL without; the caller frees it.
 */
static char *
find_on_top(const struct message *message, const char *name)
{
	const char *cursor = message_header(message);
	const char *end = cursor + strlen(cursor);
	struct header_field field;

	while (header_next(&cursor, end, &field)) {
		if (header_is(&field, "Received"))
			return NULL;
		if (header_is(&field, name)) {
			char *value =
			    decode_unfold(field.value, field.value_size);
			char *clean = decode_clean(value, FACT_MAX);

			free(value);
			return clean;
		}
	}
	return NULL;
}

/* Takes the <> off PATH, which may be NULL; it is freed. */
static char *
strip(char *path)
{
	const char *from = path == NULL ? "" : path;
	size_t size = strlen(from);
	char *bare;

	if (size >= 2 && *from == '<' && from[size - 1] == '>') {
		from++;
		size -= 2;
	}
	bare = strndup(from, size);
	free(path);
	return bare == NULL ? xstrdup("") : bare;
}

static char *
copy_clean(const char *text)
{
	return decode_clean(text, FACT_MAX);
}

/* The topmost hop, NULL without one. */
static const struct received *
last_hop(const struct envelope *envelope)
{
	const struct journey *journey = &envelope->journey;

	return journey->count == 0
	    ? NULL
	    : &journey->hops[journey->count - 1].received;
}

/*
 * A row of an earlier version has not kept it; then the Received of the same
 * session may say it.
 */
static char *
find_tls(const struct kept_envelope *kept, const struct received *last)
{
	if (*kept->tls == '\0' && last != NULL && *last->tls != '\0' &&
	    strcmp(last->id, kept->queue_id) == 0)
		return xasprintf("%s (from Received)", last->tls);
	return copy_clean(kept->tls);
}

static void
read_kept(const struct kept_envelope *kept, struct envelope *out)
{
	out->from_index = true;
	out->sender_known = true;
	out->recipient_known = true;
	out->sender = copy_clean(kept->sender);
	out->recipient = copy_clean(kept->recipient);
	out->helo = copy_clean(kept->helo);
	out->peer = copy_clean(kept->peer);
	out->login = copy_clean(kept->login);
	out->protocol = copy_clean(kept->protocol);
	out->tls = find_tls(kept, last_hop(out));
	out->queue_id = copy_clean(kept->queue_id);
}

/* What delivery wrote on top, and the topmost Received. */
static void
read_fields(const struct message *message, struct envelope *out)
{
	char *sender = find_on_top(message, "Return-Path");
	char *recipient = find_on_top(message, "X-Original-To");
	const struct received *last = last_hop(out);

	if (recipient == NULL)
		recipient = find_on_top(message, "Envelope-To"); /* Exim */
	if (recipient == NULL)
		recipient = find_on_top(message, "Delivered-To");
	out->sender_known = sender != NULL;
	out->recipient_known = recipient != NULL;
	out->sender = strip(sender);
	out->recipient = strip(recipient);
	out->helo = xstrdup(last == NULL ? "" : last->helo);
	out->peer = xstrdup(last == NULL ? "" : last->address);
	out->login = xstrdup(last == NULL ? "" : last->login);
	out->protocol = xstrdup(last == NULL ? "" : last->with);
	out->tls = xstrdup(last == NULL ? "" : last->tls);
	out->queue_id = xstrdup(last == NULL ? "" : last->id);
}

static void
read_persons(const struct message *message, struct envelope *out)
{
	const char *header = message_header(message);

	for (size_t i = 0; i < PERSON_COUNT; i++) {
		struct header_field field = { .value = "" };

		if (!header_find(header, strlen(header),
			envelope_person_names[i], &field))
			field = (struct header_field){ .value = "" };
		addresses_parse(field.value, field.value_size,
		    &out->persons[i]);
	}
}

void
envelope_read(const struct subject *subject, struct envelope *out)
{
	const struct kept_envelope *kept = subject->envelope;

	*out = (struct envelope){ 0 };
	journey_read(subject->message, &out->journey);
	if (kept != NULL && kept->known)
		read_kept(kept, out);
	else
		read_fields(subject->message, out);
	out->delivered = strip(find_on_top(subject->message, "Delivered-To"));
	read_persons(subject->message, out);
}

void
envelope_clear(struct envelope *envelope)
{
	for (size_t i = 0; i < PERSON_COUNT; i++)
		addresses_clear(&envelope->persons[i]);
	journey_clear(&envelope->journey);
	free(envelope->sender);
	free(envelope->recipient);
	free(envelope->delivered);
	free(envelope->helo);
	free(envelope->peer);
	free(envelope->login);
	free(envelope->protocol);
	free(envelope->tls);
	free(envelope->queue_id);
}

bool
envelope_sender_differs(const struct envelope *envelope)
{
	return envelope->sender_known &&
	    !addresses_have(&envelope->persons[PERSON_FROM], envelope->sender);
}

bool
envelope_recipient_differs(const struct envelope *envelope)
{
	return envelope->recipient_known &&
	    !addresses_have(&envelope->persons[PERSON_TO],
		envelope->recipient) &&
	    !addresses_have(&envelope->persons[PERSON_CC], envelope->recipient);
}
