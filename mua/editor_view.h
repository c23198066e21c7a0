/*
 * editor_view.h - the built-in editor on the screen.
 */
#ifndef MUA_EDITOR_VIEW_H
#define MUA_EDITOR_VIEW_H

#include "mua/editor.h"
#include "mua/ui.h"

/* Who wants the text; ARG is for both. */
struct editor_owner {
	/* The person is done, and the editor has left the stack. */
	void (*done)(struct ui *ui, void *arg);
	/* After each key, and while none comes (IDLE): TYPED says whether the
	 * text has changed since the last call.  Whether to call again soon. */
	bool (*keep)(void *arg, const struct editor *editor, bool typed,
	    bool idle);
	void *arg;
};

/*
 * Edits TEXT, which belongs to the view below and outlives this one; it is
 * replaced when the person is done.  When the terminal goes away what was typed
 * is put into TEXT too, and done() is not called.
 */
void editor_view_open(struct ui *ui, struct buf *text, const char *title,
    const struct editor_owner *owner);

#endif
