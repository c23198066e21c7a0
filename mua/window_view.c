/*
 * window_view.c - the windows on the screen: text that is made anew for each
 * width, and keys that lead from one window to the next.
 */
#include "mua/kept.h"
#include "mua/text_view.h"
#include "mua/views.h"
#include "mua/windows.h"

#include <stdlib.h>

struct window {
	struct text_view text; /* must be first */
	struct message *message;
	struct kept_envelope envelope;
	window_lines *make;
	const char *title;
	char *subject;
	int columns; /* what it is made for; 0: not yet */
};

static struct window *
window_of(struct view *view)
{
	return (struct window *)view;
}

/* Another window takes the place of this one. */
static void
turn_into(struct view *view, window_lines *make, const char *title)
{
	struct window *window = window_of(view);

	window->make = make;
	window->title = title;
	window->columns = 0;
	window->text.scroller.top = 0;
}

static void
show_structure(struct view *view, int key)
{
	(void)key;
	turn_into(view, structure_lines, "Structure");
}

static void
show_trace(struct view *view, int key)
{
	(void)key;
	turn_into(view, trace_lines, "Trace");
}

static void
show_envelope(struct view *view, int key)
{
	(void)key;
	turn_into(view, envelope_lines, "Envelope");
}

static void
show_raw(struct view *view, int key)
{
	struct ui *ui = view->ui;

	(void)key;
	ui_pop(ui);
	raw_view_open(ui);
}

/* clang-format off */
static const struct binding bindings[] = {
	{ "leave", { 'q', 'i', K_ARROW_LEFT }, NULL, text_view_leave,
	  "Back", "back" },
	{ "envelope", { 'e' }, NULL, show_envelope, "Envelope",
	  "who sent it to whom, beside what the header says" },
	{ "trace", { 'T' }, NULL, show_trace, "Trace",
	  "the way it has taken" },
	{ "raw", { 'R' }, NULL, show_raw, "Raw",
	  "its bytes, and what they mean" },
	{ "structure", { 'S' }, NULL, show_structure, "Structure",
	  "its fields and parts, and what is odd about them" },
};
static const struct key_table keys = {
	"A window on a message", bindings, COUNT(bindings),
};
static const struct key_table *const tables[] = {
	&keys, &text_view_scroll_keys, &ui_common_keys, NULL,
};
/* clang-format on */

/* Made anew for another width, it stays at about the same place. */
static void
make_lines(struct window *window, int columns)
{
	struct subject subject = { window->message, &window->envelope };
	struct scroller *scroller = &window->text.scroller;
	size_t count = scroller->wrapped.count;
	size_t share = count == 0 ? 0 : scroller->top * 1000 / count;
	struct lines lines = { 0 };

	window->make(&subject, columns < 20 ? 20 : columns, &lines);
	scroller_set(scroller, &lines);
	scroller->share = share;
	window->columns = columns;
}

static void
draw(struct view *view, struct screen_text *screen)
{
	struct window *window = window_of(view);

	if (window->columns != screen->columns)
		make_lines(window, screen->columns);
	text_view_draw(view, screen);
}

static void
status(struct view *view, struct buf *left, struct buf *right)
{
	struct window *window = window_of(view);

	buf_printf(left, "%s: %s ", window->title, window->subject);
	buf_addchar(right, ' ');
	scroller_position(&window->text.scroller, right);
}

static void
free_view(struct view *view)
{
	struct window *window = window_of(view);

	message_close(window->message);
	kept_clear(&window->envelope);
	free(window->subject);
	text_view_clear(&window->text);
	free(window);
}

static const struct view_class class = {
	.name = "a window on a message",
	.tables = tables,
	.draw = draw,
	.status = status,
	.free = free_view,
};

static void
open_window(struct ui *ui, window_lines *make, const char *title)
{
	struct mailbox *mailbox = ui->mailbox;
	struct message *message = mailbox_message(mailbox, mailbox->current);
	struct window *window;

	if (message == NULL) {
		views_complain_unreadable(ui);
		return;
	}
	window = xcalloc(1, sizeof(*window));
	window->text.view.class = &class;
	window->text.view.ui = ui;
	window->text.title = (struct buf)BUF_INIT;
	window->message = message;
	window->make = make;
	window->title = title;
	window->subject =
	    xstrdup(mailbox_entry(mailbox, mailbox->current)->subject);
	kept_find(mailbox, mailbox->current, &window->envelope);
	ui_push(ui, &window->text.view);
}

void
window_open_structure(struct ui *ui)
{
	open_window(ui, structure_lines, "Structure");
}

void
window_open_trace(struct ui *ui)
{
	open_window(ui, trace_lines, "Trace");
}

void
window_open_envelope(struct ui *ui)
{
	open_window(ui, envelope_lines, "Envelope");
}
