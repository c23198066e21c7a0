/*
 * parts.c - the part tree of a message in memory.
 *
 * One pass over the lines with a stack of open multiparts.  A line that begins
 * with two dashes is compared with their boundaries from the innermost
 * outwards: that of an outer one also ends all within (RFC 2046 5.1.2), so a
 * lost closing line damages one level and not the rest.
 */
#include "maildir/parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "maildir/decode.h"
#include "maildir/header.h"
#include "maildir/part_header.h"

enum { NO_PART = -1 };

/* An open multipart, or a message within the message. */
struct level {
	const char *boundary; /* the part's; NULL for a message */
	size_t part;          /* its index */
	size_t children;
	bool closed; /* its closing line was seen: what follows is epilogue */
};

struct splitter {
	const char *data;
	size_t size;
	struct part_list *list;
	struct level levels[PART_DEPTH_MAX];
	int depth; /* levels in use, and so the depth of the next part */
	int leaf;  /* the part that takes the text, or NO_PART */
};

void
part_add_fault(struct part *part, const char *fmt, ...)
{
	struct buf fault = BUF_INIT;
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (part->fault != NULL) {
		buf_addstr(&fault, part->fault);
		buf_addchar(&fault, ' ');
	}
	/* It quotes the message, perhaps cut within a character. */
	char *clean = decode_clean(text, sizeof(text) * 4);

	buf_addstr(&fault, clean);
	free(clean);
	free(part->fault);
	part->fault = buf_steal(&fault);
}

static struct located_part *
add_part(struct splitter *s)
{
	struct part_list *list = s->list;

	if (list->count == list->room) {
		list->room = list->room == 0 ? 8 : list->room * 2;
		list->parts =
		    xrealloc(list->parts, list->room * sizeof(list->parts[0]));
	}
	if (s->depth > 0)
		s->levels[s->depth - 1].children++;
	s->leaf = (int)list->count;

	struct located_part *part = &list->parts[list->count++];

	memset(part, 0, sizeof(*part));
	part->part.depth = s->depth;
	return part;
}

/* Blanks behind it are padding; those before it are a student's. */
bool
parts_is_delimiter(const char *line, size_t length, const char *boundary,
    bool *closing_out)
{
	size_t size = strlen(boundary);
	const char *end = line + length;
	const char *at = line + 2;

	if (length < 3 || line[0] != '-' || line[1] != '-')
		return false;
	if (boundary[0] != ' ')
		while (at < end && (*at == ' ' || *at == '\t'))
			at++;
	if ((size_t)(end - at) < size || memcmp(at, boundary, size) != 0)
		return false;
	at += size;
	*closing_out = end - at >= 2 && at[0] == '-' && at[1] == '-';
	if (*closing_out)
		at += 2;
	while (at < end && strchr(" \t\r\n", *at) != NULL)
		at++;
	return at == end;
}

/* The level that the line at OFFSET delimits, or -1. */
static int
find_level(const struct splitter *s, size_t offset, size_t length,
    bool *closing_out)
{
	const char *line = s->data + offset;

	if (length < 3 || line[0] != '-' || line[1] != '-')
		return -1;
	for (int i = s->depth - 1; i >= 0; i--)
		if (s->levels[i].boundary != NULL &&
		    parts_is_delimiter(line, length, s->levels[i].boundary,
			closing_out))
			return i;
	return -1;
}

static size_t
line_length(const struct splitter *s, size_t offset)
{
	const char *end = memchr(s->data + offset, '\n', s->size - offset);

	return end == NULL ? s->size - offset
			   : (size_t)(end - s->data) + 1 - offset;
}

/* The line end before a delimiter is not of the text (RFC 2046 5.1.1). */
static size_t
before_delimiter(const struct splitter *s, size_t offset)
{
	if (offset > 0 && s->data[offset - 1] == '\n')
		offset--;
	if (offset > 0 && s->data[offset - 1] == '\r')
		offset--;
	return offset;
}

static void
end_body(struct located_part *part, size_t end)
{
	part->body_size = end > part->body ? end - part->body : 0;
}

/* A multipart in which no boundary line was found is text. */
static void
make_text(struct splitter *s, const struct level *level, size_t end)
{
	struct located_part *part = &s->list->parts[level->part];

	part->part.multipart = false;
	end_body(part, end);
	free(part->part.type);
	part->part.type = xstrdup("text/plain");
	part_add_fault(&part->part,
	    "A multipart without a line --%s; it is shown as text.",
	    level->boundary);
}

/* Leaves the text and the levels from KEEP on; all of that ends at END. */
static void
close_levels(struct splitter *s, int keep, size_t end)
{
	if (s->leaf != NO_PART)
		end_body(&s->list->parts[s->leaf], end);
	s->leaf = NO_PART;
	while (s->depth > keep) {
		struct level *level = &s->levels[--s->depth];
		struct located_part *part = &s->list->parts[level->part];

		end_body(part, end);
		if (level->children == 0)
			make_text(s, level, end);
		else if (level->boundary != NULL && !level->closed)
			part_add_fault(&part->part,
			    "The closing line --%s-- is missing.",
			    level->boundary);
	}
}

/* The header at OFFSET, which a delimiter ends as well. */
static struct header_end
find_header(const struct splitter *s, size_t offset)
{
	struct header_end end =
	    header_find_end(s->data + offset, s->size - offset);
	bool closing;
	size_t at = 0;

	while (at < end.size) {
		size_t length = line_length(s, offset + at);

		if (find_level(s, offset + at, length, &closing) != -1)
			break;
		at += length;
	}
	if (at < end.size)
		return (struct header_end){ at, at, true, true };
	at = offset + end.body;
	if (at < s->size &&
	    find_level(s, at, line_length(s, at), &closing) != -1)
		end.blank = true; /* no text, so nothing is missing */
	return end;
}

/* The type a part has that declares none: RFC 2046 5.1.5. */
static const char *
default_type(const struct splitter *s)
{
	size_t around = s->depth == 0 ? 0 : s->levels[s->depth - 1].part;

	if (s->depth > 0 &&
	    strcmp(s->list->parts[around].part.type, "multipart/digest") == 0)
		return "message/rfc822";
	return "text/plain";
}

/* A message within the message that can be looked into. */
static bool
holds_message(const struct part *part)
{
	static const char *const identity[] = { "", "7bit", "8bit", "binary" };

	if (strcmp(part->type, "message/rfc822") != 0 &&
	    strcmp(part->type, "message/global") != 0)
		return false;
	for (size_t i = 0; i < COUNT(identity); i++)
		if (strcmp(part->encoding, identity[i]) == 0)
			return true;
	return false;
}

static void
open_level(struct splitter *s)
{
	const char *boundary = s->list->parts[s->leaf].boundary;

	s->list->parts[s->leaf].part.multipart = true;
	s->levels[s->depth++] = (struct level){
		.boundary = boundary,
		.part = (size_t)s->leaf,
	};
	s->leaf = NO_PART;
}

static void
tell_missing_blank(struct located_part *part, const struct header_end *end)
{
	if (end->blank || !end->complete)
		return;
	if (end->size > 0)
		part_add_fault(&part->part,
		    "No blank line between the header and the text.");
	else if (part->part.depth > 0)
		part_add_fault(&part->part, "No blank line before the text.");
}

/*
 * Reads the header of the entity at OFFSET and returns where its text begins.
 * *INNER_OUT says that another entity begins there.
 */
static size_t
read_entity(struct splitter *s, size_t offset, bool *inner_out)
{
	struct header_end end = find_header(s, offset);
	const char *type = default_type(s);
	struct located_part *part = add_part(s);
	bool deep = s->depth == PART_DEPTH_MAX;

	part->header = offset;
	part->header_size = end.size;
	part->body = offset + end.body;

	part->boundary =
	    part_header_read(s->data + offset, end.size, type, part);

	tell_missing_blank(part, &end);
	*inner_out = !deep && holds_message(&part->part);
	if (deep && (part->boundary != NULL || holds_message(&part->part)))
		part_add_fault(&part->part,
		    "Nested too deep; what is in it is shown as text.");
	if (!deep && (part->boundary != NULL || *inner_out))
		open_level(s);
	return offset + end.body;
}

/* The same, with the messages that are within it at its start. */
static size_t
read_entities(struct splitter *s, size_t offset)
{
	bool inner = true;

	while (inner)
		offset = read_entity(s, offset, &inner);
	return offset;
}

/* Ends a part at the delimiter of LEVEL at OFFSET and begins the next. */
static size_t
pass_delimiter(struct splitter *s, size_t offset, int level, bool closing)
{
	size_t next = offset + line_length(s, offset);

	if (!closing && s->list->count >= PART_COUNT_MAX) {
		struct part *last = &s->list->parts[s->list->count - 1].part;

		if (last->fault == NULL)
			part_add_fault(last,
			    "Too many parts; the rest is not split.");
		return next;
	}
	close_levels(s, level + 1, before_delimiter(s, offset));
	s->levels[level].closed = closing;
	return closing ? next : read_entities(s, next);
}

void
parts_split(const char *data, size_t size, struct part_list *list_out)
{
	struct splitter s = {
		.data = data,
		.size = size,
		.list = list_out,
		.leaf = NO_PART,
	};
	bool closing = false;

	memset(list_out, 0, sizeof(*list_out));

	size_t offset = read_entities(&s, 0);

	while (offset < size) {
		size_t length = line_length(&s, offset);
		int level = find_level(&s, offset, length, &closing);

		offset = level == -1
		    ? offset + length
		    : pass_delimiter(&s, offset, level, closing);
	}
	close_levels(&s, 0, size);
}

void
parts_clear(struct part_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct part *part = &list->parts[i].part;

		free(part->type);
		free(part->charset);
		free(part->encoding);
		free(part->filename);
		free(part->fault);
		free(list->parts[i].boundary);
	}
	free(list->parts);
	memset(list, 0, sizeof(*list));
}
