/*
 * quoted.c - plain text as lines.
 */
#include "mua/quoted.h"

#include <string.h>

enum { DEPTH_MAX = 100 };

struct writer {
	struct lines *lines;
	const struct quoted_form *form;
	struct buf paragraph; /* of flowed lines, without their quotes */
	size_t depth;         /* it is quoted so often */
	bool open;            /* its last line wants to flow on */
	bool signature;       /* from here on */
};

static enum style
style_of(const struct writer *w, size_t depth)
{
	static const enum style styles[] = { STYLE_QUOTE, STYLE_QUOTE_2,
		STYLE_QUOTE_3 };

	if (depth > 0)
		return styles[(depth - 1) % COUNT(styles)];
	return w->signature ? STYLE_SIGNATURE : STYLE_NORMAL;
}

/* The quote marks at the start of a line: "> > ", ">>", " >"; how many. */
static size_t
measure_quote(const char *text, size_t size, size_t *length_out)
{
	size_t depth = 0;
	size_t at = 0;

	*length_out = 0;
	while (at < size && (text[at] == '>' || text[at] == ' ')) {
		if (text[at] == '>') {
			depth++;
			*length_out = at + 1;
		} else if (at > *length_out) {
			break; /* two blanks: the text is indented */
		}
		at++;
	}
	if (depth > 0 && *length_out < size && text[*length_out] == ' ')
		++*length_out;
	return depth;
}

/* A line as it stands. */
static void
add_fixed(struct writer *w, const char *text, size_t size)
{
	size_t prefix;
	size_t depth = measure_quote(text, size, &prefix);

	if (size == 3 && memcmp(text, "-- ", 3) == 0)
		w->signature = true;
	lines_add(w->lines, style_of(w, depth), text, size);
	if (depth > 0 && prefix < size)
		lines_repeat(w->lines, prefix);
}

static void
end_paragraph(struct writer *w)
{
	struct buf line = BUF_INIT;

	if (!w->open)
		return;
	for (size_t i = 0; i < w->depth; i++)
		buf_addchar(&line, '>');
	if (w->depth > 0)
		buf_addchar(&line, ' ');

	size_t prefix = line.size;

	buf_add(&line, w->paragraph.data, w->paragraph.size);
	lines_add(w->lines, style_of(w, w->depth), line.data, line.size);
	lines_flow(w->lines);
	if (w->depth > 0 && prefix < line.size)
		lines_repeat(w->lines, prefix);
	buf_reset(&w->paragraph);
	w->open = false;
	buf_clear(&line);
}

/*
 * RFC 3676 4.1: quote marks are counted and taken away, then one blank that was
 * stuffed in; what ends with a blank flows into the next line of that depth.
 */
static void
add_flowed(struct writer *w, const char *text, size_t size)
{
	size_t depth = 0;
	bool flows;

	while (depth < size && text[depth] == '>' && depth < DEPTH_MAX)
		depth++;
	text += depth;
	size -= depth;
	if (size > 0 && *text == ' ') {
		text++;
		size--;
	}
	/* 4.3: a signature's line is none that flows. */
	bool dashes = size == 3 && memcmp(text, "-- ", 3) == 0;

	flows = size > 0 && text[size - 1] == ' ' && !dashes;
	if (depth != w->depth || dashes)
		end_paragraph(w);
	if (dashes && depth == 0)
		w->signature = true;
	w->depth = depth;
	w->open = true;
	buf_add(&w->paragraph, text, flows && w->form->delsp ? size - 1 : size);
	if (!flows)
		end_paragraph(w);
}

void
quoted_add(struct lines *lines, const char *text, size_t size,
    const struct quoted_form *form)
{
	struct writer writer = {
		.lines = lines,
		.form = form,
		.paragraph = BUF_INIT,
	};
	const char *end = text + size;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		const char *next = stop == NULL ? end : stop + 1;

		if (stop == NULL)
			stop = end;
		else if (stop > text && stop[-1] == '\r')
			stop--;
		if (form->flowed)
			add_flowed(&writer, text, (size_t)(stop - text));
		else
			add_fixed(&writer, text, (size_t)(stop - text));
		text = next;
	}
	end_paragraph(&writer);
	buf_clear(&writer.paragraph);
}
