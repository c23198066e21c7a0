/*
 * answer_keys.c - replies, and messages passed on: the current one, or all that
 * are tagged.
 */
#include "mua/answer_keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mua/account.h"
#include "mua/compose.h"
#include "mua/contacts.h"
#include "mua/identity.h"
#include "mua/prompt.h"
#include "mua/send.h"
#include "mua/targets.h"
#include "mua/views.h"

enum { WHY_SIZE = 600 };

const char *
answer_needs_message(struct view *view)
{
	if (view->elsewhere)
		return "Another program has removed this message";
	return view->ui->mailbox->count == 0 ? "There is no message here"
					     : NULL;
}

struct account *
answer_account(struct ui *ui, struct message *message)
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

bool
answer_ask_people(struct ui *ui, const char *question, struct buf *answer)
{
	struct people known = { 0 };
	bool given;

	compose_known(ui, &known);
	given = prompt_line_complete(ui, question, answer, contacts_complete,
	    &known);
	people_clear(&known);
	return given;
}

/* Message I of those that are meant; NULL, and it is said why. */
static struct message *
open_target(struct ui *ui, const struct targets *targets, size_t i)
{
	struct message *message =
	    mailbox_message(ui->mailbox, targets->items[i]);

	if (message == NULL)
		views_complain_unreadable(ui);
	return message;
}

/* Which messages DRAFT answers: they are marked when it is sent. */
static void
note_answered(struct draft *draft, const struct ui *ui,
    const struct targets *targets)
{
	struct buf names = BUF_INIT;

	for (size_t i = 0; i < targets->count; i++)
		buf_printf(&names, "%s%s", i > 0 ? "/" : "",
		    ui->mailbox->entries[targets->items[i]].name);
	draft_replace(&draft->answers, names.data);
	buf_clear(&names);
}

/* A letter that is made of one message after the other. */
struct making {
	struct draft *draft;
	struct identity identity;
	bool whole; /* all could be attached */
};

/*
 * Calls ADD for each message that is meant; the first one's account writes.
 * False, and it is said why, when one cannot be read.
 */
static bool
make(struct ui *ui, const struct targets *targets, struct making *making,
    void (*add)(struct making *making, struct message *message, int how),
    int how)
{
	for (size_t i = 0; i < targets->count; i++) {
		struct message *message = open_target(ui, targets, i);

		if (message == NULL) {
			if (i > 0)
				identity_clear(&making->identity);
			draft_free(making->draft);
			return false;
		}
		if (i == 0)
			identity_init(&making->identity, ui->accounts,
			    answer_account(ui, message));
		add(making, message, how);
		message_close(message);
	}
	return true;
}

static void
add_answered(struct making *making, struct message *message, int how)
{
	const struct writer *writer = &making->identity.writer;

	if (making->draft == NULL)
		making->draft = answer_start(writer);
	answer_add(making->draft, message, (enum answer_to)how, writer);
}

static void
answer(struct ui *ui, enum answer_to whom)
{
	struct making making = { .whole = true };
	struct targets targets;

	targets_find(ui, &targets);
	if (make(ui, &targets, &making, add_answered, (int)whom)) {
		answer_sign(making.draft, &making.identity.writer);
		note_answered(making.draft, ui, &targets);
		identity_clear(&making.identity);
		compose_open(ui, making.draft, true);
	}
	targets_clear(&targets);
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
	struct ui *ui = view->ui;
	struct targets targets;
	bool has_list = false;

	(void)key;
	targets_find(ui, &targets);
	for (size_t i = 0; i < targets.count && !has_list; i++) {
		struct message *message = open_target(ui, &targets, i);

		if (message == NULL) {
			targets_clear(&targets);
			return;
		}
		has_list = answer_has_list(message);
		message_close(message);
	}
	targets_clear(&targets);
	if (has_list)
		answer(ui, ANSWER_LIST);
	else
		ui_complain(ui, "This does not come from a mailing list");
}

static void
add_forwarded(struct making *making, struct message *message, int attached)
{
	if (making->draft == NULL)
		making->draft = answer_new(&making->identity.writer);
	making->whole &=
	    answer_forward_add(making->draft, message, attached != 0);
}

static void
forward(struct view *view, int key)
{
	struct ui *ui = view->ui;
	struct making making = { .whole = true };
	struct targets targets;
	int how = prompt_choice(ui,
	    "Forward (i)nline, in the text, or as an (a)ttachment? ", "iIaA");

	(void)key;
	if (how == 0)
		return;
	targets_find(ui, &targets);
	if (make(ui, &targets, &making, add_forwarded,
		how == 'a' || how == 'A')) {
		identity_clear(&making.identity);
		compose_open(ui, making.draft, making.whole);
		if (!making.whole)
			ui_complain(ui,
			    "Not all could be attached: forward fewer at once");
	}
	targets_clear(&targets);
}

/* Puts message I into the outbox for PEOPLE; it is said why it cannot. */
static bool
post_on(struct ui *ui, struct send_order *order, size_t i,
    const struct people *people)
{
	struct account *account = send_account(order);
	int fd = mailbox_message_fd(ui->mailbox, i);
	struct identity identity;
	char why[WHY_SIZE];
	bool good;

	if (fd == -1) {
		views_complain_unreadable(ui);
		return false;
	}
	identity_init(&identity, ui->accounts, account);
	good = send_post_again(order, fd, identity.writer.from, people, why,
	    sizeof(why));
	if (!good)
		ui_complain(ui, "%s", why);
	identity_clear(&identity);
	close(fd);
	return good;
}

/* Passes them on to PEOPLE: those before one that cannot be are sent. */
static void
send_on(struct ui *ui, const struct targets *targets,
    const struct people *people)
{
	struct message *message = open_target(ui, targets, 0);
	struct send_order *order = message == NULL
	    ? NULL
	    : send_prepare(ui, answer_account(ui, message));
	size_t done = 0;

	message_close(message);
	if (order == NULL)
		return;
	while (done < targets->count &&
	    post_on(ui, order, targets->items[done], people))
		done++;
	if (done > 0)
		send_start(ui, order);
	else
		send_forget(order);
}

/* Asks whether to send them on, and does. */
static void
bounce_to(struct ui *ui, const struct targets *targets,
    const struct people *people)
{
	struct buf question = BUF_INIT;
	int yes;

	buf_addstr(&question, "Send ");
	if (targets->count == 1)
		buf_addstr(&question, "it");
	else
		targets_name(targets, &question);
	buf_addstr(&question, " to ");
	people_format(people, &question);
	buf_addstr(&question, "? (y/n) ");
	yes = prompt_choice(ui, question.data, "yYnN");
	if (yes == 'y' || yes == 'Y')
		send_on(ui, targets, people);
	buf_clear(&question);
}

static void
bounce(struct view *view, int key)
{
	struct ui *ui = view->ui;
	const char *address = ui->account == NULL ? "" : ui->account->address;
	const char *at = strrchr(address, '@');
	const char *question = ui->on_tagged
	    ? "Send what is tagged on, as it is, to: "
	    : "Send this message on, as it is, to: ";
	struct targets targets;
	struct people people = { 0 };
	struct buf to = BUF_INIT;
	char why[WHY_SIZE];

	(void)key;
	targets_find(ui, &targets);
	if (!answer_ask_people(ui, question, &to) || to.size == 0) {
		/* given up */
	} else if (!people_parse(to.data, at == NULL ? "" : at + 1, &people,
		       why, sizeof(why))) {
		ui_complain(ui, "%s", why);
	} else if (people.count > 0) {
		bounce_to(ui, &targets, &people);
	}
	targets_clear(&targets);
	people_clear(&people);
	buf_clear(&to);
}

/* clang-format off */
static const struct binding bindings[] = {
	{ "reply", { 'r' }, answer_needs_message, reply_to_sender, "Reply",
	  "reply to the sender" },
	{ "group-reply", { 'g' }, answer_needs_message, reply_to_all, "Group",
	  "reply to all" },
	{ "list-reply", { 'L' }, answer_needs_message, reply_to_list, NULL,
	  "reply to the mailing list" },
	{ "forward", { 'f' }, answer_needs_message, forward, NULL,
	  "forward it: in the text, or attached" },
	{ "bounce", { 'b' }, answer_needs_message, bounce, NULL,
	  "send it on as it is (Resent-To)" },
};
const struct key_table answer_keys = {
	"Answering; in the list behind ; all that are tagged", bindings,
	COUNT(bindings),
};
/* clang-format on */
