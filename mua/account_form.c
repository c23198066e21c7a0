/*
 * account_form.c - fields to type in, one below the other.
 *
 * Letters go into the field, so that only keys which are no letters do
 * anything: help is F1 here.
 */
#include "mua/account_form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mua/account_change.h"
#include "mua/account_draft.h"
#include "mua/cursor.h"
#include "mua/line_editor.h"
#include "mua/password.h"
#include "mua/probe.h"
#include "mua/prompt.h"
#include "mua/screen.h"
#include "mua/text.h"
#include "mua/text_view.h"

enum { LABEL_COLUMNS = 17, CTRL_O = 0x0f, CTRL_T = 0x14, CTRL_P_KEY = 0x10 };
enum { ROW_TEST = DRAFT_FIELDS, ROW_SAVE, ROWS };

struct form {
	struct view view; /* must be first */
	struct draft draft;
	struct line_editor editor; /* of the current field */
	size_t current;
	size_t top;
	bool changed;
	bool *saved_out;
	struct account tested; /* for its passwords; name NULL: none yet */
};

static struct form *
form_of(struct view *view)
{
	return (struct form *)view;
}

static void
go_to(struct form *form, size_t row)
{
	bool from_address = form->current == draft_field("address");

	if (from_address && row != form->current)
		draft_guess(&form->draft);
	form->current = row;
	if (row < DRAFT_FIELDS) {
		form->editor.text = &form->draft.texts[row];
		form->editor.cursor = form->editor.text->size;
	}
}

static bool
is_choice(size_t row)
{
	return row < DRAFT_FIELDS && draft_fields[row].kind == DRAFT_CHOICE;
}

/* The text of the current field, scrolled so that the cursor is in it. */
static void
draw_edited(struct form *form, struct screen_text *screen, int row)
{
	const struct buf *text = form->editor.text;
	int room = screen->columns - LABEL_COLUMNS - 1;
	size_t from = 0;
	int columns;

	while (from < form->editor.cursor &&
	    text_columns(text->data + from, form->editor.cursor - from) > room)
		from += text_next(text->data + from, &columns);
	screen->cursor_row = row;
	screen->cursor_column = LABEL_COLUMNS +
	    text_columns(text->data + from, form->editor.cursor - from);
	screen_add(screen, row, STYLE_NORMAL, text->data + from);
}

static void
draw_field(struct form *form, size_t i, struct screen_text *screen, int row)
{
	const struct draft_field *field = &draft_fields[i];
	bool here = i == form->current;
	const char *text = form->draft.texts[i].data;

	screen_field(screen, row, here ? STYLE_SELECTED : STYLE_LABEL,
	    field->label, LABEL_COLUMNS - 1);
	screen_add(screen, row, STYLE_NORMAL, " ");
	if (here && field->kind == DRAFT_TEXT) {
		draw_edited(form, screen, row);
	} else if (field->kind == DRAFT_CHOICE) {
		screen_add(screen, row, STYLE_NORMAL, here ? "< " : "  ");
		screen_add(screen, row, STYLE_NORMAL, text);
		screen_add(screen, row, STYLE_NORMAL, here ? " >" : "");
		if (here)
			screen->cursor_row = row;
	} else {
		screen_add(screen, row, STYLE_NORMAL, text);
	}
}

static void
draw(struct view *view, struct screen_text *screen)
{
	static const char *const buttons[] = { "[ Test the settings ]",
		"[ Save ]" };
	struct form *form = form_of(view);
	int height = view_height(screen);

	form->top = cursor_top(form->top, form->current, ROWS, height);
	for (int i = 0; i < height && form->top + (size_t)i < ROWS; i++) {
		size_t at = form->top + (size_t)i;
		int row = VIEW_TOP_ROW + i;
		bool here = at == form->current;

		if (at < DRAFT_FIELDS) {
			draw_field(form, at, screen, row);
			continue;
		}
		screen_fill(screen, row, STYLE_NORMAL, ' ', LABEL_COLUMNS);
		screen_add(screen, row, here ? STYLE_SELECTED : STYLE_LABEL,
		    buttons[at - DRAFT_FIELDS]);
		if (here)
			screen->cursor_row = row;
	}
}

static const char *
hint_of(const struct form *form)
{
	switch (form->current) {
	case ROW_TEST:
		return "logs in at both servers and changes nothing";
	case ROW_SAVE:
		return "into mua.conf";
	default:
		return draft_fields[form->current].hint;
	}
}

static void
status(struct view *view, struct buf *left, struct buf *right)
{
	const struct form *form = form_of(view);

	(void)right;
	buf_printf(left, "%s: %s ",
	    form->draft.old_name == NULL ? "New account" : form->draft.old_name,
	    hint_of(form));
}

static void
next(struct view *view, int key)
{
	struct form *form = form_of(view);

	(void)key;
	go_to(form, (form->current + 1) % ROWS);
}

static void
previous(struct view *view, int key)
{
	struct form *form = form_of(view);

	(void)key;
	go_to(form, (form->current + ROWS - 1) % ROWS);
}

/* The account as it is filled in.  False: said, and the cursor is there. */
static bool
finish(struct form *form, struct account *account)
{
	char why[512];
	int wrong;

	go_to(form, form->current);
	draft_guess(&form->draft);
	wrong = draft_finish(&form->draft, account, why, sizeof(why));
	if (wrong == -1)
		return true;
	account_clear(account);
	go_to(form, (size_t)wrong);
	ui_complain(form->view.ui, "%s", why);
	return false;
}

/* What was typed for a test need not be typed again. */
static void
take_passwords(struct account *from, struct account *to)
{
	if (from->name == NULL || to == NULL)
		return;
	password_was_wrong(to, &to->pop3);
	password_was_wrong(to, &to->smtp);
	to->pop3.password = from->pop3.password;
	to->smtp.password = from->smtp.password;
	from->pop3.password = NULL;
	from->smtp.password = NULL;
}

static void
test(struct view *view, int key)
{
	struct form *form = form_of(view);
	struct account account;

	(void)key;
	if (!finish(form, &account))
		return;
	/* Another server, or another person, has another password. */
	if (form->tested.name != NULL &&
	    strcmp(form->tested.pop3.host, account.pop3.host) == 0 &&
	    strcmp(form->tested.address, account.address) == 0)
		take_passwords(&form->tested, &account);
	if (form->tested.name != NULL)
		account_clear(&form->tested);
	form->tested = account;
	probe_run(view->ui, &form->tested);
}

static void
save(struct view *view, int key)
{
	struct form *form = form_of(view);
	struct ui *ui = view->ui;
	struct account account;
	char why[600];

	(void)key;
	if (!finish(form, &account))
		return;
	if (account_change(ui, form->draft.old_name, &account, why,
		sizeof(why)) == -1) {
		ui_complain(ui, "%s", why);
		account_clear(&account);
		return;
	}
	if (form->saved_out != NULL)
		*form->saved_out = true;
	take_passwords(&form->tested,
	    accounts_find(ui->accounts, account.name));
	ui_pop(ui);
	ui_say(ui, "The account %s is saved", account.name);
	account_clear(&account);
}

/* Enter: the next field, or what the button says. */
static void
enter(struct view *view, int key)
{
	switch (form_of(view)->current) {
	case ROW_TEST:
		test(view, key);
		break;
	case ROW_SAVE:
		save(view, key);
		break;
	default:
		next(view, key);
	}
}

static void
leave(struct view *view, int key)
{
	int answer = 'y';

	(void)key;
	if (form_of(view)->changed)
		answer = prompt_choice(view->ui,
		    "Leave without saving what you typed? (y/n) ", "yYnN");
	if (answer == 'y' || answer == 'Y')
		ui_pop(view->ui);
}

/* clang-format off */
static const struct binding bindings[] = {
	{ "next", { K_TAB, K_ARROW_DOWN, K_WHEEL_DOWN }, NULL, next, "Next",
	  "to the next field" },
	{ "previous", { K_ARROW_UP, CTRL_P_KEY, K_WHEEL_UP }, NULL, previous,
	  NULL, "to the previous field" },
	{ "enter", { K_RETURN }, NULL, enter, NULL,
	  "to the next field, or what the button says" },
	{ "test", { CTRL_T }, NULL, test, "Test",
	  "log in at both servers, to see whether it works" },
	{ "save", { CTRL_O }, NULL, save, "Save", "save the account" },
	{ "leave", { K_ESCAPE, K_CANCEL }, NULL, leave, "Back",
	  "back without saving" },
	{ "help", { K_HELP }, NULL, ui_help, NULL, "show this page" },
};
static const struct key_table form_keys = {
	"An account's settings", bindings, COUNT(bindings),
};
static const struct key_table *const tables[] = { &form_keys, NULL };
/* clang-format on */

static bool
typed(struct view *view, int key)
{
	struct form *form = form_of(view);

	if (form->current >= DRAFT_FIELDS)
		return false;
	if (is_choice(form->current)) {
		if (key != K_ARROW_LEFT && key != K_ARROW_RIGHT && key != ' ')
			return false;
		draft_turn(&form->draft, form->current,
		    key == K_ARROW_LEFT ? -1 : 1);
	} else {
		line_editor_key(&form->editor, key);
		form->draft.touched[form->current] = true;
	}
	form->changed = true;
	return true;
}

static void
free_view(struct view *view)
{
	struct form *form = form_of(view);

	draft_clear(&form->draft);
	if (form->tested.name != NULL)
		account_clear(&form->tested);
	free(form);
}

static const struct view_class class = {
	.name = "the form",
	.tables = tables,
	.draw = draw,
	.status = status,
	.typed = typed,
	.free = free_view,
};

static struct form *
new_form(struct ui *ui, const struct account *account)
{
	struct form *form = xcalloc(1, sizeof(*form));

	form->view.class = &class;
	form->view.ui = ui;
	draft_init(&form->draft, account);
	go_to(form, draft_field(account == NULL ? "full_name" : "address"));
	return form;
}

void
account_form_open(struct ui *ui, const char *name)
{
	const struct account *account =
	    name == NULL ? NULL : accounts_find(ui->accounts, name);

	ui_push(ui, &new_form(ui, account)->view);
}

bool
account_form_run(struct terminal *terminal, struct account_list *accounts)
{
	bool saved = false;
	struct form *form;
	struct ui ui;

	ui_init(&ui, terminal, NULL);
	ui.accounts = accounts;
	form = new_form(&ui, NULL);
	form->saved_out = &saved;
	ui_push(&ui, &form->view);
	ui_say(&ui,
	    "Welcome. Fill in what you know; the rest is guessed from "
	    "your address.");
	ui_loop(&ui);
	ui_clear(&ui);
	return saved;
}
