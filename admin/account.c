/*
 * account.c - a person's account: directory, secret and Maildir.
 *
 * The directory's row is what makes an account: nobody can log in or get mail
 * without it.  So it comes first when one is made (it decides who wins when
 * two commands add the same name) and is the first to go.  What a crash leaves
 * in between is a mailbox without a password (user passwd gives it one), or a
 * secret without a mailbox, which opens nothing.
 */
#include "admin/account.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin/admin.h"
#include "common/config.h"
#include "common/log.h"
#include "common/sandbox.h"
#include "common/secrets_apop.h"
#include "common/secrets_teaching.h"
#include "maildir/maildir.h"

int
accounts_open(struct accounts *accounts, const struct config *config)
{
	accounts->config = config;
	accounts->directory = directory_open(true);
	accounts->secrets = secrets_open(true);
	if (accounts->directory != NULL && accounts->secrets != NULL)
		return 0;
	accounts_close(accounts);
	return -1;
}

void
accounts_close(struct accounts *accounts)
{
	directory_close(accounts->directory);
	secrets_close(accounts->secrets);
	accounts->directory = NULL;
	accounts->secrets = NULL;
}

int
accounts_recover(const struct config *config)
{
	struct accounts accounts;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		/*
		 * Opened for writing SQLite rolls back.  Not as root: the
		 * folder is not root's, and its files might be links.
		 */
		if (sandbox_drop_root(config->user) == -1 ||
		    accounts_open(&accounts, config) == -1)
			_exit(EX_TEMPFAIL);
		accounts_close(&accounts);
		_exit(EX_OK);
	}
	if (pid == -1 || waitpid(pid, &status, 0) != pid)
		return log_errno("fork");
	return WIFEXITED(status) && WEXITSTATUS(status) == EX_OK ? 0 : -1;
}

static int
find(struct accounts *accounts, const struct address *address,
    struct mailbox *mailbox, const char **why)
{
	enum lookup found =
	    directory_mailbox(accounts->directory, address, mailbox);

	if (found == LOOKUP_YES)
		return 0;
	*why = found == LOOKUP_NO ? "there is no mailbox of that name"
				  : directory_trouble;
	return -1;
}

static int
set_secret(struct accounts *accounts, const struct mailbox *mailbox,
    const char *password, const char **why)
{
	const struct config *config = accounts->config;

	if (secrets_set(accounts->secrets, mailbox->login, password,
		config->teaching ? config->domain : NULL) == 0)
		return 0;
	*why = directory_trouble;
	return -1;
}

static int
make_maildir(const struct mailbox *mailbox, const char **why)
{
	struct maildir maildir;

	if (access(mailbox->folder, F_OK) == 0)
		fprintf(stderr,
		    "postlab: %s finds the mail that is in %s/%s already\n",
		    mailbox->login, admin_dir(), mailbox->folder);
	if (maildir_open(AT_FDCWD, mailbox->folder, true, &maildir) == -1) {
		*why = directory_trouble;
		return -1;
	}
	maildir_close(&maildir);
	return 0;
}

int
accounts_add(struct accounts *accounts, const struct address *address,
    const char *password, struct mailbox *mailbox_out, const char **why)
{
	const char *ignored;

	if (directory_add_mailbox(accounts->directory, address, why) == -1)
		return -1;
	if (find(accounts, address, mailbox_out, why) == 0 &&
	    set_secret(accounts, mailbox_out, password, why) == 0 &&
	    make_maildir(mailbox_out, why) == 0)
		return 0;
	directory_delete_mailbox(accounts->directory, address, &ignored);
	return -1;
}

/*
 * A session is confined to its Maildir and cannot ask the directory, so the
 * Maildir tells it.  After the change: who logs in from now on is asked anew.
 */
static int
end_session(const struct mailbox *mailbox, const char **why)
{
	char *lock = xasprintf("%s/" MAILDIR_SESSION_LOCK, mailbox->folder);
	int rc = unlink(lock);

	if (rc == -1 && errno == ENOENT)
		rc = 0;
	if (rc == -1) {
		log_errno("remove %s", lock);
		*why = "it is done, but a session may go on; the log says why";
	}
	free(lock);
	return rc;
}

int
accounts_set_disabled(struct accounts *accounts, const struct address *address,
    bool disabled, struct mailbox *mailbox_out, const char **why)
{
	if (directory_set_disabled(accounts->directory, address, disabled,
		why) == -1 ||
	    find(accounts, address, mailbox_out, why) == -1)
		return -1;
	return disabled ? end_session(mailbox_out, why) : 0;
}

int
accounts_set_password(struct accounts *accounts, const struct address *address,
    const char *password, struct mailbox *mailbox_out, const char **why)
{
	if (find(accounts, address, mailbox_out, why) == -1 ||
	    set_secret(accounts, mailbox_out, password, why) == -1)
		return -1;
	return end_session(mailbox_out, why);
}

/* Whether TEXT is what SECRET was made from; -1 with a sentence in *WHY. */
static int
is_password(struct accounts *accounts, const char *login, const char *text,
    const char **why)
{
	struct secret secret;
	int found = secrets_find(accounts->secrets, login, &secret);
	bool same = found == 1 && secret_verify(&secret, text, strlen(text));

	explicit_bzero(&secret, sizeof(secret));
	if (found != -1)
		return same;
	*why = directory_trouble;
	return -1;
}

int
accounts_set_apop(struct accounts *accounts, const struct address *address,
    const char *secret, struct mailbox *mailbox_out, const char **why)
{
	int same;

	if (find(accounts, address, mailbox_out, why) == -1)
		return -1;
	if (secret != NULL && strlen(secret) > APOP_SECRET_MAX) {
		*why = "that secret is too long";
		return -1;
	}
	same = secret == NULL
	    ? 0
	    : is_password(accounts, mailbox_out->login, secret, why);
	if (same == 1)
		*why = "that is the password, which is never kept in clear: "
		       "take another secret";
	if (same != 0)
		return -1;

	if (secrets_apop_set(accounts->secrets, mailbox_out->login, secret) ==
	    0)
		return 0;
	*why = directory_trouble;
	return -1;
}

int
accounts_remove_md5(struct accounts *accounts, const struct address *address,
    struct mailbox *mailbox_out, const char **why)
{
	if (find(accounts, address, mailbox_out, why) == -1)
		return -1;
	if (secrets_teaching_remove(accounts->secrets, mailbox_out->login) == 0)
		return 0;
	*why = directory_trouble;
	return -1;
}

int
accounts_delete(struct accounts *accounts, const struct address *address,
    struct mailbox *mailbox_out, const char **why)
{
	if (find(accounts, address, mailbox_out, why) == -1 ||
	    directory_delete_mailbox(accounts->directory, address, why) == -1)
		return -1;
	if (secrets_delete(accounts->secrets, mailbox_out->login) == 0)
		return end_session(mailbox_out, why);
	*why = "the mailbox is deleted, but its secret could not be removed; "
	       "the log says why";
	return -1;
}
