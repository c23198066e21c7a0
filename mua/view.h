/*
 * view.h - what the main loop needs to know of a view.
 *
 * A view is one way to look at the mailbox, a message or a part.  Views lie on
 * a stack (ui.h); the top one is drawn and gets the keys.  A concrete view has
 * a struct view as its first member.
 *
 * Row 0 of the screen is the help line, the last but one the status line, the
 * last one is for messages and questions; a view draws what is between.
 */
#ifndef MUA_VIEW_H
#define MUA_VIEW_H

#include "mua/keys.h"
#include "mua/screen_text.h"

#include <stdbool.h>

struct cursor;
struct ui;

enum { VIEW_TOP_ROW = 1, VIEW_FRAME_ROWS = 3 };

struct view_class {
	const char *name; /* "the list": for the help page */
	const struct key_table *const *tables;
	void (*draw)(struct view *view, struct screen_text *screen);
	/* The status line: its left and its right end. */
	void (*status)(struct view *view, struct buf *left, struct buf *right);
	/*
	 * Takes a key that is in none of the tables, for a view to type in;
	 * false: it does nothing here.  May be NULL.
	 */
	bool (*typed)(struct view *view, int key);
	/*
	 * After each key, and while none comes (IDLE), for views that keep
	 * something safe, whether they are on top or below.  Whether there is
	 * something to be kept yet: then it is called again soon.  May be NULL.
	 */
	bool (*tick)(struct view *view, bool idle);
	/* The mailbox was read again: entries have moved.  May be NULL. */
	void (*reloaded)(struct view *view);
	void (*free)(struct view *view);
};

struct view {
	const struct view_class *class;
	struct ui *ui;
	struct view *below;
	struct cursor *cursor; /* of a list, for cursor_keys.h; or NULL */
	/* It shows another message than the mailbox's current one. */
	bool elsewhere;
};

/* The rows a view may draw, at least 0. */
int view_height(const struct screen_text *screen);

#endif
