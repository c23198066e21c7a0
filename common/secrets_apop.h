/*
 * secrets_apop.h - the secrets of APOP (RFC 1939 7), the only clear ones.
 *
 * APOP hashes a text that is always new and behind it the secret, so only the
 * secret itself can check it.  Nobody's password is kept for that: an operator
 * who turns auth.apop on gives a person a secret of its own, which opens the
 * maildrop by APOP and nothing else.  It stands in a table of its own in
 * secrets.sqlite, which the auth helper and the postlab command alone open.
 */
#ifndef COMMON_SECRETS_APOP_H
#define COMMON_SECRETS_APOP_H

#include "common/secrets.h"

enum { APOP_SECRET_MAX = 255, APOP_SECRET_SIZE = APOP_SECRET_MAX + 1 };

/*
 * Stores SECRET for LOGIN, user@domain in lower case; NULL takes it away.  One
 * that is the password is not to be stored: the caller asks
 * secret_verify().  0 or -1 (logged).
 */
int secrets_apop_set(struct secrets *s, const char *login, const char *secret);

/* 1 found, 0 not, -1 trouble (logged).  SECRET is "" unless found. */
int secrets_apop_find(struct secrets *s, const char *login,
    char secret[APOP_SECRET_SIZE]);

/* EACH login that has one, in alphabetical order.  0 or -1 (logged). */
int secrets_apop_list(struct secrets *s,
    void (*each)(void *arg, const char *login), void *arg);

#endif
