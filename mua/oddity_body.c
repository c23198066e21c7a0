/*
 * oddity_body.c - the encodings of the texts, and the boundaries between them.
 */
#include "mua/oddity.h"

#include "maildir/transfer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	ENCODED_LINE_MAX = 76, /* RFC 2045 6.7, 6.8 */
	BOUNDARY_MAX = 70,     /* RFC 2046 5.1.1 */
	NEAR_PARTS = 20,       /* whose boundaries a line may have missed */
};

/* The text of a part while it is looked at. */
struct text {
	struct anatomy *anatomy;
	const struct located_part *part;
	size_t first_line; /* where it begins */
	bool cut;          /* it is longer than what is looked at */
};

static void
note_damage(void *arg, size_t line, const char *what)
{
	struct text *text = arg;
	size_t at = text->first_line + line - 1;

	/* Where it was cut the end is missing, and that is our doing. */
	if (text->cut && at + 1 >= text->anatomy->line_count)
		return;
	if (at < text->anatomy->line_count)
		anatomy_odd(text->anatomy, text->anatomy->lines[at],
		    "The %s is damaged: %s", text->part->part.encoding, what);
}

static void
look_at_line_lengths(struct text *text)
{
	struct anatomy *anatomy = text->anatomy;
	size_t end = text->part->body + text->part->body_size;

	for (size_t i = text->first_line;
	     i < anatomy->line_count && anatomy->lines[i] < end; i++) {
		size_t size;
		const char *line = anatomy_bytes(anatomy, i, &size);

		while (size > 0 && strchr("\r\n", line[size - 1]) != NULL)
			size--;
		if (size > ENCODED_LINE_MAX)
			anatomy_odd(anatomy,
			    anatomy->lines[i] + ENCODED_LINE_MAX,
			    "A line of %zu in %s; %d are allowed (RFC 2045 6)",
			    size, text->part->part.encoding, ENCODED_LINE_MAX);
	}
}

/* The first byte above 127 where none may be. */
static void
look_at_eighth_bit(struct text *text, size_t size)
{
	const char *body = text->anatomy->data + text->part->body;
	const char *encoding = text->part->part.encoding;

	if (*encoding != '\0' && strcmp(encoding, "7bit") != 0)
		return;
	for (size_t i = 0; i < size; i++) {
		if ((unsigned char)body[i] < 0x80)
			continue;
		anatomy_odd(text->anatomy, text->part->body + i,
		    "Byte %02X in a text that %s 7bit (RFC 2045 6.2)",
		    (unsigned char)body[i],
		    *encoding == '\0' ? "is without a transfer encoding, so"
				      : "is declared");
		return;
	}
}

/* What the decoder complains of beside damaged lines: the character set. */
static void
look_at_charset(struct text *text, size_t i)
{
	const struct part *part = message_part(text->anatomy->message, i);
	size_t before = part->fault == NULL ? 0 : strlen(part->fault);
	struct buf content = BUF_INIT;
	const char *fault;
	const char *damage;

	message_content(text->anatomy->message, i, &content);
	buf_clear(&content);
	if (part->fault == NULL || strlen(part->fault) == before)
		return;
	fault = part->fault + before;
	fault += strspn(fault, " ");
	/* Damaged lines have been told, each at its place. */
	damage = strstr(fault, "is damaged in line");
	if (damage != NULL) {
		fault = strstr(damage, ". ");
		if (fault == NULL)
			return;
		fault += 2;
	}
	anatomy_odd(text->anatomy, text->part->body, "%s", fault);
}

static void
look_at_text(struct anatomy *anatomy, size_t i)
{
	const struct located_part *part = message_place(anatomy->message, i);
	struct text text = { .anatomy = anatomy, .part = part };
	size_t size = part->body_size;
	bool encoded = strcmp(part->part.encoding, "base64") == 0 ||
	    strcmp(part->part.encoding, "quoted-printable") == 0;

	if (part->body >= anatomy->size)
		return;
	text.cut = size > anatomy->size - part->body;
	if (text.cut)
		size = anatomy->size - part->body;
	text.first_line = anatomy_line(anatomy, part->body);
	look_at_eighth_bit(&text, size);
	transfer_examine(part->part.encoding, anatomy->data + part->body, size,
	    note_damage, &text);
	if (encoded)
		look_at_line_lengths(&text);
	if (size == part->body_size)
		look_at_charset(&text, i);
}

/* What the splitter has found: it stands before all that decoding finds. */
static void
look_at_structure(struct anatomy *anatomy, size_t i)
{
	const struct located_part *part = message_place(anatomy->message, i);
	const char *encoding = part->part.encoding;

	if (part->header > anatomy->size)
		return;
	if (part->part.fault != NULL)
		anatomy_odd(anatomy, part->header, "%s", part->part.fault);
	if (part->boundary != NULL && strlen(part->boundary) > BOUNDARY_MAX)
		anatomy_odd(anatomy, part->header,
		    "A boundary of %zu characters; %d are allowed (RFC 2046 "
		    "5.1.1)",
		    strlen(part->boundary), BOUNDARY_MAX);
	if (part->part.multipart &&
	    (strcmp(encoding, "base64") == 0 ||
		strcmp(encoding, "quoted-printable") == 0))
		anatomy_odd(anatomy, part->header,
		    "What holds parts cannot be encoded itself (RFC 2045 6.4)");
}

/* A line that was meant to be a boundary, by the look of it. */
static void
look_for_near_miss(struct anatomy *anatomy, const struct node *node,
    size_t line)
{
	size_t first = node->part > NEAR_PARTS ? node->part - NEAR_PARTS : 0;
	size_t size;
	const char *text = anatomy_bytes(anatomy, line, &size);

	if (size < 3 || text[0] != '-' || text[1] != '-')
		return;
	for (size_t i = first; i <= node->part; i++) {
		const struct located_part *part =
		    message_place(anatomy->message, i);
		size_t length =
		    part->boundary == NULL ? 0 : strlen(part->boundary);

		if (length == 0 || size - 2 < length ||
		    strncasecmp(text + 2, part->boundary, length) != 0)
			continue;
		anatomy_odd(anatomy, anatomy->lines[line],
		    "It looks like the boundary --%s, but it is not: %s",
		    part->boundary,
		    strncmp(text + 2, part->boundary, length) == 0
			? "something stands behind it"
			: "upper and lower case count");
		return;
	}
}

static void
look_at_boundaries(struct anatomy *anatomy)
{
	for (size_t i = 0; i < anatomy->line_count; i++) {
		size_t offset = anatomy->lines[i];
		const struct node *node = anatomy_node(anatomy, offset);
		bool delimits =
		    node->kind == NODE_BOUNDARY || node->kind == NODE_CLOSING;

		if (delimits && offset + 2 < anatomy->size &&
		    strchr(" \t", anatomy->data[offset + 2]) != NULL)
			anatomy_odd(anatomy, offset,
			    "A blank between -- and the boundary (RFC 2046 "
			    "5.1.1): other readers do not see a part here");
		else if (node->kind == NODE_TEXT ||
		    node->kind == NODE_PREAMBLE || node->kind == NODE_EPILOGUE)
			look_for_near_miss(anatomy, node, i);
	}
}

void
oddity_bodies(struct anatomy *anatomy)
{
	size_t count = message_part_count(anatomy->message);

	for (size_t i = 0; i < count; i++) {
		look_at_structure(anatomy, i);
		if (!message_part(anatomy->message, i)->multipart)
			look_at_text(anatomy, i);
	}
	look_at_boundaries(anatomy);
}
