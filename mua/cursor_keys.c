/*
 * cursor_keys.c - moving the cursor of a list, and drawing the list around it.
 */
#include "mua/cursor_keys.h"

#include "mua/cursor.h"

static void
move_by(struct view *view, long steps)
{
	struct cursor *cursor = view->cursor;

	cursor->current = cursor_move(cursor->current, steps, cursor->count);
}

void
cursor_next(struct view *view, int key)
{
	(void)key;
	move_by(view, 1);
}

void
cursor_previous(struct view *view, int key)
{
	(void)key;
	move_by(view, -1);
}

void
cursor_next_page(struct view *view, int key)
{
	(void)key;
	move_by(view, view->cursor->height);
}

void
cursor_previous_page(struct view *view, int key)
{
	(void)key;
	move_by(view, -view->cursor->height);
}

void
cursor_first(struct view *view, int key)
{
	(void)key;
	view->cursor->current = 0;
}

void
cursor_last(struct view *view, int key)
{
	struct cursor *cursor = view->cursor;

	(void)key;
	cursor->current = cursor->count > 0 ? cursor->count - 1 : 0;
}

void
cursor_draw(struct view *view, int height, struct screen_text *screen,
    void (
	*row)(struct view *view, size_t i, struct screen_text *screen, int row))
{
	struct cursor *cursor = view->cursor;

	cursor->height = height;
	cursor->top =
	    cursor_top(cursor->top, cursor->current, cursor->count, height);
	for (int i = 0; i < height; i++) {
		size_t at = cursor->top + (size_t)i;

		if (at >= cursor->count)
			break;
		row(view, at, screen, VIEW_TOP_ROW + i);
		if (at == cursor->current)
			screen->cursor_row = VIEW_TOP_ROW + i;
	}
}
