/*
 * quote.c - quoting as RFC 3676 4.5 has it: a '>' a level, then a blank.
 */
#include "mua/quote.h"

#include <string.h>

#include "maildir/message.h"
#include "mua/flow.h"
#include "mua/render.h"
#include "mua/text.h"

enum { QUOTE_DEPTH_MAX = 20 };

/* Whether a line is the message's own, not ours about a part or a fault. */
static bool
is_said(const struct line *line)
{
	return line->style != STYLE_PART && line->style != STYLE_FAULT;
}

static void
put_quoted(const char *line, size_t size, size_t depth, struct buf *to)
{
	for (size_t i = 0; i < depth; i++)
		buf_addchar(to, '>');
	if (size > 0)
		buf_addchar(to, ' ');
	buf_add(to, line, size);
	buf_addchar(to, '\n');
}

/* One line, a level deeper than it was. */
static void
quote_line(const char *line, size_t size, struct buf *to)
{
	size_t depth = 0;

	/* "> > a" and ">> a" are the same depth. */
	while (size > 0 && depth < QUOTE_DEPTH_MAX &&
	    (*line == '>' ||
		(depth > 0 && size > 1 && *line == ' ' && line[1] == '>'))) {
		depth += *line == '>';
		line++;
		size--;
	}
	if (depth > 0 && size > 0 && *line == ' ') {
		line++;
		size--;
	}
	depth++;
	while (size > 0 && line[size - 1] == ' ')
		size--;
	while (text_columns(line, size) > FLOW_WIDTH + 4) {
		size_t cut = flow_cut(line, size, FLOW_WIDTH - (int)depth);

		if (cut == size)
			break;
		put_quoted(line, cut - 1, depth, to);
		line += cut;
		size -= cut;
	}
	put_quoted(line, size, depth, to);
}

/* The body's lines from the first that says something on. */
static void
render(struct message *message, struct lines *lines)
{
	render_body(message, 0, lines);
}

static bool
is_signature(const struct line *line)
{
	return line->style == STYLE_SIGNATURE || strcmp(line->text, "-- ") == 0;
}

void
quote_body(struct message *message, struct buf *to)
{
	struct lines lines = { 0 };
	size_t kept = to->size;
	bool begun = false;

	render(message, &lines);
	for (size_t i = 0; i < lines.count; i++) {
		const struct line *line = &lines.items[i];

		if (is_signature(line))
			break;
		if (!is_said(line) || (!begun && line->size == 0))
			continue;
		begun = true;
		quote_line(line->text, line->size, to);
		if (line->size > 0)
			kept = to->size;
	}
	/* Empty lines at the end say nothing. */
	to->size = kept;
	to->data[kept] = '\0';
	lines_clear(&lines);
}

void
quote_plain(struct message *message, struct buf *to)
{
	struct lines lines = { 0 };

	render(message, &lines);
	for (size_t i = 0; i < lines.count; i++) {
		if (!is_said(&lines.items[i]))
			continue;
		buf_add(to, lines.items[i].text, lines.items[i].size);
		buf_addchar(to, '\n');
	}
	lines_clear(&lines);
}

void
quote_attribution(struct message *message, struct buf *to)
{
	const char *from = message_field(message, "From");
	const char *date = message_field(message, "Date");

	if (*date != '\0')
		buf_printf(to, "On %s, ", date);
	if (*from != '\0')
		text_person(from, to);
	else
		buf_addstr(to, "somebody");
	buf_addstr(to, " wrote:\n");
}
