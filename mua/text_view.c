/*
 * text_view.c - reading a text: movement, search, leaving.
 */
#include "mua/text_view.h"

#include "mua/prompt.h"

#include <stdlib.h>

static struct text_view *
text_of(struct view *view)
{
	return (struct text_view *)view;
}

/* A page keeps a line of the last one in sight. */
static long
page_size(struct view *view)
{
	int height = text_of(view)->scroller.height;

	return height > 2 ? height - 1 : 1;
}

static void
page_down(struct view *view, int key)
{
	(void)key;
	if (!text_view_page(view))
		ui_say(view->ui, "This is the end");
}

static void
page_up(struct view *view, int key)
{
	(void)key;
	if (!scroller_move(&text_of(view)->scroller, -page_size(view)))
		ui_say(view->ui, "This is the beginning");
}

static void
line_down(struct view *view, int key)
{
	(void)key;
	if (!scroller_move(&text_of(view)->scroller, 1))
		ui_say(view->ui, "This is the end");
}

static void
line_up(struct view *view, int key)
{
	(void)key;
	if (!scroller_move(&text_of(view)->scroller, -1))
		ui_say(view->ui, "This is the beginning");
}

static void
go_first(struct view *view, int key)
{
	(void)key;
	text_of(view)->scroller.top = 0;
}

static void
go_last(struct view *view, int key)
{
	(void)key;
	scroller_move_to_end(&text_of(view)->scroller);
}

static void
find(struct view *view, bool again)
{
	struct ui *ui = view->ui;

	switch (
	    scroller_find(&text_of(view)->scroller, ui->search.data, again)) {
	case FOUND:
		break;
	case FOUND_FROM_TOP:
		ui_say(ui, "Search went on at the top");
		break;
	case FOUND_NOT:
		ui_complain(ui, "Not found: %s", ui->search.data);
		break;
	}
}

static void
search(struct view *view, int key)
{
	struct buf wanted = BUF_INIT;

	(void)key;
	if (prompt_line(view->ui, "Search for: ", &wanted) && wanted.size > 0) {
		buf_clear(&view->ui->search);
		view->ui->search = wanted;
		find(view, false);
	} else {
		buf_clear(&wanted);
	}
}

static void
search_next(struct view *view, int key)
{
	if (view->ui->search.size == 0)
		search(view, key);
	else
		find(view, true);
}

/* clang-format off */
static const struct binding scroll_bindings[] = {
	{ "next-page", { ' ', K_PAGE_DOWN, 'z' }, NULL, page_down, NULL,
	  "a page down" },
	{ "previous-page", { 'b', K_PAGE_UP, '-', 'Z' }, NULL, page_up,
	  NULL, "a page up" },
	{ "next-line", { K_RETURN, K_ARROW_DOWN }, NULL, line_down, NULL,
	  "a line down" },
	{ "previous-line", { K_RUBOUT, K_ARROW_UP }, NULL, line_up, NULL,
	  "a line up" },
	{ "first-line", { K_FIRST, '^' }, NULL, go_first, NULL,
	  "to the beginning" },
	{ "last-line", { K_LAST, 'G' }, NULL, go_last, NULL,
	  "to the end" },
	{ "search", { '/' }, NULL, search, "Search",
	  "search in the text" },
	{ "search-next", { 'n' }, NULL, search_next, NULL,
	  "to the next place found" },
};
const struct key_table text_view_scroll_keys = {
	"Moving in the text", scroll_bindings, COUNT(scroll_bindings),
};

static const struct binding leave_bindings[] = {
	{ "leave", { 'q', 'i', K_ARROW_LEFT }, NULL, text_view_leave, "Back",
	  "back to where you were" },
};
static const struct key_table leave_keys = {
	"This text", leave_bindings, COUNT(leave_bindings),
};
static const struct key_table *const tables[] = {
	&leave_keys, &text_view_scroll_keys, &ui_common_keys, NULL,
};
/* clang-format on */

static void
status(struct view *view, struct buf *left, struct buf *right)
{
	struct text_view *text = text_of(view);

	buf_addstr(left, text->title.data);
	buf_addchar(left, ' ');
	buf_addchar(right, ' ');
	scroller_position(&text->scroller, right);
}

static void
free_view(struct view *view)
{
	text_view_clear(text_of(view));
	free(view);
}

static const struct view_class class = {
	.name = "a text",
	.tables = tables,
	.draw = text_view_draw,
	.status = status,
	.free = free_view,
};

void
text_view_leave(struct view *view, int key)
{
	(void)key;
	ui_pop(view->ui);
}

bool
text_view_page(struct view *view)
{
	return scroller_move(&text_of(view)->scroller, page_size(view));
}

void
text_view_draw(struct view *view, struct screen_text *screen)
{
	scroller_draw(&text_of(view)->scroller, screen, view->ui->search.data);
}

void
text_view_clear(struct text_view *text)
{
	scroller_clear(&text->scroller);
	buf_clear(&text->title);
}

struct view *
text_view_new(struct ui *ui, struct buf *title, struct lines *lines)
{
	struct text_view *text = xcalloc(1, sizeof(*text));

	text->view.class = &class;
	text->view.ui = ui;
	text->title = *title;
	*title = (struct buf)BUF_INIT;
	scroller_set(&text->scroller, lines);
	return &text->view;
}
