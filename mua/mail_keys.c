/* mail_keys.c - what is done to accounts rather than to messages. */
#include "mua/mail_keys.h"

#include "mua/account.h"
#include "mua/fetch.h"
#include "mua/views.h"

static const char *
needs_server(struct view *view)
{
	const struct account *account = view->ui->account;

	if (account == NULL)
		return "There is no account yet: c, then a, makes one";
	if (*account->pop3.host == '\0')
		return "New mail comes into this mailbox by itself";
	return NULL;
}

static void
fetch_mail(struct view *view, int key)
{
	(void)key;
	fetch_start(view->ui, view->ui->account, false);
}

static const char *
needs_list(struct view *view)
{
	return view->ui->accounts == NULL ? "There are no accounts here" : NULL;
}

static void
open_accounts(struct view *view, int key)
{
	(void)key;
	account_view_open(view->ui);
}

/* clang-format off */
static const struct binding bindings[] = {
	{ "fetch", { 'G' }, needs_server, fetch_mail, "Fetch",
	  "fetch mail from the account's server" },
	{ "accounts", { 'c', 'y' }, needs_list, open_accounts, "Accounts",
	  "accounts and other mailboxes: open, make, change" },
};
const struct key_table mail_keys = {
	"Accounts and servers", bindings, COUNT(bindings),
};
/* clang-format on */
