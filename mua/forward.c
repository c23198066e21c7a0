/*
 * forward.c - a message passed on, or taken up again.
 */
#include "mua/answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "maildir/decode.h"
#include "maildir/header.h"
#include "maildir/message.h"
#include "mua/flow.h"
#include "mua/quote.h"
#include "mua/render.h"
#include "mua/text.h"

enum { SUBJECT_MAX = 900 };

/* Attaches part I; a fault in it keeps nobody from it. */
static bool
attach_part(struct draft *draft, struct message *message, size_t i)
{
	const struct part *part = message_part(message, i);
	struct buf content = BUF_INIT;
	bool good;

	message_content(message, i, &content);
	good = draft_attach_data(draft, &content, part->filename, part->type);
	buf_clear(&content);
	return good;
}

/* Attaches all parts but those that are in the text; whether it could. */
static bool
attach_parts(struct draft *draft, struct message *message, size_t text)
{
	size_t count = message_part_count(message);
	bool good = true;

	for (size_t i = 0; i < count;) {
		const struct part *part = message_part(message, i);

		if (part->multipart && !render_is_message(part)) {
			i++;
			continue;
		}
		if (i != text && (part->attachment || !render_is_text(part)))
			good &= attach_part(draft, message, i);
		i = render_part_end(message, i);
	}
	return good;
}

/* The part that is the text: the first that is one, COUNT for none. */
static size_t
find_text(const struct message *message)
{
	size_t count = message_part_count(message);

	for (size_t i = 0; i < count; i++) {
		const struct part *part = message_part(message, i);

		if (render_is_text(part) && !part->multipart &&
		    (i == 0 || !part->attachment))
			return i;
	}
	return count;
}

static void
put_field(struct message *message, const char *name, struct buf *to)
{
	const char *value = message_field(message, name);

	if (*value != '\0')
		buf_printf(to, "%s: %s\n", name, value);
}

/* The text between two lines that say whose it is. */
static void
put_inline(struct message *message, struct buf *to)
{
	buf_addstr(to, "\n----- Forwarded message from ");
	buf_addstr(to, message_field(message, "From"));
	buf_addstr(to, " -----\n\n");
	put_field(message, "Date", to);
	put_field(message, "From", to);
	put_field(message, "To", to);
	put_field(message, "Cc", to);
	put_field(message, "Subject", to);
	buf_addchar(to, '\n');
	quote_plain(message, to);
	buf_addstr(to, "\n----- End of forwarded message -----\n");
}

/* The whole message as an attachment, called after its subject. */
static bool
attach_message(struct draft *draft, struct message *message,
    const char *subject)
{
	char *name =
	    xasprintf("%s.eml", *subject == '\0' ? "message" : subject);
	struct buf raw = BUF_INIT;
	bool good;

	for (char *s = name; *s != '\0'; s++)
		if (*s == '/')
			*s = '_';
	message_raw(message, &raw);
	good = draft_attach_data(draft, &raw, name, "message/rfc822");
	buf_clear(&raw);
	free(name);
	return good;
}

bool
answer_forward_add(struct draft *draft, struct message *message, bool attached)
{
	char *old =
	    decode_clean(message_field(message, "Subject"), SUBJECT_MAX);
	bool good;

	if (*draft->fields[DRAFT_SUBJECT] == '\0') {
		char *subject = xasprintf("Fwd: %s", old);

		draft_set(draft, DRAFT_SUBJECT, subject);
		free(subject);
	}
	if (attached) {
		good = attach_message(draft, message, old);
	} else {
		put_inline(message, &draft->text);
		good = attach_parts(draft, message, find_text(message));
	}
	free(old);
	return good;
}

struct draft *
answer_forward(struct message *message, bool attached,
    const struct writer *writer)
{
	struct draft *draft = answer_new(writer);

	(void)answer_forward_add(draft, message, attached);
	return draft;
}

/* The field called NAME, decoded; addresses with their names. */
static void
take_field(struct draft *draft, struct message *message, enum draft_field field)
{
	const char *header = message_header(message);
	struct header_field found;
	struct people people = { 0 };
	struct buf text = BUF_INIT;
	char why[8];
	char *value;

	if (!header_find(header, strlen(header), draft_field_name(field),
		&found))
		return;
	value = field == DRAFT_SUBJECT
	    ? decode_text(found.value, found.value_size, SUBJECT_MAX)
	    : decode_addresses(found.value, found.value_size, 65536);
	if (field != DRAFT_SUBJECT &&
	    people_parse(value, NULL, &people, why, sizeof(why)))
		people_format(&people, &text);
	else
		buf_addstr(&text, value);
	draft_set(draft, field, text.data);
	people_clear(&people);
	buf_clear(&text);
	free(value);
}

static void
take_ids(struct message *message, const char *name, char **place)
{
	const char *header = message_header(message);
	struct header_field found;
	char *ids;

	if (!header_find(header, strlen(header), name, &found))
		return;
	ids = decode_ids(found.value, found.value_size, 16000, 1000);
	draft_replace(place, ids);
	free(ids);
}

/* The text as its writer typed it: a flowed one joined. */
static void
take_text(struct draft *draft, struct message *message, size_t i)
{
	struct header_field type;
	struct buf content = BUF_INIT;
	const char *header = message_header(message);
	char *value = NULL;
	bool flowed = false;

	message_content(message, i, &content);
	if (i == 0 &&
	    header_find(header, strlen(header), "Content-Type", &type)) {
		value = decode_unfold(type.value, type.value_size);
		flowed = strcasestr(value, "format=flowed") != NULL;
		free(value);
	}
	buf_reset(&draft->text);
	if (flowed)
		flow_decode(&content, &draft->text);
	else
		buf_add(&draft->text, content.data, content.size);
	buf_clear(&content);
}

struct draft *
answer_again(struct message *message, const struct writer *writer)
{
	struct draft *draft = draft_new();
	size_t text = find_text(message);

	draft_replace(&draft->account, writer->account);
	for (int field = 0; field < DRAFT_FIELDS; field++)
		take_field(draft, message, (enum draft_field)field);
	if (*draft->fields[DRAFT_FROM] == '\0')
		draft_set(draft, DRAFT_FROM, writer->from);
	take_ids(message, "In-Reply-To", &draft->in_reply_to);
	take_ids(message, "References", &draft->references);
	if (text < message_part_count(message))
		take_text(draft, message, text);
	(void)attach_parts(draft, message, text);
	return draft;
}
