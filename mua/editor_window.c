/*
 * editor_window.c - which rows of the edited text are shown.
 */
#include "mua/editor_window.h"

bool
editor_window_next(const struct editor_window *window,
    const struct editor *editor, size_t *line, size_t *from)
{
	const struct buf *text = &editor->lines[*line];
	size_t end = editor_row_end(text, *from, window->columns);

	if (end < text->size) {
		*from = end;
		return true;
	}
	*from = 0;
	return ++*line < editor->count;
}

static bool
is_before(size_t line, size_t from, size_t other_line, size_t other_from)
{
	return line < other_line || (line == other_line && from < other_from);
}

/* Moves *LINE and *FROM to the row before; false at the beginning. */
static bool
previous_row(const struct editor_window *window, const struct editor *editor,
    size_t *line, size_t *from)
{
	size_t end = *from;

	if (*from == 0) {
		if (*line == 0)
			return false;
		--*line;
		end = editor->lines[*line].size;
	} else {
		end--;
	}
	*from = editor_row_of(&editor->lines[*line], end, window->columns);
	return true;
}

/* No row stays empty while there are others above, as after a resize. */
static void
fill_up(struct editor_window *window, const struct editor *editor)
{
	size_t line = window->top_line;
	size_t from = window->top_from;
	int rows = 1;

	while (rows < window->height &&
	    editor_window_next(window, editor, &line, &from))
		rows++;
	while (rows < window->height &&
	    previous_row(window, editor, &window->top_line, &window->top_from))
		rows++;
}

void
editor_window_scroll(struct editor_window *window, const struct editor *editor)
{
	size_t row = editor_row_of(&editor->lines[editor->line], editor->offset,
	    window->columns);
	size_t line;
	size_t from;
	int rows = 0;

	if (window->top_line >= editor->count) {
		window->top_line = editor->count - 1;
		window->top_from = 0;
	}
	window->top_from = editor_row_of(&editor->lines[window->top_line],
	    window->top_from, window->columns);
	if (is_before(editor->line, row, window->top_line, window->top_from)) {
		window->top_line = editor->line;
		window->top_from = row;
	}
	/* Far below: do not walk there row by row. */
	if (editor->line > window->top_line + (size_t)window->height) {
		window->top_line = editor->line - (size_t)window->height;
		window->top_from = 0;
	}
	line = window->top_line;
	from = window->top_from;
	while (is_before(line, from, editor->line, row) &&
	    editor_window_next(window, editor, &line, &from))
		rows++;
	for (; rows >= window->height && window->height > 0; rows--)
		(void)editor_window_next(window, editor, &window->top_line,
		    &window->top_from);
	fill_up(window, editor);
}
