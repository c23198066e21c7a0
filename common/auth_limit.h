/*
 * auth_limit.h - how many failed attempts an address has left.
 *
 * A bucket an address (a /64 of IPv6, which is one customer): each failure
 * fills it by one, time empties it, and while it is full nothing is tried for
 * that address.  A fixed table: what an attacker with many addresses pushes
 * out is the emptiest bucket of a few.
 */
#ifndef COMMON_AUTH_LIMIT_H
#define COMMON_AUTH_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum { AUTH_FAILURES_PER_MINUTE = 20 };

struct auth_limit;

struct auth_limit *auth_limit_new(void);
void auth_limit_free(struct auth_limit *limit);

/* NOW is milliseconds of a clock that only goes forward. */
bool auth_limit_reached(struct auth_limit *limit, const char *address,
    int64_t now);
void auth_limit_failure(struct auth_limit *limit, const char *address,
    int64_t now);

#endif
