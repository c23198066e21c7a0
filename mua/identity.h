/*
 * identity.h - who writes: taken from the accounts.
 */
#ifndef MUA_IDENTITY_H
#define MUA_IDENTITY_H

#include "mua/account.h"
#include "mua/answer.h"

struct identity {
	struct writer writer;
	struct people own; /* the addresses of all accounts */
	char *from;
	char *signature;
};

/*
 * The person with ACCOUNT (may be NULL: then $EMAIL, or login@host) of ACCOUNTS
 * (may be NULL).
 */
void identity_init(struct identity *identity,
    const struct account_list *accounts, const struct account *account);
void identity_clear(struct identity *identity);

/* Puts those a letter was sent to into the address book. */
void identity_note_written(const struct draft *draft);

#endif
