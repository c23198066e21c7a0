/*
 * message_words.c - what a search finds in a message beside what the index
 * lists of it.
 *
 * Parts are split and decoded as they are for reading (parts.c, content.c), so
 * the same bounds hold.  What is no text is not looked into.  Lines of base64
 * or uuencode within a text are left out: nobody searches them, and they would
 * be most of the words there are.
 */
#include "maildir/message_words.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "maildir/content.h"
#include "maildir/decode.h"
#include "maildir/header.h"
#include "maildir/html_words.h"

enum {
	READ_MAX = 8 * 1024 * 1024,
	BODY_MAX = 1024 * 1024,
	FIELD_MAX = 4000,
	FILES_MAX = 16384,
	CODE_LINE = 60, /* a line so long without a blank is no text */
};

/* Whether the line says nothing to a person.  A long address does. */
static bool
is_code(const char *line, size_t size)
{
	if (size < CODE_LINE)
		return false;
	for (size_t i = 0; i < size; i++)
		if (line[i] == ' ' || line[i] == '\t' || (line[i] & 0x80) != 0)
			return false;
	return memmem(line, size, "://", 3) == NULL;
}

static void
add_lines(const struct buf *text, struct buf *to)
{
	size_t at = 0;

	while (at < text->size && to->size < BODY_MAX) {
		const char *line = text->data + at;
		const char *end = memchr(line, '\n', text->size - at);
		size_t size =
		    end == NULL ? text->size - at : (size_t)(end - line) + 1;
		size_t room = BODY_MAX - to->size;

		if (!is_code(line, size))
			buf_add(to, line, size < room ? size : room);
		at += size;
	}
}

static void
read_text(const char *data, struct located_part *part, struct buf *body)
{
	struct buf text = BUF_INIT;
	struct buf words = BUF_INIT;
	size_t size =
	    part->body_size < 4 * BODY_MAX ? part->body_size : 4 * BODY_MAX;

	content_decode(data + part->body, size, part, &text);
	if (strcmp(part->part.type, "text/html") == 0) {
		html_words(text.data, text.size, BODY_MAX, &words);
		add_lines(&words, body);
	} else {
		add_lines(&text, body);
	}
	buf_addchar(body, '\n');
	buf_clear(&words);
	buf_clear(&text);
}

/* The subject of a message within the message. */
static void
read_inner_subject(const char *data, const struct located_part *part,
    struct buf *body)
{
	struct header_field field;
	char *subject;

	if (!header_find(data + part->header, part->header_size, "Subject",
		&field))
		return;
	subject = decode_text(field.value, field.value_size, FIELD_MAX);
	buf_addstr(body, subject);
	buf_addchar(body, '\n');
	free(subject);
}

static void
read_part(const char *data, struct located_part *part,
    struct message_words *words)
{
	if (*part->part.filename != '\0' && words->files.size < FILES_MAX) {
		buf_addstr(&words->files, part->part.filename);
		buf_addchar(&words->files, '\n');
	}
	if (words->body.size >= BODY_MAX)
		return;
	if (part->part.depth > 0)
		read_inner_subject(data, part, &words->body);
	if (!part->part.multipart && strncmp(part->part.type, "text/", 5) == 0)
		read_text(data, part, &words->body);
}

static void
read_cc(const char *data, const struct located_part *root, struct buf *cc)
{
	const char *cursor = data + root->header;
	struct header_field field;

	while (cc->size < FIELD_MAX &&
	    header_next(&cursor, data + root->header + root->header_size,
		&field)) {
		char *text;

		if (!header_is(&field, "Cc"))
			continue;
		text =
		    decode_addresses(field.value, field.value_size, FIELD_MAX);
		buf_addstr(cc, text);
		buf_addchar(cc, '\n');
		free(text);
	}
}

/* SQLite ends a text there. */
static void
replace_nul(struct buf *text)
{
	for (size_t i = 0; i < text->size; i++)
		if (text->data[i] == '\0')
			text->data[i] = ' ';
}

void
message_words_read(int fd, struct message_words *words_out)
{
	struct buf data = BUF_INIT;
	struct part_list list;

	message_library_init();
	*words_out = (struct message_words){ BUF_INIT, BUF_INIT, BUF_INIT };
	if (lseek(fd, 0, SEEK_SET) == -1 || buf_read(&data, fd, READ_MAX) == -1)
		log_errno("read a message");
	parts_split(data.data, data.size, &list);
	read_cc(data.data, &list.parts[0], &words_out->cc);
	for (size_t i = 0; i < list.count; i++)
		read_part(data.data, &list.parts[i], words_out);
	parts_clear(&list);
	buf_clear(&data);
	replace_nul(&words_out->body);
}

void
message_words_clear(struct message_words *words)
{
	buf_clear(&words->cc);
	buf_clear(&words->body);
	buf_clear(&words->files);
}
