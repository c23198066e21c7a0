/*
 * auth_attempt.h - one connection to the auth helper, from its first request
 * to its last answer.
 */
#ifndef COMMON_AUTH_ATTEMPT_H
#define COMMON_AUTH_ATTEMPT_H

#include "common/auth.h"
#include "common/auth_account.h"
#include "common/auth_limit.h"
#include "common/auth_sasl.h"
#include "common/auth_wire.h"

#include <stdint.h>

enum { ATTEMPT_IDLE = 300 * 1000 }; /* milliseconds a client has to answer */

/* Milliseconds before it learns that it failed: a second.  Tests are hasty. */
extern int attempt_pause;

/* What all attempts share. */
struct auth_desk {
	const struct config *config;
	struct account_store *store;
	struct auth_limit *limit;
	int channel; /* to the master */
	bool grants; /* success brings a process of its own */
};

struct attempt {
	int fd;
	int64_t deadline; /* milliseconds: then attempt_expire() is due */
	bool failed;      /* only the pause is left */
	struct sasl_attempt *sasl; /* NULL before the first request */
	char mechanism[WIRE_MECHANISM_MAX + 1];
	char peer[WIRE_PEER_MAX + 1];
};

/* Takes over FD, which must not block. */
void attempt_open(struct attempt *attempt, int fd, int64_t now);

/* A request is there (or the end).  False when the attempt is over. */
bool attempt_serve(const struct auth_desk *desk, struct attempt *attempt,
    int64_t now);

/* Its time has come: says what the pause held back, if anything. */
void attempt_expire(const struct attempt *attempt);

void attempt_close(struct attempt *attempt);

/* Answers FD without an attempt, for one too many. */
void attempt_refuse(int fd);

#endif
