/*
 * places.h - all mailboxes a person may want to open: those of the accounts,
 * of the lab at hand, and the usual ones.
 */
#ifndef MUA_PLACES_H
#define MUA_PLACES_H

#include "mua/account.h"

#include <stdbool.h>

struct place {
	char *name;     /* "campus", "bob@campus.example", "~/Maildir" */
	char *path;     /* of the Maildir */
	char *account;  /* the name of the account, NULL for none */
	bool is_lab;    /* the server's own mailbox */
	bool is_folder; /* a Maildir++ folder within the one above */
	size_t arrived; /* messages in new/ */
};

struct places {
	struct place *items;
	size_t count;
};

/* In the order of mua.conf; then the rest. */
void places_find(struct places *places, const struct account_list *accounts);
void places_clear(struct places *places);

#endif
