/*
 * auth_sasl.c - Cyrus SASL with our accounts behind it.
 *
 * How a name and a secret reach the library: it calls canonicalize() with what
 * the client typed, which looks the account up; then either check_password()
 * (PLAIN, LOGIN, USER and PASS) or the auxprop plugin's give_properties()
 * (SCRAM: authPassword, RFC 5803; cmusaslsecretCRAM-MD5 and -DIGEST-MD5).  All
 * three find the attempt as the context of the callbacks of the connection.
 */
#include "common/auth_sasl.h"

#include <gnutls/gnutls.h>
#include <nettle/md5.h>
#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/auth_known.h"
#include "common/auth_sasl_private.h"
#include "common/log.h"

enum { NAME_SHOWN = 200, CALLBACKS = 5 };

struct sasl_attempt {
	sasl_conn_t *conn;
	struct account_store *store;
	sasl_callback_t callbacks[CALLBACKS];
	char name[NAME_SHOWN + 1];
	struct account account;
	bool
	    password_checked; /* and it was wrong, unless the library says OK */
	bool trouble;         /* a store could not be read */
};

/* The library's words; not its report of each wrong password, we have ours. */
static int
log_message(void *context, int level, const char *message)
{
	const struct sasl_attempt *attempt = context;

	if (level == SASL_LOG_ERR && !attempt->password_checked)
		log_failure("SASL: %s", message);
	return SASL_OK;
}

/* Who NAME is.  The library stops at nobody: that is found out later. */
static int
canonicalize(sasl_conn_t *conn, void *context, const char *name, unsigned size,
    unsigned flags, const char *realm, char *out, unsigned out_max,
    unsigned *out_size)
{
	struct sasl_attempt *attempt = context;
	struct account other;
	struct account *account = &other;
	const char *login = "nobody";

	(void)conn;
	(void)realm;
	/* An authorization identity alone is compared, not looked into. */
	if ((flags & SASL_CU_AUTHID) != 0) {
		size_t shown = size < NAME_SHOWN ? size : NAME_SHOWN;

		memcpy(attempt->name, name, shown);
		attempt->name[shown] = '\0';
		account = &attempt->account;
	}
	if (account_find(attempt->store, name, size, account) == -1) {
		attempt->trouble = true;
		return SASL_FAIL;
	}
	if (account->state != ACCOUNT_UNKNOWN)
		login = account->mailbox.login;
	if (!copy_string(out, out_max, login))
		return SASL_BUFOVER;
	*out_size = (unsigned)strlen(login);
	return SASL_OK;
}

static int
check_password(sasl_conn_t *conn, void *context, const char *user,
    const char *password, unsigned size, struct propctx *properties)
{
	struct sasl_attempt *attempt = context;
	const struct account *account = &attempt->account;
	const struct secret *secret =
	    account->state == ACCOUNT_OK ? &account->secret : NULL;
	struct timespec now;

	(void)conn;
	(void)user;
	(void)properties;
	attempt->password_checked = true;
	clock_gettime(CLOCK_BOOTTIME, &now);
	/* Without a secret it works on a dummy and says no. */
	return known_verify(secret, password, size, now.tv_sec) ? SASL_OK
								: SASL_BADAUTH;
}

struct sasl_attempt *
sasl_attempt_new(const struct config *config, struct account_store *store,
    const char *service)
{
	struct sasl_attempt *attempt = xcalloc(1, sizeof(*attempt));
	const sasl_callback_t callbacks[CALLBACKS] = {
		{ SASL_CB_GETOPT, PROC(sasl_option), NULL },
		{ SASL_CB_LOG, PROC(log_message), attempt },
		{ SASL_CB_CANON_USER, PROC(canonicalize), attempt },
		{ SASL_CB_SERVER_USERDB_CHECKPASS, PROC(check_password),
		    attempt },
		{ SASL_CB_LIST_END, NULL, NULL },
	};
	int rc;

	memcpy(attempt->callbacks, callbacks, sizeof(callbacks));
	attempt->store = store;
	attempt->account.state = ACCOUNT_UNKNOWN;
	rc = sasl_server_new(service, config->hostname, config->domain, NULL,
	    NULL, attempt->callbacks, 0, &attempt->conn);
	if (rc == SASL_OK)
		return attempt;
	log_failure("new SASL handle: %s", sasl_errstring(rc, NULL, NULL));
	free(attempt);
	return NULL;
}

/* What the library's RC means to a session. */
static enum auth_result
judge(const struct sasl_attempt *attempt, int rc)
{
	if (attempt->trouble)
		return AUTH_LATER;
	switch (rc) {
	case SASL_OK:
		return attempt->account.state == ACCOUNT_OK ? AUTH_SUCCESS
							    : AUTH_FAILED;
	case SASL_CONTINUE:
		return AUTH_CONTINUE;
	case SASL_BADPROT:
	case SASL_BADPARAM:
		return AUTH_MALFORMED;
	case SASL_NOMECH:
		return attempt->password_checked ? AUTH_FAILED : AUTH_UNKNOWN;
	case SASL_NOMEM:
	case SASL_FAIL:
	case SASL_BUFOVER:
		log_failure("SASL: %s", sasl_errdetail(attempt->conn));
		return AUTH_LATER;
	default:
		return AUTH_FAILED;
	}
}

enum auth_result
sasl_attempt_start(struct sasl_attempt *attempt, const char *mechanism,
    const char *initial, size_t size, struct buf *challenge)
{
	const char *out = NULL;
	unsigned out_size = 0;
	int rc = sasl_server_start(attempt->conn, mechanism, initial,
	    (unsigned)size, &out, &out_size);

	buf_reset(challenge);
	if (rc == SASL_CONTINUE && out != NULL)
		buf_add(challenge, out, out_size);
	return judge(attempt, rc);
}

enum auth_result
sasl_attempt_step(struct sasl_attempt *attempt, const char *response,
    size_t size, struct buf *challenge)
{
	const char *out = NULL;
	unsigned out_size = 0;
	int rc = sasl_server_step(attempt->conn, response, (unsigned)size, &out,
	    &out_size);

	buf_reset(challenge);
	if (rc == SASL_CONTINUE && out != NULL)
		buf_add(challenge, out, out_size);
	return judge(attempt, rc);
}

enum auth_result
sasl_attempt_password(struct sasl_attempt *attempt, const char *name,
    const char *password)
{
	return judge(attempt,
	    sasl_checkpass(attempt->conn, name, (unsigned)strlen(name),
		password, (unsigned)strlen(password)));
}

/* MD5 of STAMP SECRET, in hexadecimal. */
static void
hash_apop(const char *stamp, const char *secret,
    char hex[2 * MD5_DIGEST_SIZE + 1])
{
	unsigned char digest[MD5_DIGEST_SIZE];
	struct md5_ctx md5;

	md5_init(&md5);
	md5_update(&md5, strlen(stamp), (const uint8_t *)stamp);
	md5_update(&md5, strlen(secret), (const uint8_t *)secret);
	md5_digest(&md5, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	explicit_bzero(&md5, sizeof(md5));
}

enum auth_result
sasl_attempt_apop(struct sasl_attempt *attempt, const char *name,
    const char *stamp, const char *digest)
{
	struct account *account = &attempt->account;
	char secret[APOP_SECRET_SIZE], hex[2 * MD5_DIGEST_SIZE + 1];
	bool right;

	copy_string(attempt->name, sizeof(attempt->name), name);
	if (account_find(attempt->store, name, strlen(name), account) == -1 ||
	    account_apop(attempt->store, account, secret) == -1)
		return AUTH_LATER;
	hash_apop(stamp, secret, hex);
	explicit_bzero(secret, sizeof(secret));
	right = strlen(digest) == strlen(hex) &&
	    gnutls_memcmp(digest, hex, strlen(hex)) == 0;
	return right && account->state == ACCOUNT_OK ? AUTH_SUCCESS
						     : AUTH_FAILED;
}

const char *
sasl_attempt_name(const struct sasl_attempt *attempt)
{
	return attempt->name;
}

const struct account *
sasl_attempt_account(const struct sasl_attempt *attempt)
{
	return &attempt->account;
}

void
sasl_attempt_free(struct sasl_attempt *attempt)
{
	if (attempt == NULL)
		return;
	sasl_dispose(&attempt->conn);
	explicit_bzero(attempt, sizeof(*attempt));
	free(attempt);
}
