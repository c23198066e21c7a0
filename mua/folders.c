/* folders.c - paths. */
#include "mua/folders.h"

#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "mua/account.h"
#include "mua/ui.h"

static char *
folder(const struct account *account, const char *mailbox, const char *name)
{
	char *home;
	char *path;

	if (account != NULL && *account->maildir != '\0')
		return xasprintf("%s/%s", account->maildir, name);
	if (mailbox != NULL)
		return xasprintf("%s/%s", mailbox, name);
	home = account_expand("~/Mail");
	path = xasprintf("%s/%s", home, name);
	free(home);
	return path;
}

char *
folders_drafts(const struct account *account, const char *mailbox)
{
	return folder(account, mailbox, ".Drafts");
}

char *
folders_outbox(const struct account *account, const char *mailbox)
{
	return folder(account, mailbox, ".Outbox");
}

const char *
folders_mailbox(const struct ui *ui)
{
	return ui->mailbox->is_file ? NULL : ui->mailbox->path;
}

char *
folders_contacts(void)
{
	static const char name[] = "contacts";
	char *path = accounts_path();
	char *slash = path == NULL ? NULL : strrchr(path, '/');
	char *contacts = NULL;

	if (slash != NULL)
		contacts =
		    xasprintf("%.*s/%s", (int)(slash - path), path, name);
	free(path);
	return contacts;
}
