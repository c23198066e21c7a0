/*
 * write_keys.c - new letters, drafts, and the address book.
 */
#include "mua/write_keys.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mua/account.h"
#include "mua/answer_keys.h"
#include "mua/compose.h"
#include "mua/contacts.h"
#include "mua/folders.h"
#include "mua/identity.h"
#include "mua/letters_view.h"
#include "mua/prompt.h"
#include "mua/send.h"
#include "mua/views.h"

enum { WHY_SIZE = 600 };

static struct message *
open_current(struct ui *ui)
{
	struct message *message =
	    mailbox_message(ui->mailbox, ui->mailbox->current);

	if (message == NULL)
		views_complain_unreadable(ui);
	return message;
}

static void
write_new(struct view *view, int key)
{
	struct ui *ui = view->ui;
	struct buf to = BUF_INIT;
	struct buf subject = BUF_INIT;
	struct identity identity;
	struct draft *draft;

	(void)key;
	if (answer_ask_people(ui, "To: ", &to) &&
	    prompt_line(ui, "Subject: ", &subject)) {
		identity_init(&identity, ui->accounts, ui->account);
		draft = answer_new(&identity.writer);
		draft_set(draft, DRAFT_TO, to.data);
		draft_set(draft, DRAFT_SUBJECT, subject.data);
		identity_clear(&identity);
		compose_open(ui, draft, true);
	}
	buf_clear(&to);
	buf_clear(&subject);
}

static void
edit_again(struct view *view, int key)
{
	struct ui *ui = view->ui;
	struct message *message = open_current(ui);
	struct identity identity;
	struct draft *draft;

	(void)key;
	if (message == NULL)
		return;
	identity_init(&identity, ui->accounts, answer_account(ui, message));
	draft = answer_again(message, &identity.writer);
	/* Somebody else's letter is sent on as our own. */
	draft_set(draft, DRAFT_FROM, identity.writer.from);
	identity_clear(&identity);
	message_close(message);
	compose_open(ui, draft, false);
}

/* A: the sender of the current message, or whoever is typed instead. */
static void
add_contact(struct view *view, int key)
{
	struct ui *ui = view->ui;
	const struct mailbox_entry *entry =
	    mailbox_entry(ui->mailbox, ui->mailbox->current);
	struct people people = { 0 };
	struct buf text = BUF_INIT;
	char *path = folders_contacts();
	char why[WHY_SIZE];

	(void)key;
	people_read(entry->from, strlen(entry->from), &people);
	people_format(&people, &text);
	people_clear(&people);
	if (path == NULL ||
	    !prompt_line(ui, "Into the address book: ", &text)) {
		/* given up */
	} else if (!people_parse(text.data, "", &people, why, sizeof(why))) {
		ui_complain(ui, "%s", why);
	} else if (people.count > 0 && contacts_note(path, &people) == 0) {
		ui_say(ui, "In the address book: %s", text.data);
	} else {
		ui_complain(ui, "The address book was not changed");
	}
	people_clear(&people);
	buf_clear(&text);
	free(path);
}

static void
open_drafts(struct view *view, int key)
{
	(void)key;
	letters_view_open(view->ui, false);
}

static void
open_outbox(struct view *view, int key)
{
	(void)key;
	letters_view_open(view->ui, true);
}

/* clang-format off */
static const struct binding bindings[] = {
	{ "mail", { 'm' }, NULL, write_new, "Mail", "write a letter" },
	{ "edit-again", { 'E' }, answer_needs_message, edit_again, NULL,
	  "write it once more, as a new letter" },
	{ "recall", { 'R' }, NULL, open_drafts, NULL,
	  "the drafts: take a letter up again" },
	{ "outbox", { 'Q' }, NULL, open_outbox, NULL,
	  "the outbox: letters that could not be sent" },
	{ "add-contact", { 'A' }, answer_needs_message, add_contact, NULL,
	  "put the sender into the address book" },
};
const struct key_table write_keys = {
	"Writing", bindings, COUNT(bindings),
};
/* clang-format on */
