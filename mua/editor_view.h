/*
 * editor_view.h - the built-in editor on the screen.
 */
#ifndef MUA_EDITOR_VIEW_H
#define MUA_EDITOR_VIEW_H

#include "mua/ui.h"

/*
 * Edits TEXT, which belongs to the view below and outlives this one; it is
 * replaced when the person is done.  DONE, with ARG, is called then, after the
 * editor has left the stack.  When the terminal goes away what was typed is put
 * into TEXT too, and DONE is not called.
 */
void editor_view_open(struct ui *ui, struct buf *text, const char *title,
    void (*done)(struct ui *ui, void *arg), void *arg);

#endif
