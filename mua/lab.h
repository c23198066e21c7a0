/*
 * lab.h - the Postlab state folder at hand: $POSTLAB_DIR, or ./var.
 *
 * Who sits beside it needs to configure nothing: its mailboxes are Maildirs to
 * open, and its ports and its CA are what an account of its domain has.
 */
#ifndef MUA_LAB_H
#define MUA_LAB_H

#include "mua/account.h"

struct lab {
	char *folder; /* absolute */
	char *domain;
	char **logins; /* alice@campus.example, in order */
	size_t count;
	struct account_host pop3; /* host, port and tls alone */
	struct account_host smtp;
	char *ca_file;
};

/* NULL when there is none, or none that can be read. */
struct lab *lab_find(void);
void lab_free(struct lab *lab);

/*
 * Whose mailbox is meant, an index of logins: the system user's by name, or
 * the only one.  -1: nobody can tell.
 */
int lab_own(const struct lab *lab);

/* The Maildir of logins[I].  The caller frees it. */
char *lab_mailbox(const struct lab *lab, size_t i);

/*
 * The account of the lab's mailbox PATH: one of ACCOUNTS with its address, or a
 * new one there (implicit), which sends by the lab's server and needs to fetch
 * nothing.  NULL: PATH is no mailbox of the lab.
 */
struct account *lab_account(const struct lab *lab,
    struct account_list *accounts, const char *path);

/* Whether ADDRESS is in the lab's domain. */
bool lab_has_domain(const struct lab *lab, const char *address);

/* Gives ACCOUNT the lab's servers and its CA. */
void lab_fill(const struct lab *lab, struct account *account);

#endif
