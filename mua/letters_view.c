/*
 * letters_view.c - letters that have not left: drafts and the outbox.
 */
#include "mua/letters_view.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mua/account.h"
#include "mua/compose.h"
#include "mua/cursor.h"
#include "mua/cursor_keys.h"
#include "mua/folders.h"
#include "mua/identity.h"
#include "mua/letters.h"
#include "mua/prompt.h"
#include "mua/send.h"

enum { WHY_SIZE = 600, TO_COLUMNS = 24, WORDS_ROWS = 1 };

struct letters_view {
	struct view view;
	bool outbox;
	char *path;
	struct letters letters;
	struct cursor cursor;
};

static struct letters_view *
letters_of(struct view *view)
{
	return (struct letters_view *)view;
}

static const struct letter_row *
current(struct view *view)
{
	struct letters_view *self = letters_of(view);

	return &self->letters.rows[self->cursor.current];
}

/* Reads the folder again; an empty one is left. */
static void
refresh(struct view *view)
{
	struct letters_view *self = letters_of(view);

	letters_clear(&self->letters);
	letters_read(self->path, self->outbox, &self->letters);
	self->cursor.count = self->letters.count;
	if (self->cursor.current >= self->letters.count)
		self->cursor.current = self->letters.count - 1;
	if (self->letters.count == 0)
		ui_pop(view->ui);
}

static void
leave(struct view *view, int key)
{
	(void)key;
	ui_pop(view->ui);
}

/* Takes the letter up: a draft as it is, one of the outbox as a draft. */
static void
take_up(struct view *view, int key)
{
	struct letters_view *self = letters_of(view);
	struct ui *ui = view->ui;
	struct identity identity;
	struct draft *draft;
	char *drafts = folders_drafts(ui->account, folders_mailbox(ui));
	char why[WHY_SIZE];

	(void)key;
	identity_init(&identity, ui->accounts, ui->account);
	draft = letters_draft(self->path, self->outbox, current(view),
	    &identity.writer, drafts, why, sizeof(why));
	identity_clear(&identity);
	free(drafts);
	if (draft == NULL) {
		ui_complain(ui, "%s", why);
		refresh(view);
		return;
	}
	ui_pop(ui);
	compose_open(ui, draft, false);
}

static void
throw_away(struct view *view, int key)
{
	struct letters_view *self = letters_of(view);
	int answer = prompt_choice(view->ui,
	    "Throw this letter away for good? (y/n) ", "yYnN");

	(void)key;
	if (answer != 'y' && answer != 'Y')
		return;
	if (letters_remove(self->path, current(view)) == -1)
		ui_complain(view->ui, "It could not be removed");
	refresh(view);
}

/* What was sent is a copy, and no letter any more. */
static const char *
needs_letter(struct view *view)
{
	return letters_of(view)->outbox && current(view)->state == OUTBOX_SENT
	    ? "It was sent; its copy goes to Sent once that can be written"
	    : NULL;
}

static const char *
needs_outbox(struct view *view)
{
	return letters_of(view)->outbox
	    ? NULL
	    : "Enter takes a draft up; there y sends it";
}

static const char *
needs_unsent(struct view *view)
{
	const char *why = needs_outbox(view);

	return why != NULL ? why : needs_letter(view);
}

/* Sends NAME, or "" for all that waits. */
static void
send_them(struct view *view, const char *name)
{
	struct ui *ui = view->ui;
	struct send_order *order = send_prepare(ui, ui->account);

	if (order == NULL)
		return;
	send_choose(order, name);
	ui_pop(ui);
	send_start(ui, order);
}

static void
send_one(struct view *view, int key)
{
	char *name = xstrdup(current(view)->name);
	int answer = 'y';

	(void)key;
	if (current(view)->state == OUTBOX_DOUBTFUL)
		answer = prompt_choice(view->ui,
		    "The server may have taken it already: send it again? "
		    "(y/n) ",
		    "yYnN");
	if (answer == 'y' || answer == 'Y')
		send_them(view, name);
	free(name);
}

static void
send_all(struct view *view, int key)
{
	(void)key;
	send_them(view, "");
}

/* clang-format off */
static const struct binding bindings[] = {
	{ "leave", { 'q', 'i', K_ARROW_LEFT }, NULL, leave, "Back",
	  "back to where you were" },
	{ "take-up", { K_RETURN, 'e', 'R', K_ARROW_RIGHT }, needs_letter,
	  take_up, "Edit", "write on" },
	{ "send", { 'y' }, needs_unsent, send_one, "Send",
	  "send this one now" },
	{ "send-all", { 's' }, needs_outbox, send_all, "Send all",
	  "send all that wait, but the doubtful ones" },
	{ "delete", { 'd', K_DELETE }, NULL, throw_away, "Delete",
	  "throw it away, after asking" },
	{ "next", { 'j', K_ARROW_DOWN }, NULL, cursor_next, NULL,
	  "to the next letter" },
	{ "previous", { 'k', K_ARROW_UP }, NULL, cursor_previous, NULL,
	  "to the previous letter" },
	{ "next-page", { K_PAGE_DOWN, 'z' }, NULL, cursor_next_page, NULL,
	  "a page down" },
	{ "previous-page", { K_PAGE_UP, 'Z' }, NULL, cursor_previous_page,
	  NULL, "a page up" },
};
static const struct key_table keys = {
	"Letters that have not left", bindings, COUNT(bindings),
};
static const struct key_table *const tables[] = {
	&keys, &ui_common_keys, NULL,
};
/* clang-format on */

static void
draw_row(struct view *view, size_t i, struct screen_text *screen, int row)
{
	static const char *const marks[] = {
		[OUTBOX_WAITING] = "   ",
		[OUTBOX_DOUBTFUL] = " ? ",
		[OUTBOX_SENT] = " s ",
	};

	const struct letters_view *self = letters_of(view);
	const struct letter_row *letter = &self->letters.rows[i];
	enum style style =
	    i == self->cursor.current ? STYLE_SELECTED : STYLE_NORMAL;

	screen_add(screen, row, style, marks[letter->state]);
	screen_field(screen, row, style, letter->to, TO_COLUMNS);
	screen_add(screen, row, style, "  ");
	screen_add(screen, row, style, letter->subject);
	screen_fill(screen, row, style, ' ', screen->columns);
}

/* Below the list: why the current one has not left. */
static void
draw_words(const struct letters_view *self, struct screen_text *screen, int row)
{
	const struct letter_row *letter =
	    &self->letters.rows[self->cursor.current];

	if (letter->state == OUTBOX_DOUBTFUL)
		screen_add(screen, row, STYLE_FAULT,
		    "The server's answer was lost: it may have been sent. ");
	if (letter->state == OUTBOX_SENT)
		screen_add(screen, row, STYLE_FAULT,
		    "Sent; the copy is kept here until Sent can be written. ");
	screen_add(screen, row, STYLE_FAULT, letter->words);
}

static void
draw(struct view *view, struct screen_text *screen)
{
	struct letters_view *self = letters_of(view);
	int height = view_height(screen);
	int rows = self->outbox && height > 2 ? height - WORDS_ROWS : height;

	cursor_draw(view, rows, screen, draw_row);
	if (rows < height)
		draw_words(self, screen, VIEW_TOP_ROW + rows);
}

static void
status(struct view *view, struct buf *left, struct buf *right)
{
	struct letters_view *self = letters_of(view);

	buf_addstr(left, self->outbox ? "The outbox " : "Drafts ");
	buf_printf(right, " %zu/%zu", self->cursor.current + 1,
	    self->letters.count);
}

static void
free_view(struct view *view)
{
	struct letters_view *self = letters_of(view);

	letters_clear(&self->letters);
	free(self->path);
	free(self);
}

static const struct view_class class = {
	.name = "letters that have not left",
	.tables = tables,
	.draw = draw,
	.status = status,
	.free = free_view,
};

void
letters_view_open(struct ui *ui, bool outbox)
{
	struct letters_view *self = xcalloc(1, sizeof(*self));

	self->view.class = &class;
	self->view.ui = ui;
	self->outbox = outbox;
	self->path = outbox ? folders_outbox(ui->account, folders_mailbox(ui))
			    : folders_drafts(ui->account, folders_mailbox(ui));
	letters_read(self->path, outbox, &self->letters);
	self->view.cursor = &self->cursor;
	self->cursor.count = self->letters.count;
	if (self->letters.count > 0) {
		ui_push(ui, &self->view);
		return;
	}
	free_view(&self->view);
	ui_say(ui, outbox ? "The outbox is empty" : "There are no drafts");
}
