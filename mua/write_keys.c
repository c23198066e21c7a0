/*
 * write_keys.c - new letters, replies, and letters passed on.
 */
#include "mua/write_keys.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mua/account.h"
#include "mua/answer.h"
#include "mua/compose.h"
#include "mua/contacts.h"
#include "mua/folders.h"
#include "mua/identity.h"
#include "mua/letters_view.h"
#include "mua/prompt.h"
#include "mua/send.h"
#include "mua/views.h"

enum { WHY_SIZE = 600 };

static const char *
needs_message(struct view *view)
{
	if (view->elsewhere)
		return "Another program has removed this message";
	return view->ui->mailbox->count == 0 ? "There is no message here"
					     : NULL;
}

/* The account that MESSAGE was sent to, or else the mailbox's. */
static struct account *
account_for(struct ui *ui, struct message *message)
{
	static const char *const fields[] = { "To", "Cc" };
	struct people people = { 0 };
	struct account *account = NULL;

	if (ui->accounts == NULL || message == NULL)
		return ui->account;
	for (size_t i = 0; i < COUNT(fields); i++) {
		const char *value = message_field(message, fields[i]);

		people_read(value, strlen(value), &people);
	}
	for (size_t i = 0; account == NULL && i < people.count; i++)
		account =
		    accounts_of(ui->accounts, NULL, people.items[i].address);
	people_clear(&people);
	return account != NULL ? account : ui->account;
}

static struct message *
open_current(struct ui *ui)
{
	struct message *message =
	    mailbox_message(ui->mailbox, ui->mailbox->current);

	if (message == NULL)
		views_complain_unreadable(ui);
	return message;
}

static const char *
current_name(const struct ui *ui)
{
	return ui->mailbox->entries[ui->mailbox->current].name;
}

/* Asks for people, with the address book; false: given up. */
static bool
ask_people(struct ui *ui, const char *question, struct buf *answer)
{
	struct people known = { 0 };
	bool given;

	compose_known(ui, &known);
	given = prompt_line_complete(ui, question, answer, contacts_complete,
	    &known);
	people_clear(&known);
	return given;
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
	if (ask_people(ui, "To: ", &to) &&
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
answer(struct ui *ui, enum answer_to whom)
{
	struct message *message = open_current(ui);
	struct identity identity;
	struct draft *draft;

	if (message == NULL)
		return;
	identity_init(&identity, ui->accounts, account_for(ui, message));
	draft = answer_reply(message, whom, &identity.writer);
	draft_replace(&draft->answers, current_name(ui));
	identity_clear(&identity);
	message_close(message);
	compose_open(ui, draft, true);
}

static void
reply_to_sender(struct view *view, int key)
{
	(void)key;
	answer(view->ui, ANSWER_SENDER);
}

static void
reply_to_all(struct view *view, int key)
{
	(void)key;
	answer(view->ui, ANSWER_ALL);
}

static void
reply_to_list(struct view *view, int key)
{
	struct message *message = open_current(view->ui);
	bool has_list;

	(void)key;
	if (message == NULL)
		return;
	has_list = answer_has_list(message);
	message_close(message);
	if (has_list)
		answer(view->ui, ANSWER_LIST);
	else
		ui_complain(view->ui,
		    "This message does not come from a mailing list");
}

static void
forward(struct view *view, int key)
{
	struct ui *ui = view->ui;
	struct message *message;
	struct identity identity;
	struct draft *draft;
	int how = prompt_choice(ui,
	    "Forward (i)nline, in the text, or as an (a)ttachment? ", "iIaA");

	(void)key;
	if (how == 0)
		return;
	message = open_current(ui);
	if (message == NULL)
		return;
	identity_init(&identity, ui->accounts, account_for(ui, message));
	draft =
	    answer_forward(message, how == 'a' || how == 'A', &identity.writer);
	identity_clear(&identity);
	message_close(message);
	compose_open(ui, draft, true);
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
	identity_init(&identity, ui->accounts, account_for(ui, message));
	draft = answer_again(message, &identity.writer);
	/* Somebody else's letter is sent on as our own. */
	draft_set(draft, DRAFT_FROM, identity.writer.from);
	identity_clear(&identity);
	message_close(message);
	compose_open(ui, draft, false);
}

/* Passes the current message on to PEOPLE. */
static void
send_on(struct ui *ui, const struct people *people)
{
	struct message *message = open_current(ui);
	struct account *account =
	    message == NULL ? NULL : account_for(ui, message);
	struct send_order *order =
	    message == NULL ? NULL : send_prepare(ui, account);
	struct identity identity;
	char why[WHY_SIZE];
	int fd;

	message_close(message);
	if (order == NULL)
		return;
	identity_init(&identity, ui->accounts, account);
	fd = mailbox_message_fd(ui->mailbox, ui->mailbox->current);
	if (fd == -1) {
		views_complain_unreadable(ui);
		send_forget(order);
	} else if (!send_post_again(order, fd, identity.writer.from, people,
		       why, sizeof(why))) {
		ui_complain(ui, "%s", why);
		send_forget(order);
	} else {
		send_start(ui, order);
	}
	if (fd != -1)
		close(fd);
	identity_clear(&identity);
}

static void
bounce(struct view *view, int key)
{
	struct ui *ui = view->ui;
	const char *address = ui->account == NULL ? "" : ui->account->address;
	const char *at = strrchr(address, '@');
	struct people people = { 0 };
	struct buf to = BUF_INIT;
	struct buf question = BUF_INIT;
	char why[WHY_SIZE];
	int yes;

	(void)key;
	if (!ask_people(ui, "Send this message on, as it is, to: ", &to) ||
	    to.size == 0) {
		buf_clear(&to);
		return;
	}
	if (!people_parse(to.data, at == NULL ? "" : at + 1, &people, why,
		sizeof(why))) {
		ui_complain(ui, "%s", why);
	} else if (people.count > 0) {
		buf_addstr(&question, "Send it to ");
		people_format(&people, &question);
		buf_addstr(&question, "? (y/n) ");
		yes = prompt_choice(ui, question.data, "yYnN");
		if (yes == 'y' || yes == 'Y')
			send_on(ui, &people);
	}
	people_clear(&people);
	buf_clear(&question);
	buf_clear(&to);
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
	{ "reply", { 'r' }, needs_message, reply_to_sender, "Reply",
	  "reply to the sender" },
	{ "group-reply", { 'g' }, needs_message, reply_to_all, "Group",
	  "reply to all" },
	{ "list-reply", { 'L' }, needs_message, reply_to_list, NULL,
	  "reply to the mailing list" },
	{ "forward", { 'f' }, needs_message, forward, NULL,
	  "forward it: in the text, or attached" },
	{ "bounce", { 'b' }, needs_message, bounce, NULL,
	  "send it on as it is (Resent-To)" },
	{ "edit-again", { 'E' }, needs_message, edit_again, NULL,
	  "write it once more, as a new letter" },
	{ "recall", { 'R' }, NULL, open_drafts, NULL,
	  "the drafts: take a letter up again" },
	{ "outbox", { 'Q' }, NULL, open_outbox, NULL,
	  "the outbox: letters that could not be sent" },
	{ "add-contact", { 'A' }, needs_message, add_contact, NULL,
	  "put the sender into the address book" },
};
const struct key_table write_keys = {
	"Writing", bindings, COUNT(bindings),
};
/* clang-format on */
