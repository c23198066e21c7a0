/*
 * editor_window.h - the part of an edited text that is on the screen.
 */
#ifndef MUA_EDITOR_WINDOW_H
#define MUA_EDITOR_WINDOW_H

#include "mua/editor.h"

struct editor_window {
	size_t top_line; /* the first row shown: a line, */
	size_t top_from; /* and where in it the row begins */
	int columns;     /* for the text; one more is the cursor's */
	int height;
};

/* Moves *LINE and *FROM to the next row; false at the end of the text. */
bool editor_window_next(const struct editor_window *window,
    const struct editor *editor, size_t *line, size_t *from);

/*
 * Makes the row of the cursor one of those that are shown; no row stays empty
 * while there are others above.
 */
void editor_window_scroll(struct editor_window *window,
    const struct editor *editor);

#endif
