/*
 * editor_view.c - keys and drawing of the built-in editor.
 */
#include "mua/editor_view.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "mua/editor_window.h"
#include "mua/prompt.h"
#include "mua/text.h"
#include "mua/wrap.h"

enum {
	CTRL_A = 0x01,
	CTRL_D = 0x04,
	CTRL_E = 0x05,
	CTRL_K = 0x0b,
	CTRL_W = 0x17,
	CTRL_X = 0x18,
	CTRL_Y = 0x19,
};

struct editor_view {
	struct view view;
	struct editor editor;
	struct buf *text; /* the caller's */
	char *title;
	struct editor_owner owner;
	unsigned long kept; /* changes that the owner knows of */
	struct editor_window window;
};

static struct editor_view *
editor_of(struct view *view)
{
	return (struct editor_view *)view;
}

static void
leave(struct view *view)
{
	struct editor_owner owner = editor_of(view)->owner;
	struct ui *ui = view->ui;

	ui_pop(ui);
	owner.done(ui, owner.arg);
}

static void
finish(struct view *view, int key)
{
	(void)key;
	leave(view);
}

static void
give_up(struct view *view, int key)
{
	struct editor_view *self = editor_of(view);

	(void)key;
	if (self->editor.changed) {
		int answer = prompt_choice(view->ui,
		    "Throw away what you have typed here? (y/n) ", "yYnN");

		if (answer != 'y' && answer != 'Y')
			return;
	}
	self->editor.changed = false; /* so that free_view() keeps the old */
	leave(view);
}

static void
up(struct view *view, int key)
{
	(void)key;
	editor_rows(&editor_of(view)->editor, editor_of(view)->window.columns,
	    -1);
}

static void
down(struct view *view, int key)
{
	(void)key;
	editor_rows(&editor_of(view)->editor, editor_of(view)->window.columns,
	    1);
}

static long
page_size(const struct editor_view *self)
{
	return self->window.height > 2 ? self->window.height - 1 : 1;
}

static void
page_up(struct view *view, int key)
{
	struct editor_view *self = editor_of(view);

	(void)key;
	editor_rows(&self->editor, self->window.columns, -page_size(self));
}

static void
page_down(struct view *view, int key)
{
	struct editor_view *self = editor_of(view);

	(void)key;
	editor_rows(&self->editor, self->window.columns, page_size(self));
}

/* Handlers that are one call on the model. */
#define SIMPLE(name, call)                                                     \
	static void name(struct view *view, int key)                           \
	{                                                                      \
		(void)key;                                                     \
		call(&editor_of(view)->editor);                                \
	}
SIMPLE(left, editor_left)
SIMPLE(right, editor_right)
SIMPLE(line_begin, editor_line_begin)
SIMPLE(line_end, editor_line_end)
SIMPLE(rub_out, editor_rub_out)
SIMPLE(remove_here, editor_delete)
SIMPLE(rub_out_word, editor_rub_out_word)
SIMPLE(kill_line, editor_kill)
SIMPLE(yank, editor_yank)
SIMPLE(break_line, editor_break)
SIMPLE(insert_tab, editor_insert_tab)

static void
show_help(struct view *view, int key)
{
	ui_common_keys.bindings[0].run(view, key);
}

static void
redraw(struct view *view, int key)
{
	(void)key;
	view->ui->terminal->redraw(view->ui->terminal);
}

/* clang-format off */
static const struct binding bindings[] = {
	{ "done", { CTRL_X }, NULL, finish, "Done",
	  "done: back to the letter, to send it" },
	{ "give-up", { K_CANCEL }, NULL, give_up, "Give up",
	  "back to the letter as it was before" },
	{ "kill-line", { CTRL_K }, NULL, kill_line, "Cut line",
	  "cut to the end of the line; again: lines" },
	{ "yank", { CTRL_Y }, NULL, yank, "Paste",
	  "put in what was cut" },
	{ "left", { K_ARROW_LEFT }, NULL, left, NULL,
	  "a character to the left" },
	{ "right", { K_ARROW_RIGHT }, NULL, right, NULL,
	  "a character to the right" },
	{ "up", { K_ARROW_UP }, NULL, up, NULL, "a row up" },
	{ "down", { K_ARROW_DOWN }, NULL, down, NULL, "a row down" },
	{ "line-begin", { K_FIRST, CTRL_A }, NULL, line_begin, NULL,
	  "to the beginning of the line" },
	{ "line-end", { K_LAST, CTRL_E }, NULL, line_end, NULL,
	  "to the end of the line" },
	{ "page-up", { K_PAGE_UP }, NULL, page_up, NULL, "a page up" },
	{ "page-down", { K_PAGE_DOWN }, NULL, page_down, NULL,
	  "a page down" },
	{ "new-line", { K_RETURN }, NULL, break_line, NULL,
	  "begin a new line" },
	{ "rub-out", { K_RUBOUT }, NULL, rub_out, NULL,
	  "remove the character before" },
	{ "remove", { K_DELETE, CTRL_D }, NULL, remove_here, NULL,
	  "remove the character here" },
	{ "rub-out-word", { CTRL_W }, NULL, rub_out_word, NULL,
	  "remove the word before" },
	{ "tab", { K_TAB }, NULL, insert_tab, NULL,
	  "blanks to the next eighth column" },
	{ "help", { K_HELP }, NULL, show_help, NULL, "show this page" },
	{ "redraw", { K_REDRAW }, NULL, redraw, NULL,
	  "draw the screen anew" },
};
static const struct key_table keys = {
	"Writing", bindings, COUNT(bindings),
};
static const struct key_table *const tables[] = { &keys, NULL };
/* clang-format on */

static bool
typed(struct view *view, int key)
{
	char text[MB_LEN_MAX + 1];
	int size;

	if (key == K_PASTED_RETURN)
		editor_break(&editor_of(view)->editor);
	if (key < ' ' || key >= K_BEYOND_UNICODE)
		return key == K_PASTED_RETURN;
	size = snprintf(text, sizeof(text), "%lc", (wint_t)key);
	if (size <= 0)
		return false;
	editor_insert(&editor_of(view)->editor, text, (size_t)size);
	return true;
}

/* Draws the bytes FROM to END of LINE, tabs as blanks. */
static void
draw_row(const struct buf *line, size_t from, size_t end,
    struct screen_text *screen, int row)
{
	enum style style =
	    line->size > 0 && line->data[0] == '>' ? STYLE_QUOTE : STYLE_NORMAL;

	while (from < end) {
		size_t start = from;

		while (from < end && line->data[from] != '\t')
			from++;
		screen_add_bytes(screen, row, style, line->data + start,
		    from - start);
		if (from < end) {
			int column = screen->lines[row].used;

			screen_fill(screen, row, style, ' ',
			    column + TAB_WIDTH - column % TAB_WIDTH);
			from++;
		}
	}
}

static void
draw(struct view *view, struct screen_text *screen)
{
	struct editor_view *self = editor_of(view);
	const struct editor *editor = &self->editor;
	size_t line;
	size_t from;

	self->window.columns = screen->columns > 1 ? screen->columns - 1 : 1;
	self->window.height = view_height(screen);
	editor_window_scroll(&self->window, editor);
	line = self->window.top_line;
	from = self->window.top_from;
	for (int i = 0; i < self->window.height; i++) {
		const struct buf *text = &editor->lines[line];
		size_t end = editor_row_end(text, from, self->window.columns);
		int row = VIEW_TOP_ROW + i;

		draw_row(text, from, end, screen, row);
		if (line == editor->line && editor->offset >= from &&
		    (editor->offset < end || end == text->size)) {
			screen->cursor_row = row;
			screen->cursor_column =
			    editor_columns(text, from, editor->offset);
			if (screen->cursor_column >= screen->columns)
				screen->cursor_column = screen->columns - 1;
		}
		if (!editor_window_next(&self->window, editor, &line, &from))
			break;
	}
}

static void
status(struct view *view, struct buf *left, struct buf *right)
{
	const struct editor_view *self = editor_of(view);

	buf_printf(left, "%s ", self->title);
	buf_printf(right, " line %zu of %zu", self->editor.line + 1,
	    self->editor.count);
}

static bool
tick(struct view *view, bool idle)
{
	struct editor_view *self = editor_of(view);
	bool typed = self->kept != self->editor.changes;

	self->kept = self->editor.changes;
	return self->owner.keep(self->owner.arg, &self->editor, typed, idle);
}

static void
free_view(struct view *view)
{
	struct editor_view *self = editor_of(view);

	if (self->editor.changed) {
		buf_reset(self->text);
		editor_text(&self->editor, self->text);
	}
	editor_clear(&self->editor);
	free(self->title);
	free(self);
}

static const struct view_class class = {
	.name = "the editor",
	.tables = tables,
	.draw = draw,
	.status = status,
	.typed = typed,
	.tick = tick,
	.free = free_view,
};

void
editor_view_open(struct ui *ui, struct buf *text, const char *title,
    const struct editor_owner *owner)
{
	struct editor_view *self = xcalloc(1, sizeof(*self));

	self->view.class = &class;
	self->view.ui = ui;
	self->text = text;
	self->title = xstrdup(title);
	self->owner = *owner;
	self->window.columns = 79;
	editor_init(&self->editor, text);
	ui_push(ui, &self->view);
}
