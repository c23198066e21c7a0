/*
 * account.c - accounts in memory: made, completed, found.
 *
 * account_load.c reads them from mua.conf, account_save.c writes them.
 */
#include "mua/account.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mua/account_table.h"

enum { POP3 = 110, POP3S = 995, SUBMISSION = 587, SUBMISSIONS = 465 };
enum { NAME_MAX_SIZE = 40 };

char *
accounts_path(void)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	/* The XDG specification ignores a relative one. */
	if (config != NULL && *config == '/')
		return xasprintf("%s/postlab/mua.conf", config);
	if (home != NULL && *home != '\0')
		return xasprintf("%s/.config/postlab/mua.conf", home);
	return NULL;
}

char *
account_expand(const char *path)
{
	const char *home = getenv("HOME");

	if (strncmp(path, "~/", 2) == 0 && home != NULL)
		return xasprintf("%s/%s", home, path + 2);
	return xstrdup(path);
}

char *
account_shorten(const char *path)
{
	const char *home = getenv("HOME");
	size_t size = home == NULL ? 0 : strlen(home);

	if (size > 1 && strncmp(path, home, size) == 0 && path[size] == '/')
		return xasprintf("~%s", path + size);
	return xstrdup(path);
}

bool
account_is_name(const char *name)
{
	size_t length = strspn(name,
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	    "@");

	return length > 0 && length < NAME_MAX_SIZE && name[length] == '\0' &&
	    *name != '.';
}

void
account_init(struct account *account, const char *name)
{
	*account = (struct account){ .name = xstrdup(name) };
	account_set_fallbacks("account", account);
}

static void
forget_password(struct account_host *host)
{
	if (host->password != NULL)
		explicit_bzero(host->password, strlen(host->password));
	free(host->password);
	host->password = NULL;
}

void
account_clear(struct account *account)
{
	forget_password(&account->pop3);
	forget_password(&account->smtp);
	account_clear_keys("account", account);
	free(account->name);
	account->name = NULL;
}

struct account *
accounts_append(struct account_list *accounts, const char *name)
{
	struct account *account;

	accounts->items = xrealloc(accounts->items,
	    (accounts->count + 1) * sizeof(*accounts->items));
	account = &accounts->items[accounts->count++];
	account_init(account, name);
	return account;
}

void
accounts_free(struct account_list *accounts)
{
	if (accounts == NULL)
		return;
	for (size_t i = 0; i < accounts->count; i++)
		account_clear(&accounts->items[i]);
	free(accounts->items);
	account_clear_keys("mua", accounts);
	free(accounts);
}

static void
complete_path(char **path, char *usual)
{
	char *whole = account_expand(**path == '\0' ? usual : *path);

	free(usual);
	free(*path);
	*path = whole;
}

void
account_complete(struct account *account)
{
	struct account_host *pop3 = &account->pop3;
	struct account_host *smtp = &account->smtp;

	if (pop3->port == 0)
		pop3->port = pop3->tls == ACCOUNT_TLS_IMPLICIT ? POP3S : POP3;
	if (smtp->port == 0)
		smtp->port = smtp->tls == ACCOUNT_TLS_IMPLICIT ? SUBMISSIONS
							       : SUBMISSION;
	complete_path(&account->maildir, xasprintf("~/Mail/%s", account->name));
	complete_path(&account->sent, xasprintf("%s/.Sent", account->maildir));
	complete_path(&account->ca_file, xstrdup(""));
	complete_path(&account->signature_file, xstrdup(""));
}

const char *
account_fault(const struct account *account)
{
	if (*account->address == '\0')
		return "needs address = LOCAL@DOMAIN";
	if (*account->maildir != '\0' && *account->maildir != '/' &&
	    strncmp(account->maildir, "~/", 2) != 0)
		return "maildir must begin with / or ~/";
	if (*account->sent != '\0' && *account->sent != '/' &&
	    strncmp(account->sent, "~/", 2) != 0)
		return "sent must begin with / or ~/";
	if (*account->pop3.host == '\0' && *account->smtp.host == '\0' &&
	    *account->maildir == '\0')
		return "needs pop3_host, smtp_host or maildir";
	return NULL;
}

const char *
account_login(const struct account *account, const struct account_host *host)
{
	if (*host->login != '\0')
		return host->login;
	if (*account->pop3.login != '\0')
		return account->pop3.login;
	return account->address;
}

struct account *
accounts_find(const struct account_list *accounts, const char *name)
{
	for (size_t i = 0; i < accounts->count; i++)
		if (strcmp(accounts->items[i].name, name) == 0)
			return &accounts->items[i];
	return NULL;
}

struct account *
accounts_first(const struct account_list *accounts)
{
	struct account *named = accounts_find(accounts, accounts->first);

	if (named == NULL && accounts->count > 0)
		return &accounts->items[0];
	return named;
}

struct account *
accounts_of(const struct account_list *accounts, const char *path,
    const char *address)
{
	for (size_t i = 0; i < accounts->count; i++) {
		struct account *account = &accounts->items[i];

		if ((path != NULL && strcmp(account->maildir, path) == 0) ||
		    (address != NULL &&
			strcasecmp(account->address, address) == 0))
			return account;
	}
	return NULL;
}
