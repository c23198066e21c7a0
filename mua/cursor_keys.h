/*
 * cursor_keys.h - what views that are lists with a cursor have in common: they
 * point view->cursor to theirs.
 */
#ifndef MUA_CURSOR_KEYS_H
#define MUA_CURSOR_KEYS_H

#include "mua/view.h"

/* Handlers. */
void cursor_next(struct view *view, int key);
void cursor_previous(struct view *view, int key);
void cursor_next_page(struct view *view, int key);
void cursor_previous_page(struct view *view, int key);
void cursor_first(struct view *view, int key);
void cursor_last(struct view *view, int key);

/*
 * Draws what there is room for in HEIGHT rows, with the current entry among
 * them: calls ROW for each entry and its row on the screen, and puts the
 * terminal's cursor onto the current one.
 */
void cursor_draw(struct view *view, int height, struct screen_text *screen,
    void (*row)(struct view *view, size_t i, struct screen_text *screen,
	int row));

#endif
