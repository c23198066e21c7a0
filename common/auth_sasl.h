/*
 * auth_sasl.h - one attempt to log in, as Cyrus SASL's server side sees it.
 *
 * The library is given passwords to check and secrets to work from by
 * callbacks and an auxprop plugin of ours; it reads no configuration file and
 * loads no plugin but those of the mechanisms in auth_policy.h.  A struct
 * sasl_attempt has a handle of its own and is used once (CVE-2011-1720).
 */
#ifndef COMMON_AUTH_SASL_H
#define COMMON_AUTH_SASL_H

#include "common/auth.h"
#include "common/auth_account.h"

struct sasl_attempt;

/*
 * Once in the helper, before its sandbox: loads the plugins of the mechanisms
 * that CONFIG wants.  Says in the log which of them are not to be had.  With
 * NULL it loads all (auth_probe.h).  0, or -1.
 */
int auth_sasl_init(const struct config *config);

/* A new attempt over SERVICE ("smtp").  NULL: logged. */
struct sasl_attempt *sasl_attempt_new(const struct config *config,
    struct account_store *store, const char *service);

/*
 * Begins with MECHANISM; INITIAL is NULL without an initial response.  Each
 * replaces CHALLENGE.  AUTH_SUCCESS means an account that exists, is not
 * disabled, and proved to know its password.
 */
enum auth_result sasl_attempt_start(struct sasl_attempt *attempt,
    const char *mechanism, const char *initial, size_t size,
    struct buf *challenge);
enum auth_result sasl_attempt_step(struct sasl_attempt *attempt,
    const char *response, size_t size, struct buf *challenge);

/* The same with a name and a password, without mechanism. */
enum auth_result sasl_attempt_password(struct sasl_attempt *attempt,
    const char *name, const char *password);

/*
 * APOP (RFC 1939 7), which is no mechanism of SASL: DIGEST in hexadecimal is
 * MD5 of STAMP, the greeting's, and behind it the account's secret.
 */
enum auth_result sasl_attempt_apop(struct sasl_attempt *attempt,
    const char *name, const char *stamp, const char *digest);

/* Who it is about, as typed ("" before it is known), for the log. */
const char *sasl_attempt_name(const struct sasl_attempt *attempt);

/* What the stores said of that name. */
const struct account *sasl_attempt_account(const struct sasl_attempt *attempt);

/* NULL is allowed. */
void sasl_attempt_free(struct sasl_attempt *attempt);

#endif
