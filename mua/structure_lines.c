/*
 * structure_lines.c - the structure window: everything a message consists of,
 * with its place in the bytes, and what is odd about it where that is.
 */
#include "mua/windows.h"

#include "mua/anatomy.h"
#include "mua/text.h"

#include <string.h>

enum {
	INDENT_MAX = 16,
	PLACE_COLUMNS = 18,
	NARROW = 60,
	NARROW_HANG = 4,
};

struct structure {
	struct anatomy anatomy;
	struct lines *lines;
	bool narrow;   /* no columns to spare for the shape of it */
	size_t oddity; /* the next one to be told */
};

static void
add_title(struct structure *s)
{
	const struct anatomy *anatomy = &s->anatomy;
	size_t parts = message_part_count(anatomy->message);

	lines_printf(s->lines, STYLE_PART,
	    "%zu bytes, %zu lines ending in %s, %zu part%s, %zu oddit%s",
	    anatomy->size, anatomy->line_count, anatomy->crlf ? "CR LF" : "LF",
	    parts, parts == 1 ? "" : "s", anatomy->oddity_count,
	    anatomy->oddity_count == 1 ? "y" : "ies");
	if (anatomy->cut)
		lines_printf(s->lines, STYLE_FAULT,
		    "The message is longer; that much is looked at.");
	lines_printf(s->lines, STYLE_NORMAL, "%s", "");
	lines_printf(s->lines, STYLE_PART, "%8s %8s  %s", "offset", "bytes",
	    "what");
}

/* ": text/plain, us-ascii, base64, a.png" of the part whose text it is. */
static void
add_part(const struct anatomy *anatomy, const struct node *node, struct buf *to)
{
	const struct part *part = message_part(anatomy->message, node->part);

	buf_printf(to, ": %s", part->type);
	if (*part->charset != '\0')
		buf_printf(to, ", %s", part->charset);
	buf_printf(to, ", %s",
	    *part->encoding == '\0' ? "7bit" : part->encoding);
	if (*part->filename != '\0')
		buf_printf(to, ", \"%s\"", part->filename);
}

static void
add_boundary(const struct anatomy *anatomy, const struct node *node,
    struct buf *to)
{
	const struct located_part *part =
	    message_place(anatomy->message, node->part);

	if (part->boundary != NULL)
		buf_printf(to, ": --%s%s", part->boundary,
		    node->kind == NODE_CLOSING ? "--" : "");
}

static void
add_node(struct structure *s, const struct node *node)
{
	const struct anatomy *anatomy = &s->anatomy;
	const struct part *part = message_part(anatomy->message, node->part);
	int indent = 2 * part->depth;
	struct buf label = BUF_INIT;
	bool divides =
	    node->kind == NODE_BOUNDARY || node->kind == NODE_CLOSING;

	if (indent > INDENT_MAX)
		indent = INDENT_MAX;
	anatomy_label(anatomy, node, &label);
	if (node->kind == NODE_TEXT)
		add_part(anatomy, node, &label);
	else if (divides)
		add_boundary(anatomy, node, &label);
	lines_printf(s->lines, divides ? STYLE_LABEL : STYLE_NORMAL,
	    "%8zu %8zu  %*s%s", node->start, node->end - node->start, indent,
	    "", label.data);
	lines_hang(s->lines,
	    s->narrow ? NARROW_HANG : PLACE_COLUMNS + 2 + indent);
	buf_clear(&label);
}

/* The oddities before END. */
static void
add_oddities(struct structure *s, size_t end)
{
	const struct anatomy *anatomy = &s->anatomy;

	for (; s->oddity < anatomy->oddity_count; s->oddity++) {
		const struct oddity *oddity = &anatomy->oddities[s->oddity];

		if (oddity->offset >= end)
			return;
		lines_printf(s->lines, STYLE_FAULT, "%8zu %*s ! line %zu: %s",
		    oddity->offset, PLACE_COLUMNS - 10, "",
		    anatomy_line(anatomy, oddity->offset) + 1, oddity->what);
		lines_hang(s->lines,
		    s->narrow ? NARROW_HANG : PLACE_COLUMNS + 1);
	}
}

void
structure_lines(const struct subject *subject, int columns, struct lines *lines)
{
	struct structure s = { .lines = lines, .narrow = columns < NARROW };

	anatomy_read(subject->message, &s.anatomy);
	add_title(&s);
	for (size_t i = 0; i < s.anatomy.node_count; i++) {
		const struct node *node = &s.anatomy.nodes[i];

		add_node(&s, node);
		add_oddities(&s, node->end);
	}
	add_oddities(&s, SIZE_MAX);
	if (s.anatomy.more_oddities)
		lines_printf(lines, STYLE_FAULT,
		    "There are more; only %d are told.", ODDITIES_MAX);
	anatomy_clear(&s.anatomy);
}
