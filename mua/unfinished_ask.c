/*
 * unfinished_ask.c - what a killed mua has left is offered at the start.
 *
 * It is a draft before anything is asked, so no answer loses it.
 */
#include "mua/unfinished.h"

#include <stdlib.h>
#include <string.h>

#include "maildir/maildir.h"
#include "mua/account.h"
#include "mua/compose.h"
#include "mua/folders.h"
#include "mua/identity.h"
#include "mua/letters.h"
#include "mua/prompt.h"
#include "mua/ui.h"

enum { WHY_SIZE = 600 };

static const struct letter_row *
find_row(const struct letters *letters, const char *name)
{
	for (size_t i = 0; i < letters->count; i++)
		if (strcmp(letters->rows[i].name, name) == 0)
			return &letters->rows[i];
	return NULL;
}

static bool
is_wanted(struct ui *ui, const struct letter_row *row)
{
	struct buf question = BUF_INIT;
	int answer;

	/* Its end is what a narrow screen shows. */
	buf_printf(&question, "%s: an unfinished letter, go on? (y/n) ",
	    *row->subject != '\0'  ? row->subject
		: *row->to != '\0' ? row->to
				   : "to nobody yet");
	answer = prompt_choice(ui, question.data, "yYnN");
	buf_clear(&question);
	return answer == 'y' || answer == 'Y';
}

/* Takes up the draft ROW, which lies in DRAFTS, as one of ACCOUNT. */
static void
take_up(struct ui *ui, struct account *account, const char *drafts,
    const struct letter_row *row)
{
	struct identity identity;
	struct draft *draft;
	char why[WHY_SIZE];

	identity_init(&identity, ui->accounts, account);
	draft = letters_draft(drafts, false, row, &identity.writer, drafts, why,
	    sizeof(why));
	identity_clear(&identity);
	if (draft == NULL)
		ui_complain(ui, "%s", why);
	else
		compose_open(ui, draft, false);
}

/* Whether a letter was taken up: then the rest can wait in Drafts. */
static bool
look_into(struct ui *ui, struct account *account)
{
	char *drafts = folders_drafts(account, folders_mailbox(ui));
	char name[MAILDIR_NAME_MAX + 1];
	size_t count = unfinished_recover(drafts, name);
	const struct letter_row *row = NULL;
	struct letters letters = { 0 };
	bool taken = false;

	if (count > 0) {
		letters_read(drafts, false, &letters);
		row = find_row(&letters, name);
	}
	if (row != NULL && is_wanted(ui, row)) {
		take_up(ui, account, drafts, row);
		taken = true;
	} else if (row != NULL) {
		ui_say(ui, "It is kept as a draft: R takes it up");
	}
	if (count > 1)
		ui_say(ui, "%zu letters were not finished: R shows the drafts",
		    count);
	letters_clear(&letters);
	free(drafts);
	return taken;
}

void
unfinished_ask(struct ui *ui)
{
	bool own = ui->account == NULL;

	if (look_into(ui, ui->account))
		return;
	for (size_t i = 0; ui->accounts != NULL && i < ui->accounts->count;
	     i++) {
		struct account *account = &ui->accounts->items[i];

		if ((own || account != ui->account) && look_into(ui, account))
			return;
	}
}
