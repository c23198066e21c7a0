/*
 * editor.h - a text being edited: lines, a cursor, and what can be done.
 *
 * The model of the built-in editor; it knows no screen but its width, which
 * decides where the rows of a long line begin.  Text is valid UTF-8; a line is
 * as long as it is typed and wrapped for the eye only.
 */
#ifndef MUA_EDITOR_H
#define MUA_EDITOR_H

#include "common/buf.h"

#include <stdbool.h>

struct editor {
	struct buf *lines; /* at least one, without their LF */
	size_t count;
	size_t line;   /* where the cursor is: a line, */
	size_t offset; /* and a byte in it, or its end */
	int goal;      /* the column that up and down keep to; -1: as it is */
	struct buf killed;
	bool killing; /* the last key was a kill: the next one adds to it */
	bool changed;
	unsigned long changes; /* how many */
};

/* Takes a copy of TEXT; the cursor is at its beginning. */
void editor_init(struct editor *editor, const struct buf *text);
void editor_clear(struct editor *editor);

/* Appends the text, each line with LF. */
void editor_text(const struct editor *editor, struct buf *to);

/* Typing.  TEXT has no line end. */
void editor_insert(struct editor *editor, const char *text, size_t size);
void editor_insert_tab(struct editor *editor);
void editor_break(struct editor *editor);
void editor_rub_out(struct editor *editor);
void editor_delete(struct editor *editor);
void editor_rub_out_word(struct editor *editor);

/* Removes up to the end of the line, or joins the next one to it; puts back. */
void editor_kill(struct editor *editor);
void editor_yank(struct editor *editor);

/* Moving. */
void editor_left(struct editor *editor);
void editor_right(struct editor *editor);
void editor_line_begin(struct editor *editor);
void editor_line_end(struct editor *editor);
void editor_first(struct editor *editor);
void editor_last(struct editor *editor);

/* By ROWS of a screen COLUMNS wide, up where negative, as far as there are. */
void editor_rows(struct editor *editor, int columns, long rows);

/*
 * Where the row that begins at FROM in LINE ends: behind the last blank that
 * fits into COLUMNS, or where it must be cut, or at the end of the line.
 */
size_t editor_row_end(const struct buf *line, size_t from, int columns);

/* Where the row begins that has OFFSET in it. */
size_t editor_row_of(const struct buf *line, size_t offset, int columns);

/* Columns from FROM to OFFSET in LINE, tabs to the next eighth. */
int editor_columns(const struct buf *line, size_t from, size_t offset);

#endif
