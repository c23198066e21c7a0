/*
 * auth_policy.h - which mechanism may be used when.
 *
 * One table for the session that offers and the helper that decides.
 */
#ifndef COMMON_AUTH_POLICY_H
#define COMMON_AUTH_POLICY_H

#include "common/auth.h"

/*
 * AUTH_CONTINUE when MECHANISM (any case) is allowed; AUTH_WEAK when it would
 * be behind TLS; AUTH_UNKNOWN when the configuration does not have it.
 */
enum auth_result auth_policy(const struct config *config, const char *mechanism,
    bool tls, bool cleartext);

/*
 * Calls EACH with the proper name of every mechanism of the configuration that
 * is ours at all, in its order.
 */
void auth_policy_each(const struct config *config,
    void (*each)(void *arg, const char *mechanism), void *arg);

/* Calls EACH with the name of every mechanism that this house has. */
void auth_policy_known(void (*each)(void *arg, const char *mechanism),
    void *arg);

/*
 * From now on MECHANISM is not to be had in this process and its children:
 * the library has no plugin for it (auth_probe.h).
 */
void auth_policy_lose(const char *mechanism);

#endif
