/*
 * auth_limit.h - how many failed attempts an address has left.
 *
 * A bucket an address (a /64 of IPv6, which is one customer) and login name,
 * and a larger one an address: each failure fills both by one, time empties
 * them, and while one is full nothing is tried for it.  So who guesses at one
 * account does not lock out a class behind the same address.  A fixed table:
 * what an attacker with many addresses pushes out is the emptiest bucket of a
 * few.
 */
#ifndef COMMON_AUTH_LIMIT_H
#define COMMON_AUTH_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	AUTH_FAILURES_OF_NAME = 20, /* a minute from an address at one name */
	AUTH_FAILURES_OF_ADDRESS = 200, /* a minute from it at all */
};

struct auth_limit;

struct auth_limit *auth_limit_new(void);
void auth_limit_free(struct auth_limit *limit);

/*
 * NOW is milliseconds of a clock that only goes forward.  NAME is as typed, in
 * any case; "" while it is not known: then only the address is looked at.
 */
bool auth_limit_reached(struct auth_limit *limit, const char *address,
    const char *name, int64_t now);
void auth_limit_failure(struct auth_limit *limit, const char *address,
    const char *name, int64_t now);

#endif
