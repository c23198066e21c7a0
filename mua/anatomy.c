/*
 * anatomy.c - a message taken apart to its bytes.
 *
 * The part tree (maildir/parts.h) says where each header and text is; what is
 * between them are boundaries, preambles and epilogues, told apart here.
 */
#include "mua/anatomy.h"

#include "maildir/decode.h"
#include "maildir/header.h"
#include "mua/anatomy_text.h"
#include "mua/oddity.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCE_MAX = 400, NO_PART = -1 };

struct builder {
	struct anatomy *anatomy;
	size_t room;
	size_t at; /* everything before is in a node */
};

static size_t
line_length(const struct anatomy *anatomy, size_t offset)
{
	const char *from = anatomy->data + offset;
	const char *end = memchr(from, '\n', anatomy->size - offset);

	return end == NULL ? anatomy->size - offset : (size_t)(end - from) + 1;
}

/* Adds the bytes up to END; to the last node if that is of the same kind. */
static void
add_node(struct builder *b, enum node_kind kind, size_t part, size_t end)
{
	struct anatomy *anatomy = b->anatomy;
	struct node *last = anatomy->node_count == 0
	    ? NULL
	    : &anatomy->nodes[anatomy->node_count - 1];

	if (end > anatomy->size)
		end = anatomy->size;
	if (end <= b->at)
		return;
	if (last != NULL && last->kind == kind && last->part == part &&
	    (kind == NODE_PREAMBLE || kind == NODE_EPILOGUE)) {
		last->end = end;
	} else {
		if (anatomy->nodes == NULL || anatomy->node_count == b->room) {
			b->room = b->room == 0 ? 64 : 2 * b->room;
			anatomy->nodes = xrealloc(anatomy->nodes,
			    b->room * sizeof(anatomy->nodes[0]));
		}
		anatomy->nodes[anatomy->node_count++] =
		    (struct node){ kind, part, b->at, end };
	}
	b->at = end;
}

/* The part that part I is in, or NO_PART. */
static int
parent_of(const struct message *message, int i)
{
	int depth = message_part(message, (size_t)i)->depth;

	while (--i >= 0)
		if (message_part(message, (size_t)i)->depth < depth)
			return i;
	return NO_PART;
}

/* The multipart, around or at part LAST, that the line at OFFSET delimits. */
static int
find_delimited(const struct anatomy *anatomy, size_t offset, int last,
    bool *closing_out)
{
	const char *line = anatomy->data + offset;
	size_t length = line_length(anatomy, offset);

	if (length < 3 || line[0] != '-' || line[1] != '-')
		return NO_PART;
	for (int i = last; i != NO_PART; i = parent_of(anatomy->message, i)) {
		const struct located_part *part =
		    message_place(anatomy->message, (size_t)i);

		if (part->boundary != NULL && part->part.multipart &&
		    parts_is_delimiter(line, length, part->boundary,
			closing_out))
			return i;
	}
	return NO_PART;
}

/* The line end in front of a delimiter is its own (RFC 2046 5.1.1), but a
 * person looks at lines: it stays with the line that it ends. */
static void
finish_line(struct builder *b)
{
	struct anatomy *anatomy = b->anatomy;

	if (b->at == 0 || b->at >= anatomy->size ||
	    anatomy->data[b->at - 1] == '\n' || anatomy->node_count == 0)
		return;
	b->at += line_length(anatomy, b->at);
	anatomy->nodes[anatomy->node_count - 1].end = b->at;
}

/* What is between part LAST and the next one, up to END. */
static void
add_gap(struct builder *b, int last, size_t end)
{
	struct anatomy *anatomy = b->anatomy;
	bool begins = last != NO_PART &&
	    message_part(anatomy->message, (size_t)last)->multipart;

	if (b->at < end)
		finish_line(b);
	while (b->at < end && b->at < anatomy->size) {
		bool closing = false;
		int part = find_delimited(anatomy, b->at, last, &closing);
		size_t next = b->at + line_length(anatomy, b->at);

		if (part != NO_PART)
			add_node(b, closing ? NODE_CLOSING : NODE_BOUNDARY,
			    (size_t)part, next);
		else
			add_node(b, begins ? NODE_PREAMBLE : NODE_EPILOGUE,
			    last == NO_PART ? 0 : (size_t)last, next);
	}
}

static void
add_header(struct builder *b, size_t part, size_t end)
{
	const struct anatomy *anatomy = b->anatomy;

	while (b->at < end && b->at < anatomy->size) {
		const char *line = anatomy->data + b->at;
		size_t next = b->at + line_length(anatomy, b->at);
		const char *colon =
		    memchr(line, ':', line_length(anatomy, b->at));
		const char *blank =
		    memchr(line, ' ', line_length(anatomy, b->at));
		bool from = (strncmp(line, "From ", 5) == 0 ||
				strncmp(line, ">From ", 6) == 0) &&
		    (colon == NULL || blank < colon);

		while (next < end && next < anatomy->size &&
		    (anatomy->data[next] == ' ' || anatomy->data[next] == '\t'))
			next += line_length(anatomy, next);
		add_node(b, from ? NODE_FROM_LINE : NODE_FIELD, part, next);
	}
}

static void
add_parts(struct builder *b)
{
	const struct message *message = b->anatomy->message;
	size_t count = message_part_count(message);

	for (size_t i = 0; i < count; i++) {
		const struct located_part *part = message_place(message, i);

		add_gap(b, (int)i - 1, part->header);
		add_header(b, i, part->header + part->header_size);
		add_node(b, NODE_BLANK, i, part->body);
		if (!part->part.multipart)
			add_node(b, NODE_TEXT, i, part->body + part->body_size);
	}
	add_gap(b, (int)count - 1, b->anatomy->size);
}

static void
find_lines(struct anatomy *anatomy)
{
	size_t room = 0;

	for (size_t at = 0; at < anatomy->size;
	     at += line_length(anatomy, at)) {
		if (anatomy->line_count == room) {
			room = room == 0 ? 256 : 2 * room;
			anatomy->lines = xrealloc(anatomy->lines,
			    room * sizeof(anatomy->lines[0]));
		}
		anatomy->lines[anatomy->line_count++] = (uint32_t)at;
	}
}

static int
by_offset(const void *a, const void *b)
{
	size_t left = ((const struct oddity *)a)->offset;
	size_t right = ((const struct oddity *)b)->offset;

	return (left > right) - (left < right);
}

void
anatomy_read(struct message *message, struct anatomy *out)
{
	struct builder builder = { .anatomy = out };
	const char *end;

	*out = (struct anatomy){ .message = message };
	out->data = message_bytes(message, &out->size);
	out->cut = out->size > ANATOMY_MAX;
	if (out->cut)
		out->size = ANATOMY_MAX;
	end = out->size == 0 ? NULL : memchr(out->data, '\n', out->size);
	out->crlf = end != NULL && end > out->data && end[-1] == '\r';
	find_lines(out);
	add_parts(&builder);
	anatomy_find_phases(out);
	oddity_find(out);
	if (out->oddity_count > 1)
		qsort(out->oddities, out->oddity_count,
		    sizeof(out->oddities[0]), by_offset);
}

void
anatomy_clear(struct anatomy *anatomy)
{
	for (size_t i = 0; i < anatomy->oddity_count; i++)
		free(anatomy->oddities[i].what);
	free(anatomy->oddities);
	free(anatomy->nodes);
	free(anatomy->lines);
	free(anatomy->phases);
	*anatomy = (struct anatomy){ 0 };
}

const struct node *
anatomy_node(const struct anatomy *anatomy, size_t offset)
{
	size_t low = 0;
	size_t high = anatomy->node_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (anatomy->nodes[middle].start <= offset)
			low = middle;
		else
			high = middle;
	}
	return &anatomy->nodes[low];
}

size_t
anatomy_line(const struct anatomy *anatomy, size_t offset)
{
	size_t low = 0;
	size_t high = anatomy->line_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (anatomy->lines[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

const char *
anatomy_bytes(const struct anatomy *anatomy, size_t line, size_t *size_out)
{
	size_t end = line + 1 < anatomy->line_count ? anatomy->lines[line + 1]
						    : anatomy->size;

	*size_out = end - anatomy->lines[line];
	return anatomy->data + anatomy->lines[line];
}

size_t
anatomy_oddity(const struct anatomy *anatomy, size_t offset)
{
	size_t low = 0;
	size_t high = anatomy->oddity_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (anatomy->oddities[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void
anatomy_odd(struct anatomy *anatomy, size_t offset, const char *fmt, ...)
{
	char text[SENTENCE_MAX];
	va_list args;

	if (anatomy->oddity_count == ODDITIES_MAX) {
		anatomy->more_oddities = true;
		return;
	}
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	anatomy->oddities = xrealloc(anatomy->oddities,
	    (anatomy->oddity_count + 1) * sizeof(anatomy->oddities[0]));
	anatomy->oddities[anatomy->oddity_count++] = (struct oddity){
		.offset = offset,
		.what = decode_clean(text, (size_t)SENTENCE_MAX * 4),
	};
}
