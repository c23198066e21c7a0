/*
 * auth_client.h - one login as a client, by Cyrus SASL: which mechanism, and
 * what to answer.  Knows no protocol: SMTP's AUTH is smtp_auth.h, POP3's is
 * the mua's.
 *
 * Of the mechanisms that the server offers and the library has, it takes the
 * strongest, never ANONYMOUS.  With one that proves who the server is (SCRAM) a
 * success counts only once auth_client_is_done().
 */
#ifndef COMMON_AUTH_CLIENT_H
#define COMMON_AUTH_CLIENT_H

#include "common/buf.h"

#include <stdbool.h>

struct auth_client;

/* A name and its password.  The password may hold any bytes. */
struct auth_login {
	const char *name;
	const char *password;
	size_t password_size;
};

/*
 * Loads the library and its mechanisms, once in a process and before a sandbox,
 * which would not let it.  0, or -1 (logged).
 */
int auth_client_prepare(void);

/*
 * A login to SERVICE ("smtp", "pop") on HOST.  LOGIN must live as long.  NULL
 * when the library is not loaded or out of order.
 */
struct auth_client *auth_client_open(const char *service, const char *host,
    const struct auth_login *login);
void auth_client_close(struct auth_client *client);

/*
 * Chooses among MECHANISMS, blank-separated.  The name, which lives as long as
 * CLIENT, or NULL when none of them can be used; the initial response is
 * appended to RESPONSE where *HAS_OUT says that there is one (it may be empty).
 */
const char *auth_client_start(struct auth_client *client,
    const char *mechanisms, struct buf *response, bool *has_out);

/*
 * Appends the answer to the SIZE bytes of CHALLENGE, decoded, to RESPONSE.
 * False when the library has none: then cancel with "*".
 */
bool auth_client_step(struct auth_client *client, const char *challenge,
    size_t size, struct buf *response);

/* Whether the dialog is complete on our side. */
bool auth_client_is_done(const struct auth_client *client);

#endif
