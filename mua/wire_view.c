/*
 * wire_view.c - the dialogues of the mua with its servers, as they go on.
 *
 * What is said while it is open appears by itself; who is at the end stays
 * there.
 */
#include "mua/text_view.h"
#include "mua/views.h"

#include <stdlib.h>

struct wire_view {
	struct text_view text; /* must be first */
	size_t which;          /* of ui->wires: 0 is the newest */
	const struct wire *shown;
	unsigned long changes; /* when it was made */
	bool hides_words;
	bool follows; /* the end */
};

static struct wire_view *
wire_of(struct view *view)
{
	return (struct wire_view *)view;
}

/* Makes the lines anew, and keeps the place. */
static void
renew(struct wire_view *view)
{
	const struct wire_log *log = &view->text.view.ui->wires;
	struct scroller *scroller = &view->text.scroller;
	size_t top = scroller->top;
	struct lines lines = { 0 };
	bool same;

	if (view->which >= log->count)
		view->which = 0;
	same = log->count > 0 && log->items[view->which] == view->shown;
	if (log->count > 0)
		wire_show_all(log->items[view->which], !view->hides_words,
		    &lines);
	scroller_set(scroller, &lines);
	if (same)
		scroller->top = top;
	view->shown = log->count > 0 ? log->items[view->which] : NULL;
	view->changes = log->changes;
}

static void
draw(struct view *view, struct screen_text *screen)
{
	struct wire_view *wire = wire_of(view);

	if (wire->changes != view->ui->wires.changes) {
		renew(wire);
		/* Wrapped by the drawing, moved to the end before the next. */
		text_view_draw(view, screen);
		screen_text_reset(screen, screen->rows, screen->columns);
		screen->cursor_row = screen->rows - 1;
		if (wire->follows)
			scroller_move_to_end(&wire->text.scroller);
	}
	text_view_draw(view, screen);
}

static void
status(struct view *view, struct buf *left, struct buf *right)
{
	struct wire_view *wire = wire_of(view);

	buf_printf(left, "On the wire %zu/%zu ", wire->which + 1,
	    view->ui->wires.count);
	buf_addchar(right, ' ');
	scroller_position(&wire->text.scroller, right);
}

static const char *
blocked_older(struct view *view)
{
	return wire_of(view)->which + 1 >= view->ui->wires.count
	    ? "Nothing older is kept"
	    : NULL;
}

static const char *
blocked_newer(struct view *view)
{
	return wire_of(view)->which == 0 ? "This is the newest" : NULL;
}

static void
go(struct wire_view *wire, size_t which)
{
	wire->which = which;
	wire->shown = NULL;
	wire->follows = false;
	renew(wire);
	wire->text.scroller.top = 0;
}

static void
older(struct view *view, int key)
{
	(void)key;
	go(wire_of(view), wire_of(view)->which + 1);
}

static void
newer(struct view *view, int key)
{
	(void)key;
	go(wire_of(view), wire_of(view)->which - 1);
}

static void
toggle_words(struct view *view, int key)
{
	struct wire_view *wire = wire_of(view);

	(void)key;
	wire->hides_words = !wire->hides_words;
	renew(wire);
}

/* The end, and what comes behind it from now on. */
static void
follow(struct view *view, int key)
{
	(void)key;
	wire_of(view)->follows = true;
	scroller_move_to_end(&wire_of(view)->text.scroller);
}

/* Any other movement is by the person. */
static void
page_up(struct view *view, int key)
{
	(void)key;
	wire_of(view)->follows = false;
	if (!scroller_move(&wire_of(view)->text.scroller,
		-(view_height(&view->ui->screen) - 1)))
		ui_say(view->ui, "This is the beginning");
}

static void
line_up(struct view *view, int key)
{
	(void)key;
	wire_of(view)->follows = false;
	if (!scroller_move(&wire_of(view)->text.scroller, -1))
		ui_say(view->ui, "This is the beginning");
}

static void
first(struct view *view, int key)
{
	(void)key;
	wire_of(view)->follows = false;
	wire_of(view)->text.scroller.top = 0;
}

/* clang-format off */
static const struct binding bindings[] = {
	{ "leave", { 'q', 'i', 'w', K_ARROW_LEFT }, NULL, text_view_leave,
	  "Back", "back to where you were" },
	{ "older", { 'j', 'o', K_ARROW_RIGHT }, blocked_older, older,
	  "Older", "what was done before" },
	{ "newer", { 'k' }, blocked_newer, newer, "Newer",
	  "what was done after" },
	{ "words", { 'e' }, NULL, toggle_words, "Explain",
	  "with a word of explanation, or without" },
	{ "follow", { K_LAST, 'G', '*' }, NULL, follow, NULL,
	  "to the end, and stay there" },
	{ "first", { K_FIRST, '^', '=' }, NULL, first, NULL,
	  "to the beginning" },
	{ "previous-page", { 'b', K_PAGE_UP, '-' }, NULL, page_up, NULL,
	  "a page up" },
	{ "previous-line", { K_RUBOUT, K_ARROW_UP }, NULL, line_up, NULL,
	  "a line up" },
};
static const struct key_table wire_keys = {
	"What goes over the wire", bindings, COUNT(bindings),
};
static const struct key_table *const tables[] = {
	&wire_keys, &text_view_scroll_keys, &ui_common_keys, NULL,
};
/* clang-format on */

static void
free_view(struct view *view)
{
	text_view_clear(&wire_of(view)->text);
	free(view);
}

static const struct view_class class = {
	.name = "the wire",
	.tables = tables,
	.draw = draw,
	.status = status,
	.free = free_view,
};

void
wire_view_open(struct ui *ui)
{
	struct wire_view *wire;

	if (ui->top->class == &class)
		return;
	if (ui->wires.count == 0) {
		ui_complain(ui,
		    "Nothing was said to a server yet: G fetches "
		    "mail");
		return;
	}
	wire = xcalloc(1, sizeof(*wire));
	wire->text.view.class = &class;
	wire->text.view.ui = ui;
	wire->text.title = (struct buf)BUF_INIT;
	wire->follows = true;
	ui_push(ui, &wire->text.view);
}
