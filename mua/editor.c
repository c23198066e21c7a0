/*
 * editor.c - the text of the built-in editor, as an array of lines.
 */
#include "mua/editor.h"

#include <stdlib.h>
#include <string.h>

#include "mua/text.h"

enum { TAB_COLUMNS = 8 };

static void
note_change(struct editor *editor)
{
	editor->changed = true;
	editor->changes++;
}

static struct buf *
current(struct editor *editor)
{
	return &editor->lines[editor->line];
}

/* Makes room for a new, empty line at AT. */
static struct buf *
add_line(struct editor *editor, size_t at)
{
	editor->lines = xrealloc(editor->lines,
	    (editor->count + 1) * sizeof(*editor->lines));
	memmove(editor->lines + at + 1, editor->lines + at,
	    (editor->count - at) * sizeof(*editor->lines));
	editor->count++;
	editor->lines[at] = (struct buf)BUF_INIT;
	return &editor->lines[at];
}

static void
remove_line(struct editor *editor, size_t at)
{
	buf_clear(&editor->lines[at]);
	editor->count--;
	memmove(editor->lines + at, editor->lines + at + 1,
	    (editor->count - at) * sizeof(*editor->lines));
}

/* Removes SIZE bytes at OFFSET of LINE. */
static void
cut(struct buf *line, size_t offset, size_t size)
{
	memmove(line->data + offset, line->data + offset + size,
	    line->size - offset - size + 1);
	line->size -= size;
}

void
editor_init(struct editor *editor, const struct buf *text)
{
	const char *s = text->data;
	const char *end = s + text->size;

	*editor = (struct editor){ .goal = -1, .killed = BUF_INIT };
	while (s < end) {
		const char *stop = memchr(s, '\n', (size_t)(end - s));
		size_t size = (size_t)((stop == NULL ? end : stop) - s);

		buf_add(add_line(editor, editor->count), s, size);
		s += size + 1;
	}
	if (editor->count == 0)
		add_line(editor, 0);
}

void
editor_clear(struct editor *editor)
{
	for (size_t i = 0; i < editor->count; i++)
		buf_clear(&editor->lines[i]);
	free(editor->lines);
	buf_clear(&editor->killed);
	*editor = (struct editor){ 0 };
}

void
editor_text(const struct editor *editor, struct buf *to)
{
	for (size_t i = 0; i < editor->count; i++) {
		buf_add(to, editor->lines[i].data, editor->lines[i].size);
		/* One empty line alone is no text. */
		if (editor->count > 1 || editor->lines[i].size > 0)
			buf_addchar(to, '\n');
	}
}

/* For whatever is neither up, down nor a kill. */
static void
forget_goal(struct editor *editor)
{
	editor->goal = -1;
	editor->killing = false;
}

void
editor_insert(struct editor *editor, const char *text, size_t size)
{
	struct buf *line = current(editor);
	struct buf tail = BUF_INIT;

	forget_goal(editor);
	buf_add(&tail, line->data + editor->offset,
	    line->size - editor->offset);
	line->size = editor->offset;
	buf_add(line, text, size);
	buf_add(line, tail.data, tail.size);
	buf_clear(&tail);
	editor->offset += size;
	note_change(editor);
}

void
editor_insert_tab(struct editor *editor)
{
	static const char blanks[TAB_COLUMNS + 1] = "        ";
	int column = editor_columns(current(editor), 0, editor->offset);

	editor_insert(editor, blanks,
	    (size_t)(TAB_COLUMNS - column % TAB_COLUMNS));
}

void
editor_break(struct editor *editor)
{
	struct buf *next;
	struct buf *line;

	forget_goal(editor);
	next = add_line(editor, editor->line + 1);
	line = current(editor);
	buf_add(next, line->data + editor->offset, line->size - editor->offset);
	cut(line, editor->offset, line->size - editor->offset);
	editor->line++;
	editor->offset = 0;
	note_change(editor);
}

/* Joins the next line to the current one. */
static void
join(struct editor *editor)
{
	struct buf *line = current(editor);

	buf_add(line, line[1].data, line[1].size);
	remove_line(editor, editor->line + 1);
	note_change(editor);
}

void
editor_delete(struct editor *editor)
{
	struct buf *line = current(editor);
	size_t end = editor->offset;
	int columns;

	forget_goal(editor);
	if (editor->offset == line->size) {
		if (editor->line + 1 < editor->count)
			join(editor);
		return;
	}
	/* What combines with a character goes with it. */
	end += text_next(line->data + end, &columns);
	while (end < line->size) {
		size_t size = text_next(line->data + end, &columns);

		if (columns != 0)
			break;
		end += size;
	}
	cut(line, editor->offset, end - editor->offset);
	note_change(editor);
}

void
editor_left(struct editor *editor)
{
	const struct buf *line = current(editor);
	int columns = 0;

	forget_goal(editor);
	if (editor->offset == 0) {
		if (editor->line > 0) {
			editor->line--;
			editor->offset = current(editor)->size;
		}
		return;
	}
	while (editor->offset > 0 && columns == 0) {
		editor->offset -= text_last(line->data, editor->offset);
		(void)text_next(line->data + editor->offset, &columns);
	}
}

void
editor_right(struct editor *editor)
{
	const struct buf *line = current(editor);
	int columns;

	forget_goal(editor);
	if (editor->offset == line->size) {
		if (editor->line + 1 < editor->count) {
			editor->line++;
			editor->offset = 0;
		}
		return;
	}
	editor->offset += text_next(line->data + editor->offset, &columns);
	while (editor->offset < line->size) {
		size_t size = text_next(line->data + editor->offset, &columns);

		if (columns != 0)
			break;
		editor->offset += size;
	}
}

void
editor_rub_out(struct editor *editor)
{
	if (editor->offset == 0 && editor->line == 0)
		return;
	editor_left(editor);
	editor_delete(editor);
}

void
editor_rub_out_word(struct editor *editor)
{
	struct buf *line = current(editor);
	size_t from = editor->offset;

	if (from == 0) {
		editor_rub_out(editor);
		return;
	}
	forget_goal(editor);
	while (from > 0 && line->data[from - 1] == ' ')
		from--;
	while (from > 0 && line->data[from - 1] != ' ')
		from--;
	cut(line, from, editor->offset - from);
	editor->offset = from;
	note_change(editor);
}

void
editor_kill(struct editor *editor)
{
	struct buf *line = current(editor);
	bool more = editor->killing;

	forget_goal(editor);
	if (!more)
		buf_reset(&editor->killed);
	if (editor->offset < line->size) {
		buf_add(&editor->killed, line->data + editor->offset,
		    line->size - editor->offset);
		cut(line, editor->offset, line->size - editor->offset);
		note_change(editor);
	} else if (editor->line + 1 < editor->count) {
		buf_addchar(&editor->killed, '\n');
		join(editor);
	}
	editor->killing = true;
}

void
editor_yank(struct editor *editor)
{
	const char *s = editor->killed.data;

	for (;;) {
		size_t size = strcspn(s, "\n");

		editor_insert(editor, s, size);
		if (s[size] == '\0')
			break;
		editor_break(editor);
		s += size + 1;
	}
}

void
editor_line_begin(struct editor *editor)
{
	forget_goal(editor);
	editor->offset = 0;
}

void
editor_line_end(struct editor *editor)
{
	forget_goal(editor);
	editor->offset = current(editor)->size;
}

void
editor_first(struct editor *editor)
{
	editor->line = 0;
	editor_line_begin(editor);
}

void
editor_last(struct editor *editor)
{
	editor->line = editor->count - 1;
	editor_line_end(editor);
}
