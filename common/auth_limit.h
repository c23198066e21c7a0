/*
 * auth_limit.h - how many failed attempts an address has left.
 *
 * A bucket an address (a /64 of IPv6, which is one customer) and one an address
 * and login name: each failure fills both by one, time empties them, and while
 * one is full nothing is tried for it.  Where many people share an address, the
 * operator gives it a larger bucket, and who guesses at one account does not
 * lock out a class.  A fixed table: what an attacker with many addresses pushes
 * out is the emptiest bucket of a few.
 *
 * smtpd and pop3d have an auth helper each, and who guesses here may guess
 * there: they count in one file, run/auth.failures, which each maps before its
 * sandbox. No worker can open it.  It outlives a helper that dies, and what is
 * not true in it (a crash, another boot's clock, another version) counts as
 * nothing.
 */
#ifndef COMMON_AUTH_LIMIT_H
#define COMMON_AUTH_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* A minute from an address at one name, if the address may so often at all. */
enum { AUTH_FAILURES_OF_NAME = 20 };

struct auth_limit;

/*
 * PER_MINUTE: failures of an address, at whatever names.  Those of the other
 * count with all who have PATH open; where it cannot be used, or no more (a
 * full disk; logged), with this process alone.
 */
struct auth_limit *auth_limit_new(int per_minute);
struct auth_limit *auth_limit_open(const char *path, int per_minute);
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
