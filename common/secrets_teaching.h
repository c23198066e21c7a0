/*
 * secrets_teaching.h - the secrets of CRAM-MD5 and DIGEST-MD5, for operators.
 *
 * They are kept with auth.teaching (secrets.h).  Without it they open nothing,
 * and whoever gets the store guesses passwords from them at one MD5 a try.
 */
#ifndef COMMON_SECRETS_TEACHING_H
#define COMMON_SECRETS_TEACHING_H

#include "common/secrets.h"

/* EACH login that has one, in alphabetical order.  0 or -1 (logged). */
int secrets_teaching_list(struct secrets *s,
    void (*each)(void *arg, const char *login), void *arg);

/*
 * Takes those of LOGIN away, or with NULL everybody's; S is open for writing.
 * The password opens what it did.  0 or -1 (logged).
 */
int secrets_teaching_remove(struct secrets *s, const char *login);

#endif
