/*
 * relay_auth.h - logging in to a smarthost, by Cyrus SASL's client side.
 */
#ifndef SMTPD_RELAY_AUTH_H
#define SMTPD_RELAY_AUTH_H

#include "common/reply.h"

struct config;
struct hop;
struct smtp_client;

/*
 * Loads the library and its mechanisms, which a sandbox does not let; only
 * where a route has a login.
 */
void relay_auth_prepare(const struct config *config);

/*
 * AUTH as HOP says; the password is the first line of its file, read here. 250,
 * or a 4xx: a wrong password is the operator's mistake and no fault of the
 * mail. WHERE is the host's name for that sentence.
 */
struct reply relay_auth(struct smtp_client *client, const struct hop *hop,
    const char *where);

#endif
