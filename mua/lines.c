/*
 * lines.c - the lines of a text, made harmless on the way in.
 */
#include "mua/lines.h"

#include "maildir/message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Appends one line of foreign bytes. */
static void
add_line(struct lines *lines, enum style style, const char *text, size_t size)
{
	struct buf safe = BUF_INIT;
	struct line line = { .style = style };

	text_safe(text, size, &safe);
	for (size_t i = 0; i < safe.size; i++)
		if (safe.data[i] == '\n') /* one line is one line */
			safe.data[i] = ' ';
	if (lines->count == lines->room) {
		lines->room = lines->room == 0 ? 32 : 2 * lines->room;
		lines->items =
		    xrealloc(lines->items, lines->room * sizeof(*lines->items));
	}
	line.size = safe.size;
	line.text = buf_steal(&safe);
	lines->items[lines->count++] = line;
}

void
lines_add(struct lines *lines, enum style style, const char *text, size_t size)
{
	const char *end = text + size;

	if (size == 0)
		add_line(lines, style, "", 0);
	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		const char *next = stop == NULL ? end : stop + 1;

		if (stop == NULL)
			stop = end;
		else if (stop > text && stop[-1] == '\r')
			stop--;
		add_line(lines, style, text, (size_t)(stop - text));
		text = next;
	}
}

void
lines_printf(struct lines *lines, enum style style, const char *fmt, ...)
{
	va_list args;
	char *text;
	int size;

	va_start(args, fmt);
	size = vasprintf(&text, fmt, args);
	va_end(args);
	if (size < 0)
		return;
	add_line(lines, style, text, (size_t)size);
	free(text);
}

void
lines_label(struct lines *lines, size_t size)
{
	struct line *last = &lines->items[lines->count - 1];

	last->label = size < last->size ? size : last->size;
}

void
lines_repeat(struct lines *lines, size_t size)
{
	struct line *last = &lines->items[lines->count - 1];

	last->repeat = size < last->size ? size : last->size;
}

void
lines_flow(struct lines *lines)
{
	lines->items[lines->count - 1].flows = true;
}

void
lines_hang(struct lines *lines, int column)
{
	lines->items[lines->count - 1].hang = column;
}

void
lines_clear(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->items[i].text);
	free(lines->items);
	*lines = (struct lines){ 0 };
}
