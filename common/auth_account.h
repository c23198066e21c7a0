/*
 * auth_account.h - what the stores say of a name that is trying to log in.
 *
 * An answer is made for every name.  One that is nobody's gets a secret made
 * up: the same each time, with a salt and keys like a real one's, so that
 * neither what a mechanism says nor how long it takes tells who exists.
 */
#ifndef COMMON_AUTH_ACCOUNT_H
#define COMMON_AUTH_ACCOUNT_H

#include "common/directory.h"
#include "common/secrets_apop.h"

enum account_state {
	ACCOUNT_OK,
	ACCOUNT_UNKNOWN,  /* no such mailbox, or no secret is stored for it */
	ACCOUNT_DISABLED, /* may not log in, whatever it knows */
};

struct account {
	enum account_state state;
	char name[ADDRESS_TEXT_MAX]; /* as a login: one for all ways to type */
	int digest_form;             /* how it was typed (secrets.h) */
	struct mailbox mailbox; /* login and folder; only when not UNKNOWN */
	struct secret secret;   /* without real keys unless state is OK */
};

struct account_store;

/* Opens directory and secrets for reading.  NULL: logged. */
struct account_store *account_store_open(const char *default_domain);
void account_store_close(struct account_store *store);

/*
 * Finds NAME of SIZE bytes as typed: a login with or without domain, in any
 * case.  0, or -1 when a store could not be read (logged).
 */
int account_find(struct account_store *store, const char *name, size_t size,
    struct account *account_out);

/*
 * What ACCOUNT, of account_find(), proves itself by with APOP: one that nobody
 * knows where it has none or may not log in.  0 or -1 as above.
 */
int account_apop(struct account_store *store, const struct account *account,
    char secret[APOP_SECRET_SIZE]);

#endif
