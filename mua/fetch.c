/*
 * fetch.c - when mail is fetched, and what is said of it.
 */
#include "mua/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "mua/fetch_work.h"
#include "mua/task.h"
#include "mua/ui.h"

/* What is known of a fetch while it goes on, in the parent. */
struct errand {
	struct fetch_order order; /* must be first: the work gets it */
	char *name; /* of the account: the list may be read anew meanwhile */
	char *title;
	bool quiet;
};

static void
free_errand(void *arg)
{
	struct errand *errand = arg;

	password_forget(&errand->order.password);
	free(errand->name);
	free(errand->title);
	free(errand);
}

static void
done(struct ui *ui, void *arg, int status, const char *text)
{
	const struct errand *errand = arg;
	struct account *account = ui->accounts == NULL
	    ? NULL
	    : accounts_find(ui->accounts, errand->name);

	if (account != NULL && status == EX_NOPERM)
		password_was_wrong(account, &account->pop3);
	/* New mail shows now and not at the next look. */
	if (mailbox_changed(ui->mailbox))
		ui_reload(ui);
	if (status != 0)
		ui_complain(ui, "%s", text);
	else if (!errand->quiet || strstr(text, "no new mail") == NULL)
		ui_say(ui, "%s", text);
}

static struct errand *
new_errand(const struct account *account, bool quiet)
{
	struct errand *errand = xcalloc(1, sizeof(*errand));

	errand->order.account = account;
	errand->name = xstrdup(account->name);
	errand->title = xasprintf("Fetching mail of %s", account->name);
	errand->quiet = quiet;
	return errand;
}

/* Whether the account has a server, and a password is to be had. */
static bool
prepare(struct ui *ui, struct account *account, struct errand *errand)
{
	char why[512];

	if (*account->pop3.host == '\0') {
		ui_complain(ui, "The account %s has no POP3 server: y, then e",
		    account->name);
		return false;
	}
	if (task_is_running(ui, fetch_work)) {
		ui_say(ui, "Mail is being fetched already");
		return false;
	}
	switch (password_get(account, &account->pop3, ui,
	    &errand->order.password, why, sizeof(why))) {
	case PASSWORD_GOT:
		return true;
	case PASSWORD_GIVEN_UP:
		ui_say(ui, "Nothing was fetched");
		break;
	case PASSWORD_FAILED:
		ui_complain(ui, "%s", why);
		break;
	}
	return false;
}

void
fetch_start(struct ui *ui, struct account *account, bool quiet)
{
	struct errand *errand = new_errand(account, quiet);
	struct task_job job = {
		.title = errand->title,
		.work = fetch_work,
		.done = done,
		.arg = errand,
		.free = free_errand,
	};

	account->checked = time(NULL);
	if (!prepare(ui, account, errand)) {
		free_errand(errand);
		return;
	}
	/* The child has its own copy of the password from here on. */
	if (task_start(ui, &job))
		password_forget(&errand->order.password);
}

void
fetch_check(struct ui *ui)
{
	struct account *account = ui->account;
	bool silent;

	if (account == NULL || account->check_minutes == 0 ||
	    *account->pop3.host == '\0' || task_is_running(ui, fetch_work) ||
	    time(NULL) - account->checked < 60L * account->check_minutes)
		return;
	/* Nobody is asked for a password in the middle of a sentence. */
	silent = account->pop3.password != NULL ||
	    *account->pop3.password_command != '\0';
	if (silent)
		fetch_start(ui, account, true);
}

int
fetch_batch(struct account *account, bool wire)
{
	struct errand *errand = new_errand(account, false);
	struct task_job job = {
		.title = errand->title,
		.work = fetch_work,
		.arg = errand,
		.free = free_errand,
	};
	char why[512] = "broken off";

	if (*account->pop3.host == '\0') {
		fprintf(stderr, "mua: the account %s has no pop3_host\n",
		    account->name);
	} else if (password_get(account, &account->pop3, NULL,
		       &errand->order.password, why,
		       sizeof(why)) == PASSWORD_GOT) {
		return task_foreground(&job, wire);
	} else {
		fprintf(stderr, "mua: %s\n", why);
	}
	free_errand(errand);
	return EX_CONFIG;
}
