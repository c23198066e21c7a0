/*
 * account.h - a person's account: the row in the directory, the secret and
 * the Maildir, changed together.
 */
#ifndef ADMIN_ACCOUNT_H
#define ADMIN_ACCOUNT_H

#include "common/address.h"
#include "common/directory.h"

#include <stdbool.h>

struct config;
struct secrets;

/* What all the functions work on.  Inside the state folder only. */
struct accounts {
	const struct config *config;
	struct directory *directory;
	struct secrets *secrets;
};

/* Opens both databases for writing.  0, or -1 (logged).  Then close them. */
int accounts_open(struct accounts *accounts, const struct config *config);
void accounts_close(struct accounts *accounts);

/*
 * Undoes what a power cut in the middle of a change may have left in the
 * databases; the daemons only read them and cannot.  For up, before the first
 * daemon: root stays root, a child that is not does the work.  0, or -1
 * (logged) when they cannot be used.
 */
int accounts_recover(const struct config *config);

/*
 * Adds a mailbox with PASSWORD and a Maildir.  0; or -1 with a sentence in
 * *WHY, and then nothing of it is left.  Mail that an earlier owner of the
 * name has left is there again; that is said on standard error.
 */
int accounts_add(struct accounts *accounts, const struct address *address,
    const char *password, struct mailbox *mailbox_out, const char **why);

/*
 * Disables the mailbox of ADDRESS, or enables it.  As above.  This, a new
 * password and the deletion end a POP3 session of that mailbox at once.
 */
int accounts_set_disabled(struct accounts *accounts,
    const struct address *address, bool disabled, struct mailbox *mailbox_out,
    const char **why);

/* Gives the mailbox of ADDRESS a new password.  As above. */
int accounts_set_password(struct accounts *accounts,
    const struct address *address, const char *password,
    struct mailbox *mailbox_out, const char **why);

/*
 * Gives the mailbox of ADDRESS a secret for APOP (secrets_apop.h), which must
 * not be its password; NULL takes it away.  As above, but sessions go on.
 */
int accounts_set_apop(struct accounts *accounts, const struct address *address,
    const char *secret, struct mailbox *mailbox_out, const char **why);

/* Takes the MD5 secrets (secrets_teaching.h) of ADDRESS away.  Likewise. */
int accounts_remove_md5(struct accounts *accounts,
    const struct address *address, struct mailbox *mailbox_out,
    const char **why);

/* Removes the row and the secret; the mail stays.  As above. */
int accounts_delete(struct accounts *accounts, const struct address *address,
    struct mailbox *mailbox_out, const char **why);

#endif
