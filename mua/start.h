/*
 * start.h - whose mail it is, and where: the account and the mailbox to begin
 * with.
 */
#ifndef MUA_START_H
#define MUA_START_H

#include "mua/account.h"

struct start {
	const char *mailbox; /* -f, NULL without */
	const char *account; /* -a, NULL without */

	/* Found by start_find(). */
	struct account_list *accounts;
	char *config;        /* the path of mua.conf, NULL without a home */
	struct account *own; /* of the mailbox, NULL for none */
	char *path;          /* of the mailbox; NULL: nothing was found */
	bool may_make;       /* it is an account's: made if it is missing */
};

/*
 * In this order: -f; the account of -a, or the first in mua.conf; the mailbox
 * of the lab at hand (lab.h), whose account is then one of its servers; $MAIL;
 * ~/Maildir.  0; -1 with a sentence in WHY: a wrong mua.conf, or no account of
 * that name.  Nothing found is 0 with path NULL; it can be asked
 * again then, with what is in accounts by now.
 */
int start_find(struct start *start, char *why, size_t size);
void start_clear(struct start *start);

#endif
