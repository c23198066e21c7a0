/*
 * text_view.h - a text to read on the screen: help, a part; and, as the first
 * member of the pager, a message.
 */
#ifndef MUA_TEXT_VIEW_H
#define MUA_TEXT_VIEW_H

#include "mua/scroller.h"
#include "mua/ui.h"

struct text_view {
	struct view view;
	struct scroller scroller;
	struct buf title;
};

/* Moving and searching, for every view that begins with a text_view. */
extern const struct key_table text_view_scroll_keys;

/* Takes over what TITLE and LINES hold. */
struct view *text_view_new(struct ui *ui, struct buf *title,
    struct lines *lines);

/* Draws the text with the marks of the last search. */
void text_view_draw(struct view *view, struct screen_text *screen);

/* Handlers and parts of handlers that the pager needs too. */
void text_view_leave(struct view *view, int key);
bool text_view_page(struct view *view);
void text_view_clear(struct text_view *text);

#endif
