/* start.c - the places where mail may be, one after the other. */
#include "mua/start.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mua/lab.h"
#include "mua/mailbox.h"

/* The mailbox of a lab that PATH is, or without PATH the person's own. */
static void
look_into_lab(struct start *start, const char *path)
{
	struct lab *lab = lab_find();
	char *own = NULL;
	int i;

	if (lab == NULL)
		return;
	i = lab_own(lab);
	if (path == NULL && i != -1)
		own = lab_mailbox(lab, (size_t)i);
	if (own != NULL) {
		start->path = own;
		start->may_make = true;
	}
	if (path != NULL || own != NULL)
		start->own = lab_account(lab, start->accounts,
		    path != NULL ? path : own);
	lab_free(lab);
}

static void
look_for_maildir(struct start *start)
{
	const char *mail = getenv("MAIL");
	const char *home = getenv("HOME");
	char *path;

	if (mail != NULL && mailbox_is_maildir(mail)) {
		start->path = xstrdup(mail);
		return;
	}
	path = home == NULL ? NULL : xasprintf("%s/Maildir", home);
	if (path != NULL && mailbox_is_maildir(path))
		start->path = path;
	else
		free(path);
}

/* -f: it may be an account's all the same. */
static void
take_mailbox(struct start *start)
{
	char *whole = realpath(start->mailbox, NULL);

	start->path = xstrdup(start->mailbox);
	if (whole != NULL) {
		start->own = accounts_of(start->accounts, whole, NULL);
		if (start->own == NULL)
			look_into_lab(start, whole);
		start->may_make = false;
	}
	if (start->own == NULL && start->account == NULL)
		start->own = accounts_first(start->accounts);
	free(whole);
}

static void
take_account(struct start *start, struct account *account)
{
	start->own = account;
	start->path = xstrdup(account->maildir);
	start->may_make = true;
}

int
start_find(struct start *start, char *why, size_t size)
{
	struct account *account;

	if (start->config == NULL)
		start->config = accounts_path();
	if (start->accounts == NULL)
		start->accounts =
		    accounts_load(start->config == NULL ? "/dev/null/none"
							: start->config,
			why, size);
	if (start->accounts == NULL)
		return -1;
	account = start->account == NULL
	    ? accounts_first(start->accounts)
	    : accounts_find(start->accounts, start->account);
	if (account == NULL && start->account != NULL) {
		(void)snprintf(why, size, "There is no account %s in %s",
		    start->account, start->config);
		return -1;
	}
	if (start->mailbox != NULL)
		take_mailbox(start);
	else if (account != NULL)
		take_account(start, account);
	else
		look_into_lab(start, NULL);
	if (start->path == NULL)
		look_for_maildir(start);
	/* -f and -a together: that mailbox, written from by that account. */
	if (start->account != NULL)
		start->own = accounts_find(start->accounts, start->account);
	return 0;
}

void
start_clear(struct start *start)
{
	accounts_free(start->accounts);
	free(start->config);
	free(start->path);
	start->accounts = NULL;
	start->config = NULL;
	start->path = NULL;
	start->own = NULL;
	start->may_make = false;
}
