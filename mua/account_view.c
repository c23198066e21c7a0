/*
 * account_view.c - accounts and other mailboxes as a list: choose, make,
 * change, fetch.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mua/account_change.h"
#include "mua/account_form.h"
#include "mua/cursor.h"
#include "mua/cursor_keys.h"
#include "mua/fetch.h"
#include "mua/lab.h"
#include "mua/places.h"
#include "mua/prompt.h"
#include "mua/text.h"
#include "mua/views.h"

struct account_view {
	struct view view; /* must be first */
	struct places places;
	struct cursor cursor;
};

static struct account_view *
accounts_of_view(struct view *view)
{
	return (struct account_view *)view;
}

static struct place *
current_place(struct view *view)
{
	struct account_view *accounts = accounts_of_view(view);

	return accounts->places.count == 0
	    ? NULL
	    : &accounts->places.items[accounts->cursor.current];
}

/* The account of the current row itself, not of a folder of it. */
static struct account *
current_account(struct view *view)
{
	const struct place *place = current_place(view);

	if (place == NULL || place->account == NULL || place->is_folder)
		return NULL;
	return accounts_find(view->ui->accounts, place->account);
}

static void
draw_row(struct view *view, size_t i, struct screen_text *screen, int row)
{
	const struct account_view *accounts = accounts_of_view(view);
	const struct ui *ui = view->ui;
	const struct place *place = &accounts->places.items[i];
	bool open = strcmp(place->path, ui->mailbox->path) == 0;
	enum style style = i == accounts->cursor.current ? STYLE_SELECTED
	    : place->arrived > 0                         ? STYLE_NEW
							 : STYLE_NORMAL;
	int name = screen->columns >= 80 ? 28 : screen->columns / 2;
	char *path = account_shorten(place->path);
	char count[32] = "";

	if (place->arrived > 0)
		(void)snprintf(count, sizeof(count), "%zu new", place->arrived);
	screen_add(screen, row, style, open ? "> " : "  ");
	screen_add(screen, row, style, place->is_folder ? "  " : "");
	screen_field(screen, row, style, place->name,
	    place->is_folder ? name - 2 : name);
	screen_add(screen, row, style, " ");
	screen_field(screen, row, style, count, 9);
	screen_add(screen, row, style, place->is_lab ? "the lab's " : "");
	screen_add(screen, row, style, path);
	free(path);
	screen_fill(screen, row, style, ' ', screen->columns);
}

static void
draw(struct view *view, struct screen_text *screen)
{
	struct account_view *accounts = accounts_of_view(view);

	cursor_draw(view, view_height(screen), screen, draw_row);
	if (accounts->places.count == 0 && accounts->cursor.height > 0)
		screen_add(screen, VIEW_TOP_ROW, STYLE_NORMAL,
		    "No account yet: a makes one.");
}

static void
status(struct view *view, struct buf *left, struct buf *right)
{
	const struct account_view *accounts = accounts_of_view(view);

	buf_addstr(left, "Accounts and mailboxes ");
	if (accounts->places.count > 0)
		buf_printf(right, " %zu/%zu", accounts->cursor.current + 1,
		    accounts->places.count);
}

/* Looks again, after a change or new mail. */
static void
renew(struct view *view)
{
	struct account_view *accounts = accounts_of_view(view);

	places_clear(&accounts->places);
	places_find(&accounts->places, view->ui->accounts);
	accounts->cursor.count = accounts->places.count;
	if (accounts->cursor.current >= accounts->places.count)
		accounts->cursor.current =
		    accounts->places.count > 0 ? accounts->places.count - 1 : 0;
}

static const char *
needs_place(struct view *view)
{
	return current_place(view) == NULL ? "There is none: a makes an account"
					   : NULL;
}

static const char *
needs_account(struct view *view)
{
	return current_account(view) == NULL ? "This is no account of mua.conf"
					     : NULL;
}

static void
leave(struct view *view, int key)
{
	(void)key;
	ui_pop(view->ui);
}

/* An account's Maildir is made when it is first opened. */
static struct mailbox *
open_place(const struct place *place, char *why, size_t size)
{
	struct maildir made;

	if (place->account != NULL && !mailbox_is_maildir(place->path) &&
	    maildir_open(AT_FDCWD, place->path, true, &made) == 0)
		maildir_close(&made);
	return mailbox_open(place->path, why, size);
}

/* Who writes from there. */
static struct account *
account_of(struct ui *ui, const struct place *place)
{
	struct account *account = NULL;
	struct lab *lab;

	if (place->account != NULL)
		return accounts_find(ui->accounts, place->account);
	lab = place->is_lab ? lab_find() : NULL;
	if (lab != NULL)
		account = lab_account(lab, ui->accounts, place->path);
	lab_free(lab);
	return account != NULL ? account : accounts_first(ui->accounts);
}

static void
open_mailbox(struct view *view, int key)
{
	const struct place *place = current_place(view);
	struct ui *ui = view->ui;
	struct mailbox *mailbox;
	char why[1024];

	(void)key;
	if (place == NULL || !views_settle_deletions(ui))
		return;
	mailbox = open_place(place, why, sizeof(why));
	if (mailbox == NULL)
		ui_complain(ui, "%s", why);
	else
		ui_switch(ui, mailbox, account_of(ui, place));
}

static void
fetch_mail(struct view *view, int key)
{
	struct account *account = current_account(view);

	(void)key;
	if (account != NULL)
		fetch_start(view->ui, account, false);
}

static void
add_account(struct view *view, int key)
{
	(void)key;
	account_form_open(view->ui, NULL);
}

static void
edit_account(struct view *view, int key)
{
	const struct account *account = current_account(view);

	(void)key;
	if (account != NULL)
		account_form_open(view->ui, account->name);
}

static void
delete_account(struct view *view, int key)
{
	struct ui *ui = view->ui;
	struct account *account = current_account(view);
	char question[200];
	char why[512];
	int answer;

	(void)key;
	if (account == NULL)
		return;
	(void)snprintf(question, sizeof(question),
	    "Forget the account %s?  Its mail stays.  (y/n) ", account->name);
	answer = prompt_choice(ui, question, "yYnN");
	if (answer != 'y' && answer != 'Y')
		return;
	if (account_forget(ui, account->name, why, sizeof(why)) == -1)
		ui_complain(ui, "%s", why);
	renew(view);
}

/* clang-format off */
static const struct binding bindings[] = {
	{ "leave", { 'q', 'i', 'c', 'y', K_ARROW_LEFT }, NULL, leave, "Back",
	  "back to where you were" },
	{ "open", { K_RETURN, ' ', K_ARROW_RIGHT }, needs_place, open_mailbox,
	  "Open", "read the mail in it" },
	{ "add", { 'a' }, NULL, add_account, "Add", "a new account" },
	{ "edit", { 'e' }, needs_account, edit_account, "Edit",
	  "change its settings, and test them" },
	{ "delete", { 'd', K_DELETE }, needs_account, delete_account, "Delete",
	  "forget the account; its mail stays" },
	{ "fetch", { 'G' }, needs_account, fetch_mail, "Fetch",
	  "fetch its mail" },
	{ "next", { 'j', K_ARROW_DOWN, K_WHEEL_DOWN }, needs_place,
	  cursor_next, NULL, "to the next one" },
	{ "previous", { 'k', K_ARROW_UP, K_WHEEL_UP }, needs_place,
	  cursor_previous, NULL, "to the previous one" },
	{ "next-page", { K_PAGE_DOWN, 'z' }, needs_place, cursor_next_page,
	  NULL, "a page down" },
	{ "previous-page", { K_PAGE_UP, 'Z' }, needs_place,
	  cursor_previous_page, NULL, "a page up" },
};
static const struct key_table account_keys_table = {
	"Accounts and mailboxes", bindings, COUNT(bindings),
};
static const struct key_table *const tables[] = {
	&account_keys_table, &ui_common_keys, NULL,
};
/* clang-format on */

static void
free_view(struct view *view)
{
	places_clear(&accounts_of_view(view)->places);
	free(view);
}

static const struct view_class class = {
	.name = "the accounts",
	.tables = tables,
	.draw = draw,
	.status = status,
	.reloaded = renew,
	.free = free_view,
};

/* The row of the mailbox that is open. */
static size_t
find_open(const struct account_view *accounts, const char *path)
{
	for (size_t i = 0; i < accounts->places.count; i++)
		if (strcmp(accounts->places.items[i].path, path) == 0)
			return i;
	return 0;
}

void
account_view_open(struct ui *ui)
{
	struct account_view *accounts = xcalloc(1, sizeof(*accounts));

	accounts->view.class = &class;
	accounts->view.ui = ui;
	places_find(&accounts->places, ui->accounts);
	accounts->view.cursor = &accounts->cursor;
	accounts->cursor.count = accounts->places.count;
	accounts->cursor.current = find_open(accounts, ui->mailbox->path);
	ui_push(ui, &accounts->view);
}
