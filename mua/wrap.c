/*
 * wrap.c - cuts lines for the screen.  The pieces point into the lines, so
 * that a new width costs no copy and a place in the text survives it.
 */
#include "mua/wrap.h"

#include "mua/text.h"

#include <stdlib.h>
#include <string.h>

static void
add_piece(struct wrapped *wrapped, struct piece piece)
{
	if (wrapped->count == wrapped->room) {
		wrapped->room = wrapped->room == 0 ? 64 : 2 * wrapped->room;
		wrapped->pieces = xrealloc(wrapped->pieces,
		    wrapped->room * sizeof(*wrapped->pieces));
	}
	wrapped->pieces[wrapped->count++] = piece;
}

/*
 * Where the piece that begins at START must end: behind the last blank that
 * fits, in the middle of a word where there is none, or at the line's end.
 */
static size_t
find_end(const char *text, size_t start, int columns)
{
	size_t end = start;
	size_t blank = start;
	int used = 0;

	while (text[end] != '\0') {
		int width;
		size_t size = text_next(text + end, &width);

		if (text[end] == '\t')
			width = TAB_WIDTH - used % TAB_WIDTH;
		else if (width < 0)
			width = 1;
		if (used + width > columns && end > start) {
			if (text[end] == ' ' || blank == start)
				return end;
			return blank;
		}
		used += width;
		if (text[end] == ' ' || text[end] == '\t')
			blank = end + size;
		end += size;
	}
	return end;
}

const char *
wrap_mark(enum style style)
{
	switch (style) {
	case STYLE_NORMAL:
	case STYLE_QUOTE:
	case STYLE_QUOTE_2:
	case STYLE_QUOTE_3:
	case STYLE_SIGNATURE:
		return "";
	default:
		return "+";
	}
}

/* What begins a further row leaves that much less for the text. */
static int
reserved(const struct line *line)
{
	if (line->repeat > 0)
		return text_columns(line->text, line->repeat);
	return (int)strlen(wrap_mark(line->style)) + line->hang;
}

static void
wrap_line(struct wrapped *wrapped, const struct line *line, size_t number,
    int columns)
{
	int less = reserved(line);
	size_t start = 0;

	do {
		int room =
		    start == 0 || columns <= less ? columns : columns - less;
		size_t end = find_end(line->text, start, room);
		size_t next = end;

		if (line->text[end] == ' ')
			next++;
		else if (line->text[end] != '\0')
			while (end > start + 1 && line->text[end - 1] == ' ')
				end--;
		add_piece(wrapped,
		    (struct piece){ .line = number,
			.start = start,
			.end = end });
		start = next;
	} while (line->text[start] != '\0');
}

void
wrap_lines(const struct lines *lines, int columns, struct wrapped *wrapped)
{
	wrapped->count = 0;
	for (size_t i = 0; i < lines->count; i++)
		wrap_line(wrapped, &lines->items[i], i,
		    columns < 1 ? 1 : columns);
}

size_t
wrap_find(const struct wrapped *wrapped, size_t line, size_t offset)
{
	size_t low = 0;
	size_t high = wrapped->count;

	/* The last piece that begins at or before the place. */
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		const struct piece *piece = &wrapped->pieces[middle];

		if (piece->line < line ||
		    (piece->line == line && piece->start <= offset))
			low = middle;
		else
			high = middle;
	}
	return low;
}

void
wrapped_clear(struct wrapped *wrapped)
{
	free(wrapped->pieces);
	*wrapped = (struct wrapped){ 0 };
}
