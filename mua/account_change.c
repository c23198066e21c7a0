/*
 * account_change.c - mua.conf changed while the mua runs, and what it has of it
 * in memory with it.
 */
#include "mua/account_change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mua/account.h"
#include "mua/ui.h"

/* Reads the file anew; the account of the mailbox may have moved. */
static int
renew_accounts(struct ui *ui, const char *path, const char *own, char *why,
    size_t size)
{
	if (accounts_reload(ui->accounts, path, why, size) == -1)
		return -1;
	ui->account = own == NULL ? NULL : accounts_find(ui->accounts, own);
	for (struct view *view = ui->top; view != NULL; view = view->below)
		if (view->class->reloaded != NULL && ui->mailbox != NULL)
			view->class->reloaded(view);
	return 0;
}

int
account_change(struct ui *ui, const char *old, const struct account *account,
    char *why, size_t size)
{
	bool renamed = old == NULL || strcmp(old, account->name) != 0;
	bool was_own = ui->account == NULL ||
	    (old != NULL && strcmp(ui->account->name, old) == 0);
	char *own = xstrdup(was_own ? account->name : ui->account->name);
	char *path = accounts_path();
	int rc = -1;

	if (path == NULL)
		(void)snprintf(why, size,
		    "There is no home folder to save it in: set HOME");
	else if (renamed && accounts_find(ui->accounts, account->name) != NULL)
		(void)snprintf(why, size, "There is an account %s already",
		    account->name);
	else if (account_save(path, old, account, why, size) == 0)
		rc = renew_accounts(ui, path, own, why, size);
	free(path);
	free(own);
	return rc;
}

int
account_forget(struct ui *ui, const char *name, char *why, size_t size)
{
	bool own = ui->account != NULL && strcmp(ui->account->name, name) == 0;
	char *path = accounts_path();
	char *keep =
	    own || ui->account == NULL ? NULL : xstrdup(ui->account->name);
	int rc = path == NULL ? -1 : account_save(path, name, NULL, why, size);

	if (rc == 0)
		rc = renew_accounts(ui, path, keep, why, size);
	free(path);
	free(keep);
	return rc;
}
