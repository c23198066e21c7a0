/*
 * auth_known.h - passwords that were right a while ago.
 *
 * To derive the SCRAM keys takes most of the time of a login: that is what the
 * 4096 iterations are for, and a program that asks for mail every minute pays
 * it every minute.  The auth helper therefore remembers right answers, as an
 * HMAC of stored keys and password under a key that only this process has and
 * that is never written anywhere.  A password that was changed is forgotten
 * with the keys it belonged to; a wrong one costs what it always did, and so
 * does an unknown user.
 */
#ifndef COMMON_AUTH_KNOWN_H
#define COMMON_AUTH_KNOWN_H

#include "common/secrets.h"

enum { KNOWN_SECONDS = 3600 };

/*
 * As secret_verify(), and quicker for a password that was right within the
 * last KNOWN_SECONDS; NOW is in seconds of a clock that does not jump.
 */
bool known_verify(const struct secret *secret, const char *password,
    size_t size, long now);

#endif
