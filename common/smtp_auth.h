/*
 * smtp_auth.h - SMTP's AUTH (RFC 4954) as its client: relay and mua.
 */
#ifndef COMMON_SMTP_AUTH_H
#define COMMON_SMTP_AUTH_H

#include "common/reply.h"

struct auth_login;
struct smtp_client;

/*
 * Logs in with the strongest mechanism that both sides have, HOST being the
 * server's name; auth_client_prepare() came before.  The server's last word:
 * 235, or why not.  Of our own: 504 when no mechanism fits, 535 when the server
 * has not proved itself, 454 when SASL is out of order, 503 when it offers no
 * AUTH at all.
 */
struct reply smtp_auth(struct smtp_client *client, const char *host,
    const struct auth_login *login);

#endif
