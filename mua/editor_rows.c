/*
 * editor_rows.c - lines as rows of a screen, and moving by them.
 */
#include "mua/editor.h"

#include "mua/text.h"

enum { TAB_COLUMNS = 8 };

/* The columns of the character at S, which would begin in COLUMN. */
static int
width(const char *s, int column, size_t *size_out)
{
	int columns;

	*size_out = text_next(s, &columns);
	if (*s == '\t')
		return TAB_COLUMNS - column % TAB_COLUMNS;
	return columns < 0 ? 1 : columns;
}

int
editor_columns(const struct buf *line, size_t from, size_t offset)
{
	int column = 0;
	size_t size;

	for (size_t i = from; i < offset; i += size)
		column += width(line->data + i, column, &size);
	return column;
}

size_t
editor_row_end(const struct buf *line, size_t from, int columns)
{
	size_t blank = from; /* behind the last one */
	int column = 0;
	size_t size;

	for (size_t i = from; i < line->size; i += size) {
		column += width(line->data + i, column, &size);
		/* A blank may hang over: nobody sees it. */
		if (line->data[i] == ' ')
			blank = i + size;
		else if (column > columns && i > from)
			return blank > from ? blank : i;
	}
	return line->size;
}

size_t
editor_row_of(const struct buf *line, size_t offset, int columns)
{
	size_t from = 0;

	for (;;) {
		size_t end = editor_row_end(line, from, columns);

		if (end >= line->size || offset < end)
			return from;
		from = end;
	}
}

/* The offset in the row that begins at FROM which is nearest to COLUMN. */
static size_t
find_column(const struct buf *line, size_t from, int columns, int column)
{
	size_t end = editor_row_end(line, from, columns);
	size_t at = from;
	int used = 0;
	size_t size;

	while (at < end) {
		int wide = width(line->data + at, used, &size);

		/* Behind the last one is the next row. */
		if (used + wide > column ||
		    (at + size == end && end < line->size))
			break;
		used += wide;
		at += size;
	}
	return at;
}

/* Where the row above the one that begins at FROM in LINE begins. */
static bool
row_up(struct editor *editor, size_t *from, int columns)
{
	if (*from > 0) {
		*from = editor_row_of(&editor->lines[editor->line], *from - 1,
		    columns);
		return true;
	}
	if (editor->line == 0)
		return false;
	editor->line--;
	*from = editor_row_of(&editor->lines[editor->line],
	    editor->lines[editor->line].size, columns);
	return true;
}

static bool
row_down(struct editor *editor, size_t *from, int columns)
{
	const struct buf *line = &editor->lines[editor->line];
	size_t end = editor_row_end(line, *from, columns);

	if (end < line->size) {
		*from = end;
		return true;
	}
	if (editor->line + 1 == editor->count)
		return false;
	editor->line++;
	*from = 0;
	return true;
}

void
editor_rows(struct editor *editor, int columns, long rows)
{
	const struct buf *line = &editor->lines[editor->line];
	size_t from = editor_row_of(line, editor->offset, columns);

	editor->killing = false;
	if (editor->goal == -1)
		editor->goal = editor_columns(line, from, editor->offset);
	for (; rows < 0; rows++)
		if (!row_up(editor, &from, columns))
			break;
	for (; rows > 0; rows--)
		if (!row_down(editor, &from, columns))
			break;
	editor->offset = find_column(&editor->lines[editor->line], from,
	    columns, editor->goal);
}
