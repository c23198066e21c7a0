/*
 * compose_keys.c - what the keys of the compose view do.
 *
 * y is the moment that counts: the letter is in the outbox, durably, before
 * the view closes; it is sent from there.
 */
#include "mua/compose.h"

#include <stdlib.h>
#include <string.h>

#include "mua/account.h"
#include "mua/answered.h"
#include "mua/contacts.h"
#include "mua/cursor.h"
#include "mua/editor_view.h"
#include "mua/external_editor.h"
#include "mua/folders.h"
#include "mua/identity.h"
#include "mua/letter.h"
#include "mua/post.h"
#include "mua/prompt.h"
#include "mua/send.h"

enum { WHY_SIZE = 600 };

static struct compose *
compose_of(struct view *view)
{
	return (struct compose *)view;
}

static bool
is_people(enum draft_field field)
{
	return field != DRAFT_SUBJECT;
}

/* Shows what was typed as it is understood; From chooses the account. */
static void
tidy_field(struct compose *compose, enum draft_field field)
{
	struct ui *ui = compose->view.ui;
	struct draft *draft = compose->draft;
	struct people people = { 0 };
	struct account *account = NULL;
	struct buf text = BUF_INIT;
	char why[WHY_SIZE];

	if (!draft_people(draft, field, &people, why, sizeof(why))) {
		ui_complain(ui, "%s: %s", draft_field_name(field), why);
		return;
	}
	people_format(&people, &text);
	draft_set(draft, field, text.data);
	buf_clear(&text);
	if (field == DRAFT_FROM && people.count == 1 && ui->accounts != NULL)
		account =
		    accounts_of(ui->accounts, NULL, people.items[0].address);
	if (account != NULL)
		draft_replace(&draft->account, account->name);
	people_clear(&people);
}

static void
edit_field(struct compose *compose, enum draft_field field)
{
	struct ui *ui = compose->view.ui;
	struct buf question = BUF_INIT;
	struct buf answer = BUF_INIT;
	bool given;

	buf_printf(&question, "%s: ", draft_field_name(field));
	buf_addstr(&answer, compose->draft->fields[field]);
	given = is_people(field)
	    ? prompt_line_complete(ui, question.data, &answer,
		  contacts_complete, &compose->known)
	    : prompt_line(ui, question.data, &answer);
	if (given) {
		draft_set(compose->draft, field, answer.data);
		compose_changed(compose);
		compose->current = field;
		if (is_people(field))
			tidy_field(compose, field);
	}
	buf_clear(&question);
	buf_clear(&answer);
}

/* A key for each field. */
static const struct {
	int key;
	enum draft_field field;
} field_keys[] = {
	/* clang-format off */
	{ 'F', DRAFT_FROM },    { 't', DRAFT_TO },      { 'c', DRAFT_CC },
	{ 'b', DRAFT_BCC },     { 's', DRAFT_SUBJECT }, { 'r', DRAFT_REPLY_TO },
	/* clang-format on */
};

static void
edit_field_of_key(struct view *view, int key)
{
	for (size_t i = 0; i < COUNT(field_keys); i++)
		if (field_keys[i].key == key)
			edit_field(compose_of(view), field_keys[i].field);
}

static void
edited(struct ui *ui, void *arg)
{
	struct compose *compose = arg;

	(void)ui;
	compose->editing = false;
	compose_changed(compose);
	compose->current = COMPOSE_TEXT;
}

void
compose_edit(struct view *view, int key)
{
	struct compose *compose = compose_of(view);
	const struct editor_owner owner = {
		.done = edited,
		.keep = compose_keep,
		.arg = compose,
	};
	char why[WHY_SIZE];

	(void)key;
	if (external_editor() == NULL) {
		/* Whatever is typed there shall not be lost either. */
		compose->changed = true;
		compose->editing = true;
		editor_view_open(view->ui, &compose->draft->text,
		    "Writing: ^X when done", &owner);
		return;
	}
	/* What is typed there is that editor's to keep; this is all else. */
	compose_keep_text(compose, &compose->draft->text);
	if (!external_editor_run(view->ui, &compose->draft->text, why,
		sizeof(why)))
		ui_complain(view->ui, "%s", why);
	edited(view->ui, compose);
}

static void
attach(struct view *view, int key)
{
	struct compose *compose = compose_of(view);
	struct buf path = BUF_INIT;
	char why[WHY_SIZE];

	(void)key;
	if (prompt_line_complete(view->ui, "Attach file: ", &path,
		prompt_complete_file, NULL) &&
	    path.size > 0) {
		if (draft_attach_file(compose->draft, path.data, why,
			sizeof(why))) {
			compose_changed(compose);
			compose->current = compose_rows(compose) - 1;
		} else {
			ui_complain(view->ui, "%s", why);
		}
	}
	buf_clear(&path);
}

static const char *
needs_attachment(struct view *view)
{
	return compose_of(view)->current < COMPOSE_ATTACHMENTS
	    ? "Move to the attachment first"
	    : NULL;
}

static void
detach(struct view *view, int key)
{
	struct compose *compose = compose_of(view);

	(void)key;
	draft_detach(compose->draft, compose->current - COMPOSE_ATTACHMENTS);
	compose_changed(compose);
	if (compose->current == compose_rows(compose))
		compose->current = compose_rows(compose) - 1;
}

static void
rename_attachment(struct compose *compose)
{
	struct attachment *attachment =
	    &compose->draft
		 ->attachments[compose->current - COMPOSE_ATTACHMENTS];
	struct buf name = BUF_INIT;

	buf_addstr(&name, attachment->name);
	if (prompt_line(compose->view.ui,
		"Its name for the receiver: ", &name)) {
		for (size_t i = 0; i < name.size; i++)
			if (name.data[i] == '/')
				name.data[i] = '_';
		draft_replace(&attachment->name, name.data);
		compose_changed(compose);
	}
	buf_clear(&name);
}

static void
toggle_report(struct view *view, int key)
{
	struct compose *compose = compose_of(view);

	(void)key;
	compose->draft->wants_report = !compose->draft->wants_report;
	compose_changed(compose);
	compose->current = COMPOSE_REPORT;
}

/* Enter: whatever the cursor is on. */
static void
change(struct view *view, int key)
{
	struct compose *compose = compose_of(view);

	if (compose->current < DRAFT_FIELDS)
		edit_field(compose, (enum draft_field)compose->current);
	else if (compose->current == COMPOSE_REPORT)
		toggle_report(view, key);
	else if (compose->current == COMPOSE_TEXT)
		compose_edit(view, key);
	else if (compose->current >= COMPOSE_ATTACHMENTS)
		rename_attachment(compose);
}

static void
move_by(struct view *view, long steps)
{
	struct compose *compose = compose_of(view);

	compose->current =
	    cursor_move(compose->current, steps, compose_rows(compose));
	if (compose->current == COMPOSE_LINE)
		compose->current += steps > 0 ? 1 : (size_t)-1;
}

static void
down(struct view *view, int key)
{
	(void)key;
	move_by(view, 1);
}

static void
up(struct view *view, int key)
{
	(void)key;
	move_by(view, -1);
}

static void
post(struct view *view, int key)
{
	struct compose *compose = compose_of(view);
	struct draft *draft = compose->draft;
	struct ui *ui = view->ui;
	struct account *account = compose_account(ui, draft);
	struct send_order *order;
	char *drafts;
	char why[WHY_SIZE];

	(void)key;
	if (!letter_is_ready(draft, why, sizeof(why))) {
		ui_complain(ui, "%s", why);
		return;
	}
	order = send_prepare(ui, account);
	if (order == NULL)
		return; /* it is said why */
	if (!send_post(order, draft, why, sizeof(why))) {
		ui_complain(ui, "%s", why);
		send_forget(order);
		return;
	}
	/* The letter is safe: what follows may fail. */
	answered_mark(ui, draft);
	drafts = folders_drafts(account, folders_mailbox(ui));
	post_remove_draft(draft, drafts);
	free(drafts);
	identity_note_written(draft);
	compose->settled = true;
	ui_pop(ui);
	send_start(ui, order);
}

static void
postpone(struct view *view, int key)
{
	struct compose *compose = compose_of(view);
	struct ui *ui = view->ui;

	(void)key;
	if (!compose_save(compose))
		return;
	compose->settled = true;
	ui_pop(ui);
	ui_say(ui, "Kept as a draft: R takes it up again");
}

static void
quit(struct view *view, int key)
{
	struct compose *compose = compose_of(view);
	int answer;

	if (!compose->changed) {
		compose->settled = true;
		ui_pop(view->ui);
		return;
	}
	answer = prompt_choice(view->ui, "Keep this letter as a draft? (y/n) ",
	    "yYnN");
	if (answer == 'y' || answer == 'Y') {
		postpone(view, key);
	} else if (answer == 'n' || answer == 'N') {
		compose->settled = true;
		ui_pop(view->ui);
	}
}

/* clang-format off */
static const struct binding bindings[] = {
	{ "send", { 'y' }, NULL, post, "Send", "send it" },
	{ "edit", { 'e' }, NULL, compose_edit, "Edit", "write the text" },
	{ "attach", { 'a' }, NULL, attach, "Attach", "attach a file" },
	{ "edit-field", { 't', 'c', 'b', 's', 'r', 'F' }, NULL,
	  edit_field_of_key, "To",
	  "To, Cc, Bcc, Subject, Reply-To, From" },
	{ "quit", { 'q' }, NULL, quit, "Quit",
	  "leave it; asks whether to keep it as a draft" },
	{ "postpone", { 'P' }, NULL, postpone, "Postpone",
	  "keep it as a draft, to be taken up later" },
	{ "report", { 'R' }, NULL, toggle_report, NULL,
	  "ask for a report of its delivery, or not" },
	{ "detach", { 'D', K_DELETE }, needs_attachment, detach, NULL,
	  "take an attachment off again" },
	{ "change", { K_RETURN, ' ', K_ARROW_RIGHT }, NULL, change, NULL,
	  "change what the cursor is on" },
	{ "next", { 'j', K_ARROW_DOWN }, NULL, down, NULL, "down" },
	{ "previous", { 'k', K_ARROW_UP }, NULL, up, NULL, "up" },
};
const struct key_table compose_key_table = {
	"The letter", bindings, COUNT(bindings),
};
/* clang-format on */
