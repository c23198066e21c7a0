/*
 * lab.c - looks into a state folder as far as the person may.
 *
 * The directory is opened by name in the current folder (common/directory.h),
 * so we go there and come back.
 */
#include "mua/lab.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/config.h"
#include "common/directory.h"

static void
add_login(void *arg, const struct mailbox *mailbox)
{
	struct lab *lab = arg;

	lab->logins = xrealloc(lab->logins, (lab->count + 1) * sizeof(char *));
	lab->logins[lab->count++] = xstrdup(mailbox->login);
}

static enum account_tls
tls_of(const struct listener *listener)
{
	switch (listener->tls) {
	case TLS_IMPLICIT:
		return ACCOUNT_TLS_IMPLICIT;
	case TLS_OFF:
		return ACCOUNT_TLS_OFF;
	default:
		return ACCOUNT_TLS_STARTTLS;
	}
}

/* The server for PROTOCOL; of two, the one with TLS from the first byte. */
static void
take_server(const struct config *config, enum protocol protocol,
    struct account_host *host)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		const struct listener *listener = &config->listeners[i];
		enum account_tls tls = tls_of(listener);

		if (listener->protocol != protocol ||
		    strncmp(listener->address, "unix:", 5) == 0 ||
		    (host->host != NULL && tls < host->tls))
			continue;
		free(host->host);
		host->host = xstrdup("localhost");
		host->port = listener->port + config->port_base;
		host->tls = tls;
	}
}

/* In the state folder.  False when it is none. */
static bool
read_folder(struct lab *lab)
{
	char why[512];
	struct config *config = config_load("postlab.conf", why, sizeof(why));
	struct directory *directory;

	if (config == NULL)
		return false;
	lab->domain = xstrdup(config->domain);
	take_server(config, PROTO_POP3, &lab->pop3);
	take_server(config, PROTO_MSA, &lab->smtp);
	config_free(config);
	if (access("tls/ca.pem", R_OK) == 0)
		lab->ca_file = xasprintf("%s/tls/ca.pem", lab->folder);
	if (access("directory.sqlite", R_OK) == -1)
		return false;
	directory = directory_open(false);
	if (directory == NULL)
		return false;
	directory_list_mailboxes(directory, add_login, lab);
	directory_close(directory);
	return true;
}

struct lab *
lab_find(void)
{
	const char *folder = getenv("POSTLAB_DIR");
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct lab *lab = NULL;
	bool found = false;

	if (folder == NULL || *folder == '\0')
		folder = "./var";
	if (here == -1)
		return NULL;
	if (chdir(folder) == 0 && access("postlab.conf", R_OK) == 0) {
		lab = xcalloc(1, sizeof(*lab));
		lab->folder = getcwd(NULL, 0);
		found = lab->folder != NULL && read_folder(lab);
	}
	if (fchdir(here) == -1)
		found = false;
	close(here);
	if (found)
		return lab;
	lab_free(lab);
	return NULL;
}

void
lab_free(struct lab *lab)
{
	if (lab == NULL)
		return;
	for (size_t i = 0; i < lab->count; i++)
		free(lab->logins[i]);
	free(lab->logins);
	free(lab->folder);
	free(lab->domain);
	free(lab->pop3.host);
	free(lab->smtp.host);
	free(lab->ca_file);
	free(lab);
}

int
lab_own(const struct lab *lab)
{
	const struct passwd *person = getpwuid(getuid());

	for (size_t i = 0; person != NULL && i < lab->count; i++) {
		size_t length = strcspn(lab->logins[i], "@");

		if (strlen(person->pw_name) == length &&
		    strncasecmp(lab->logins[i], person->pw_name, length) == 0)
			return (int)i;
	}
	return lab->count == 1 ? 0 : -1;
}

char *
lab_mailbox(const struct lab *lab, size_t i)
{
	const char *login = lab->logins[i];
	const char *at = strrchr(login, '@');

	if (at == NULL)
		return NULL;
	return xasprintf("%s/mail/%s/%.*s", lab->folder, at + 1,
	    (int)(at - login), login);
}

bool
lab_has_domain(const struct lab *lab, const char *address)
{
	const char *at = strrchr(address, '@');

	return at != NULL && strcasecmp(at + 1, lab->domain) == 0;
}

static void
fill_host(const struct account_host *from, struct account_host *to)
{
	if (from->host == NULL)
		return;
	free(to->host);
	to->host = xstrdup(from->host);
	to->port = from->port;
	to->tls = from->tls;
}

void
lab_fill(const struct lab *lab, struct account *account)
{
	fill_host(&lab->pop3, &account->pop3);
	fill_host(&lab->smtp, &account->smtp);
	if (lab->ca_file == NULL)
		return;
	free(account->ca_file);
	account->ca_file = xstrdup(lab->ca_file);
}

/* An account that is in no file: a lab's person. */
static struct account *
add_account(const struct lab *lab, struct account_list *accounts, size_t i)
{
	struct account *account = accounts_append(accounts, lab->logins[i]);

	account->implicit = true;
	free(account->address);
	account->address = xstrdup(lab->logins[i]);
	lab_fill(lab, account);
	/* Its mail is here already. */
	free(account->pop3.host);
	account->pop3.host = xstrdup("");
	free(account->maildir);
	account->maildir = lab_mailbox(lab, i);
	account_complete(account);
	return account;
}

struct account *
lab_account(const struct lab *lab, struct account_list *accounts,
    const char *path)
{
	for (size_t i = 0; i < lab->count; i++) {
		char *box = lab_mailbox(lab, i);
		bool found = box != NULL && strcmp(box, path) == 0;
		struct account *account;

		free(box);
		if (!found)
			continue;
		account = accounts_of(accounts, NULL, lab->logins[i]);
		return account != NULL ? account
				       : add_account(lab, accounts, i);
	}
	return NULL;
}
