/* answered.c - finding what was answered. */
#include "mua/answered.h"

#include <stdlib.h>
#include <string.h>

#include "maildir/maildir_name.h"
#include "mua/account.h"
#include "mua/compose.h"
#include "mua/mailbox.h"

/* Marks the message NAME; false when it is not there. */
static bool
mark_one(struct mailbox *mailbox, const char *name)
{
	for (size_t i = 0; i < mailbox->count; i++) {
		if (!maildir_name_equal(mailbox->entries[i].name, name))
			continue;
		(void)mailbox_set_flag(mailbox, i, 'R', true);
		(void)mailbox_set_flag(mailbox, i, 'S', true);
		return true;
	}
	return false;
}

/* All of NAMES, as in struct draft; false when one is not there. */
static bool
mark_all(struct mailbox *mailbox, const char *names)
{
	bool all = true;
	char *name;

	while ((name = draft_next_name(&names)) != NULL) {
		all &= mark_one(mailbox, name);
		free(name);
	}
	return all;
}

/* The same in the Maildir at PATH, which is not open. */
static void
mark_elsewhere(const char *path, const char *names)
{
	char why[200];
	struct mailbox *mailbox = mailbox_is_maildir(path)
	    ? mailbox_open(path, why, sizeof(why))
	    : NULL;

	if (mailbox != NULL && mailbox_load(mailbox) == 0)
		(void)mark_all(mailbox, names);
	mailbox_close(mailbox);
}

void
answered_mark(struct ui *ui, const struct draft *draft)
{
	const struct account *account = compose_account(ui, draft);

	if (*draft->answers == '\0' ||
	    (!ui->mailbox->is_file && mark_all(ui->mailbox, draft->answers)))
		return;
	if (account != NULL && strcmp(account->maildir, ui->mailbox->path) != 0)
		mark_elsewhere(account->maildir, draft->answers);
}
