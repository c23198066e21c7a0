/*
 * raw_view.c - the raw window: the bytes of a message, what each is part of and
 * what it means, side by side.
 *
 * A row is a line as stored, in all panes, so one cursor moves in all of them.
 * Below the rows stands all about the line at the cursor.
 */
#include "mua/anatomy.h"
#include "mua/cursor.h"
#include "mua/cursor_keys.h"
#include "mua/prompt.h"
#include "mua/raw_panes.h"
#include "mua/text.h"
#include "mua/text_view.h"
#include "mua/views.h"
#include "mua/windows.h"

#include <stdlib.h>
#include <string.h>

enum {
	DETAIL_ROWS = 4,
	DETAIL_ROWS_SMALL = 2,
	SMALL = 12, /* rows of a small screen */
	SHIFT = 20,
};

struct raw_view {
	struct view view;
	struct message *message;
	struct anatomy anatomy;
	struct raw_place place;
	char *subject;
};

static struct raw_view *
raw_of(struct view *view)
{
	return (struct raw_view *)view;
}

/* To the next line with something odd; from the last to the first. */
static void
next_oddity(struct view *view, int key)
{
	struct raw_view *raw = raw_of(view);
	const struct anatomy *anatomy = &raw->anatomy;
	size_t from;
	size_t i;

	(void)key;
	if (anatomy->oddity_count == 0) {
		ui_say(view->ui, "There is nothing odd in it");
		return;
	}
	from = raw->place.cursor.current + 1 < anatomy->line_count
	    ? anatomy->lines[raw->place.cursor.current + 1]
	    : anatomy->size + 1;
	i = anatomy_oddity(anatomy, from);
	if (i == anatomy->oddity_count) {
		i = 0;
		ui_say(view->ui, "From the top again");
	}
	raw->place.cursor.current =
	    anatomy_line(anatomy, anatomy->oddities[i].offset);
}

/* To the first line of the next, or the last, thing in the structure. */
static void
next_node(struct view *view, int key)
{
	struct raw_view *raw = raw_of(view);
	const struct anatomy *anatomy = &raw->anatomy;
	const struct node *node =
	    anatomy_node(anatomy, anatomy->lines[raw->place.cursor.current]);

	(void)key;
	if (node->end < anatomy->size)
		raw->place.cursor.current = anatomy_line(anatomy, node->end);
}

static void
previous_node(struct view *view, int key)
{
	struct raw_view *raw = raw_of(view);
	const struct anatomy *anatomy = &raw->anatomy;
	size_t offset = anatomy->lines[raw->place.cursor.current];
	const struct node *node = anatomy_node(anatomy, offset);

	(void)key;
	if (node->start == offset && offset > 0)
		node = anatomy_node(anatomy, offset - 1);
	raw->place.cursor.current = anatomy_line(anatomy, node->start);
}

static void
turn(struct view *view, int key)
{
	(void)key;
	raw_of(view)->place.turn++;
}

static void
shift_right(struct view *view, int key)
{
	(void)key;
	raw_of(view)->place.shift += SHIFT;
}

static void
shift_left(struct view *view, int key)
{
	struct raw_view *raw = raw_of(view);

	(void)key;
	raw->place.shift =
	    raw->place.shift > SHIFT ? raw->place.shift - SHIFT : 0;
}

/* Looks for the last search in bytes and meanings, behind the cursor. */
static void
search_next(struct view *view, int key)
{
	struct raw_view *raw = raw_of(view);
	const struct anatomy *anatomy = &raw->anatomy;
	const char *wanted = view->ui->search.data;
	struct buf text = BUF_INIT;

	(void)key;
	for (size_t i = 1; i <= anatomy->line_count; i++) {
		size_t line =
		    (raw->place.cursor.current + i) % anatomy->line_count;
		bool found;

		buf_reset(&text);
		anatomy_show(anatomy, line, &text);
		buf_addchar(&text, '\n');
		anatomy_meaning(anatomy, line, &text);
		found = text_find(text.data, wanted, NULL) != NULL;
		if (found) {
			raw->place.cursor.current = line;
			break;
		}
		if (i == anatomy->line_count)
			ui_complain(view->ui, "Not found: %s", wanted);
	}
	buf_clear(&text);
}

static void
search(struct view *view, int key)
{
	struct buf wanted = BUF_INIT;

	if (prompt_line(view->ui, "Search for: ", &wanted) && wanted.size > 0) {
		buf_clear(&view->ui->search);
		view->ui->search = wanted;
		search_next(view, key);
	} else {
		buf_clear(&wanted);
	}
}

/* Another window in the place of this one. */
static void
switch_to(struct view *view, int key)
{
	struct ui *ui = view->ui;

	ui_pop(ui);
	if (key == 'e')
		window_open_envelope(ui);
	else if (key == 'T')
		window_open_trace(ui);
	else
		window_open_structure(ui);
}

static const char *
needs_lines(struct view *view)
{
	if (raw_of(view)->anatomy.line_count == 0)
		return "The message is empty";
	return NULL;
}

/* clang-format off */
static const struct binding bindings[] = {
	{ "leave", { 'q', 'i' }, NULL, text_view_leave, "Back", "back" },
	{ "panes", { K_TAB }, NULL, turn, "Panes",
	  "the other panes: place, bytes, meaning" },
	{ "next-oddity", { 'o' }, needs_lines, next_oddity, "Odd",
	  "to the next thing that is odd" },
	{ "search", { '/' }, needs_lines, search, "Search",
	  "look for a text in bytes and meanings" },
	{ "search-next", { 'n' }, needs_lines, search_next, NULL,
	  "to the next place found" },
	{ "next", { 'j', K_ARROW_DOWN, K_RETURN }, NULL, cursor_next,
	  NULL, "to the next line" },
	{ "previous", { 'k', K_ARROW_UP, K_RUBOUT }, NULL, cursor_previous,
	  NULL, "to the previous line" },
	{ "next-page", { ' ', K_PAGE_DOWN, 'z' }, NULL, cursor_next_page, NULL,
	  "a page down" },
	{ "previous-page", { 'b', K_PAGE_UP, '-', 'Z' }, NULL,
	  cursor_previous_page, NULL, "a page up" },
	{ "first", { K_FIRST, '^', '=' }, NULL, cursor_first, NULL,
	  "to the beginning" },
	{ "last", { K_LAST, 'G', '*' }, NULL, cursor_last, NULL, "to the end" },
	{ "next-node", { '}' }, needs_lines, next_node, NULL,
	  "to the next field, text or boundary" },
	{ "previous-node", { '{' }, needs_lines, previous_node, NULL,
	  "to the previous field, text or boundary" },
	{ "right", { '>', K_ARROW_RIGHT }, NULL, shift_right, NULL,
	  "further to the right" },
	{ "left", { '<', K_ARROW_LEFT }, NULL, shift_left, NULL,
	  "back to the left" },
	{ "windows", { 'e', 'T', 'S' }, NULL, switch_to, NULL,
	  "its envelope, its trace, its structure" },
};
static const struct key_table keys = {
	"The bytes of a message", bindings, COUNT(bindings),
};
static const struct key_table *const tables[] = {
	&keys, &ui_common_keys, NULL,
};
/* clang-format on */

static void
draw_line(struct view *view, size_t line, struct screen_text *screen, int row)
{
	const struct raw_view *raw = raw_of(view);

	raw_panes_line(&raw->anatomy, &raw->place, line, screen, row);
}

static void
draw(struct view *view, struct screen_text *screen)
{
	const struct raw_view *raw = raw_of(view);
	int detail = screen->rows < SMALL ? DETAIL_ROWS_SMALL : DETAIL_ROWS;
	int height = view_height(screen) - detail - 1;

	if (height < 1) {
		height = view_height(screen);
		detail = 0;
	}
	cursor_draw(view, height, screen, draw_line);
	if (detail > 0 && raw->anatomy.line_count > 0) {
		screen_fill(screen, VIEW_TOP_ROW + height, STYLE_PART, '-',
		    screen->columns);
		raw_panes_detail(&raw->anatomy, &raw->place, screen,
		    VIEW_TOP_ROW + height + 1, detail);
	}
}

static void
status(struct view *view, struct buf *left, struct buf *right)
{
	struct raw_view *raw = raw_of(view);
	size_t odd = raw->anatomy.oddity_count;

	buf_printf(left, "Raw: %s ", raw->subject);
	buf_printf(right, " %zu%s odd, %zu/%zu", odd,
	    raw->anatomy.more_oddities ? "+" : "",
	    raw->anatomy.line_count == 0 ? 0 : raw->place.cursor.current + 1,
	    raw->anatomy.line_count);
}

static void
free_view(struct view *view)
{
	struct raw_view *raw = raw_of(view);

	anatomy_clear(&raw->anatomy);
	message_close(raw->message);
	free(raw->subject);
	free(raw);
}

static const struct view_class class = {
	.name = "the raw window",
	.tables = tables,
	.draw = draw,
	.status = status,
	.free = free_view,
};

void
raw_view_open(struct ui *ui)
{
	struct mailbox *mailbox = ui->mailbox;
	struct message *message = mailbox_message(mailbox, mailbox->current);
	struct raw_view *raw;

	if (message == NULL) {
		views_complain_unreadable(ui);
		return;
	}
	raw = xcalloc(1, sizeof(*raw));
	raw->view.class = &class;
	raw->view.ui = ui;
	raw->message = message;
	anatomy_read(message, &raw->anatomy);
	raw->view.cursor = &raw->place.cursor;
	raw->place.cursor.count = raw->anatomy.line_count;
	raw->subject =
	    xstrdup(mailbox_entry(mailbox, mailbox->current)->subject);
	ui_push(ui, &raw->view);
}
