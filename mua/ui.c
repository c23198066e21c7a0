/*
 * ui.c - the main loop and the frame around the views.
 *
 * One key is one action; between keys the mailbox is looked at for new mail.
 * Nothing here knows what a view shows, and nothing knows the terminal.
 */
#include "mua/ui.h"

#include "maildir/message.h"
#include "mua/account.h"
#include "mua/fetch.h"
#include "mua/task.h"
#include "mua/text.h"
#include "mua/text_view.h"
#include "mua/views.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECK_SECONDS = 5, PATIENCE_SECONDS = 3600 };

void
ui_help(struct view *view, int key)
{
	struct lines lines = { 0 };
	struct buf title = BUF_INIT;

	(void)key;
	buf_printf(&title, "Keys of %s", view->class->name);
	keys_help_page(view->class->tables, &lines);
	ui_push(view->ui, text_view_new(view->ui, &title, &lines));
}

static void
redraw(struct view *view, int key)
{
	(void)key;
	view->ui->terminal->redraw(view->ui->terminal);
}

static void
open_wire(struct view *view, int key)
{
	(void)key;
	wire_view_open(view->ui);
}

/* clang-format off */
static const struct binding common_bindings[] = {
	{ "help", { '?', K_HELP }, NULL, ui_help, NULL,
	  "show this page" },
	{ "wire", { 'w' }, NULL, open_wire, NULL,
	  "what is said to servers, as it goes on" },
	{ "redraw", { K_REDRAW }, NULL, redraw, NULL,
	  "draw the screen anew" },
};
const struct key_table ui_common_keys = {
	"Everywhere", common_bindings, COUNT(common_bindings),
};
/* clang-format on */

int
view_height(const struct screen_text *screen)
{
	int height = screen->rows - VIEW_FRAME_ROWS;

	return height > 0 ? height : 0;
}

static void
draw_help_line(struct ui *ui)
{
	struct buf line = BUF_INIT;

	keys_help_line(ui->top->class->tables, ui->screen.columns, &line);
	screen_field(&ui->screen, 0, STYLE_BAR, line.data, ui->screen.columns);
	buf_clear(&line);
}

static void
draw_status_line(struct ui *ui)
{
	struct screen_text *screen = &ui->screen;
	struct buf left = BUF_INIT;
	struct buf right = BUF_INIT;
	int row = screen->rows - 2;
	int room;

	ui->top->class->status(ui->top, &left, &right);
	room = screen->columns - text_columns(right.data, right.size);
	if (room > text_columns(left.data, left.size))
		room = text_columns(left.data, left.size);
	screen_field(screen, row, STYLE_BAR, left.data, room);
	screen_fill(screen, row, STYLE_BAR, '-',
	    screen->columns - text_columns(right.data, right.size));
	screen_add(screen, row, STYLE_BAR, right.data);
	buf_clear(&left);
	buf_clear(&right);
}

/* How far the work is that goes on meanwhile. */
static void
draw_progress(struct ui *ui, int row)
{
	struct buf text = BUF_INIT;

	tasks_describe(ui, &text);
	screen_add(&ui->screen, row, STYLE_PART, text.data);
	buf_clear(&text);
}

void
ui_compose(struct ui *ui)
{
	struct screen_text *screen = &ui->screen;
	int last;

	screen_text_reset(screen, ui->terminal->rows, ui->terminal->columns);
	last = screen->rows - 1;
	screen->cursor_row = last;
	if (ui->top != NULL) {
		ui->top->class->draw(ui->top, screen);
		if (screen->cursor_row > last)
			screen->cursor_row = last;
		if (last > 0)
			draw_help_line(ui);
		if (last > 1)
			draw_status_line(ui);
	}
	if (ui->message.size > 0)
		screen_add(screen, last, ui->message_style, ui->message.data);
	else
		draw_progress(ui, last);
}

void
ui_draw(struct ui *ui)
{
	ui_compose(ui);
	ui->terminal->show(ui->terminal, &ui->screen);
}

PRINTF(3, 0)
static void
set_message(struct ui *ui, enum style style, const char *fmt, va_list args)
{
	char *text;

	buf_reset(&ui->message);
	ui->message_style = style;
	if (vasprintf(&text, fmt, args) < 0)
		return;
	/* It may quote a letter, or a server. */
	text_safe(text, strlen(text), &ui->message);
	free(text);
}

void
ui_say(struct ui *ui, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set_message(ui, STYLE_NORMAL, fmt, args);
	va_end(args);
}

void
ui_complain(struct ui *ui, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set_message(ui, STYLE_ERROR, fmt, args);
	va_end(args);
}

void
ui_push(struct ui *ui, struct view *view)
{
	view->ui = ui;
	view->below = ui->top;
	ui->top = view;
}

void
ui_pop(struct ui *ui)
{
	struct view *view = ui->top;

	ui->top = view->below;
	view->class->free(view);
}

int
ui_read_key(struct ui *ui)
{
	int key = typing_next(&ui->typing, ui->terminal, PATIENCE_SECONDS);

	if (key == K_NOTHING)
		tasks_listen(ui);
	return key;
}

void
ui_reload(struct ui *ui)
{
	if (mailbox_load(ui->mailbox) == -1) {
		ui_complain(ui, "The mailbox cannot be read any more");
		return;
	}
	for (struct view *view = ui->top; view != NULL; view = view->below)
		if (view->class->reloaded != NULL)
			view->class->reloaded(view);
}

/* Looks for new mail when it is time to. */
static void
check_mail(struct ui *ui)
{
	size_t before = ui->mailbox->arrivals;
	size_t arrived;

	if (time(NULL) - ui->checked < ui->check_seconds)
		return;
	ui->checked = time(NULL);
	fetch_check(ui);
	if (!mailbox_changed(ui->mailbox))
		return;
	ui_reload(ui);
	arrived = ui->mailbox->arrivals - before;
	/* The progress of a fetch stays in sight. */
	if (arrived > 0 && !task_is_running(ui, NULL))
		ui_say(ui, "%zu new message%s", arrived,
		    arrived == 1 ? "" : "s");
}

bool
ui_act(struct ui *ui, const struct key_table *const *tables, int key)
{
	const struct binding *binding = keys_find(tables, key);
	const char *why;

	if (binding == NULL)
		return false;
	why = binding->blocked == NULL ? NULL : binding->blocked(ui->top);
	if (why != NULL)
		ui_complain(ui, "%s", why);
	else
		binding->run(ui->top, key);
	return true;
}

/* A key that no table has. */
static void
act_otherwise(struct ui *ui, int key)
{
	const struct view_class *class = ui->top->class;

	if (class->typed != NULL && class->typed(ui->top, key))
		return;
	if (key == K_CANCEL && task_cancel(ui))
		return;
	if (key == K_CANCEL)
		ui_say(ui, "q leaves");
	else if (key == K_ESCAPE)
		ui->escaped = true;
	else if (key != K_RESIZED)
		ui_complain(ui, "This key does nothing here: ? lists the keys");
}

/*
 * Esc and a character are one key where a table has it, whether the terminal
 * sends them as one or they are typed one after the other.
 */
static void
act(struct ui *ui, int key)
{
	const struct key_table *const *tables = ui->top->class->tables;

	if (ui->escaped && keys_find(tables, key | K_META) != NULL)
		key |= K_META;
	else if (keys_find(tables, key) == NULL)
		key &= ~K_META;
	ui->escaped = false;
	buf_reset(&ui->message);
	if (!ui_act(ui, tables, key))
		act_otherwise(ui, key);
}

/* How many seconds the next key may take. */
static int
tick(struct ui *ui, bool idle)
{
	int patience = ui->check_seconds;

	for (struct view *view = ui->top; view != NULL; view = view->below)
		if (view->class->tick != NULL && view->class->tick(view, idle))
			patience = 1;
	return patience;
}

void
ui_loop(struct ui *ui)
{
	int patience = ui->check_seconds;

	ui->checked = time(NULL);
	while (ui->top != NULL) {
		int key;

		ui_draw(ui);
		key = typing_next(&ui->typing, ui->terminal, patience);
		if (key == K_GONE)
			break;
		if (key != K_NOTHING)
			act(ui, key);
		patience = tick(ui, key == K_NOTHING);
		if (ui->top != NULL)
			tasks_poll(ui);
		if (ui->top != NULL && ui->mailbox != NULL)
			check_mail(ui);
	}
}

/* Shows the list of the mailbox.  0, or -1 when it cannot be read. */
static int
show_mailbox(struct ui *ui)
{
	/* Only a mailbox without index takes long enough to read this. */
	ui_say(ui, "Reading %s ...", ui->mailbox->path);
	ui_draw(ui);
	if (ui->accounts != NULL) {
		ui->mailbox->sort = (enum sort)ui->accounts->sort;
		ui->mailbox->reverse = ui->accounts->reverse;
	}
	if (mailbox_load(ui->mailbox) == -1)
		return -1;
	buf_reset(&ui->message);
	return 0;
}

int
ui_run(struct ui *ui, struct view *(*first)(struct ui *ui))
{
	ui->first = first;
	if (show_mailbox(ui) == -1)
		return -1;
	ui_push(ui, first(ui));
	if (ui->begun != NULL)
		ui->begun(ui);
	ui_loop(ui);
	return 0;
}

void
ui_switch(struct ui *ui, struct mailbox *mailbox, struct account *account)
{
	while (ui->top != NULL)
		ui_pop(ui);
	mailbox_close(ui->mailbox);
	ui->mailbox = mailbox;
	ui->account = account;
	if (show_mailbox(ui) == -1)
		ui_complain(ui, "%s cannot be read", mailbox->path);
	ui_push(ui, ui->first(ui));
}

void
ui_init(struct ui *ui, struct terminal *terminal, struct mailbox *mailbox)
{
	*ui = (struct ui){
		.terminal = terminal,
		.mailbox = mailbox,
		.message = BUF_INIT,
		.search = BUF_INIT,
		.check_seconds = CHECK_SECONDS,
	};
}

void
ui_clear(struct ui *ui)
{
	tasks_end(ui);
	while (ui->top != NULL)
		ui_pop(ui);
	wire_log_clear(&ui->wires);
	screen_text_clear(&ui->screen);
	buf_clear(&ui->message);
	buf_clear(&ui->search);
	history_clear(&ui->history);
}
