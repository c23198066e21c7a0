/*
 * message.c - a message opened to be read.
 *
 * It is read into memory once and split (parts.c); a part is decoded when it
 * is asked for (content.c).
 */
#include "maildir/message.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/log.h"
#include "maildir/content.h"
#include "maildir/decode.h"
#include "maildir/header.h"
#include "maildir/part_header.h"
#include "maildir/parts.h"

enum {
	MESSAGE_MAX = 64 * 1024 * 1024, /* more is not shown */
	FIELD_LIMIT = 8000,
};

/* A decoded field, kept because its text was given away. */
struct field {
	struct field *next;
	char *name;
	char *text;
};

struct message {
	struct buf raw;
	struct buf header;
	struct part_list list;
	struct field *fields;
};

static void
copy_header(const struct message *message, struct buf *to)
{
	const struct located_part *root = &message->list.parts[0];

	buf_add(to, message->raw.data, root->header_size);
	if (to->size > 0 && to->data[to->size - 1] != '\n')
		buf_addchar(to, '\n');
	/* It is given as a string. */
	for (size_t i = 0; i < to->size; i++)
		if (to->data[i] == '\0')
			to->data[i] = '?';
}

struct message *
message_open(int fd)
{
	struct message *message = xcalloc(1, sizeof(*message));
	int rc = 0;

	message_library_init();
	message->raw = (struct buf)BUF_INIT;
	message->header = (struct buf)BUF_INIT;
	if (fd != -1) {
		if (lseek(fd, 0, SEEK_SET) != -1)
			rc = buf_read(&message->raw, fd, MESSAGE_MAX);
		if (rc == -1)
			log_errno("read a message");
		close(fd);
	}
	parts_split(message->raw.data, message->raw.size, &message->list);
	if (rc == 1)
		part_add_fault(&message->list.parts[0].part,
		    "The message is too large; the rest is not shown.");
	if (rc == -1)
		part_add_fault(&message->list.parts[0].part,
		    "The file cannot be read to its end.");
	copy_header(message, &message->header);
	return message;
}

void
message_close(struct message *message)
{
	if (message == NULL)
		return;
	while (message->fields != NULL) {
		struct field *field = message->fields;

		message->fields = field->next;
		free(field->name);
		free(field->text);
		free(field);
	}
	parts_clear(&message->list);
	buf_clear(&message->header);
	buf_clear(&message->raw);
	free(message);
}

const char *
message_header(const struct message *message)
{
	return message->header.data;
}

static bool
holds_addresses(const char *name)
{
	static const char *const names[] = { "From", "To", "Cc", "Bcc",
		"Reply-To", "Sender", "Resent-From", "Resent-To" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static char *
decode_field(const struct message *message, const char *name)
{
	struct header_field field;

	if (!header_find(message->raw.data, message->list.parts[0].header_size,
		name, &field))
		return xstrdup("");
	if (holds_addresses(name))
		return decode_addresses(field.value, field.value_size,
		    FIELD_LIMIT);
	return decode_text(field.value, field.value_size, FIELD_LIMIT);
}

const char *
message_field(struct message *message, const char *name)
{
	struct field *field = message->fields;

	while (field != NULL && strcasecmp(field->name, name) != 0)
		field = field->next;
	if (field == NULL) {
		field = xcalloc(1, sizeof(*field));
		field->name = xstrdup(name);
		field->text = decode_field(message, name);
		field->next = message->fields;
		message->fields = field;
	}
	return field->text;
}

size_t
message_part_count(const struct message *message)
{
	return message->list.count;
}

const struct part *
message_part(const struct message *message, size_t i)
{
	return &message->list.parts[i].part;
}

void
message_content(struct message *message, size_t i, struct buf *to)
{
	struct located_part *part = &message->list.parts[i];
	const char *data = message->raw.data + part->body;

	if (part->part.multipart)
		buf_add(to, data, part->body_size);
	else
		content_decode(data, part->body_size, part, to);
}

char *
message_parameter(const struct message *message, size_t i, const char *name)
{
	const struct located_part *part = &message->list.parts[i];

	return part_header_parameter(message->raw.data + part->header,
	    part->header_size, name);
}

const struct located_part *
message_place(const struct message *message, size_t i)
{
	return &message->list.parts[i];
}

const char *
message_bytes(const struct message *message, size_t *size_out)
{
	*size_out = message->raw.size;
	return message->raw.data;
}

void
message_raw(const struct message *message, struct buf *to)
{
	buf_add(to, message->raw.data, message->raw.size);
}
