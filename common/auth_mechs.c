/*
 * auth_mechs.c - LOGIN and CRAM-MD5 as SASL plugins of our own (saslplug.h).
 *
 * LOGIN: draft-murchison-sasl-login-00.  CRAM-MD5: RFC 2195; the shared secret
 * is the pre-keyed HMAC-MD5 state that the auxprop plugin gives as
 * cmusaslsecretCRAM-MD5, and the arithmetic is the library's (utils).
 */
#include "common/auth_mechs.h"

#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/log.h"
#include "common/mem.h"

enum { NAME_SIZE = 1025, CHALLENGE_SIZE = 400, DIGEST_SIZE = 16 };

/* The secret of the user, and of no one else ('*'): prop.h. */
static const char cram_property[] = "*cmusaslsecretCRAM-MD5";

struct login_context {
	enum { ASK_NAME, GET_NAME, GET_PASSWORD } state;
	char name[NAME_SIZE];
	unsigned size;
};

struct cram_context {
	char challenge[CHALLENGE_SIZE];
};

static void
set_done(sasl_out_params_t *out)
{
	out->doneflag = 1;
	out->mech_ssf = 0;
	out->maxoutbuf = 0;
}

static void
put_challenge(const char *text, const char **out, unsigned *out_size)
{
	*out = text;
	*out_size = (unsigned)strlen(text);
}

static int
login_new(void *global, sasl_server_params_t *params, const char *challenge,
    unsigned size, void **context)
{
	(void)global;
	(void)params;
	(void)challenge;
	(void)size;
	*context = xcalloc(1, sizeof(struct login_context));
	return SASL_OK;
}

static int
check_password(const struct login_context *login, sasl_server_params_t *params,
    const char *in, unsigned size, sasl_out_params_t *out)
{
	char password[NAME_SIZE];
	int rc =
	    params->canon_user(params->utils->conn, login->name, login->size,
		SASL_CU_AUTHID | SASL_CU_AUTHZID | SASL_CU_EXTERNALLY_VERIFIED,
		out);

	if (rc != SASL_OK)
		return rc;
	memcpy(password, in, size);
	password[size] = '\0';
	rc = params->utils->checkpass(params->utils->conn, out->authid,
	    out->alen, password, size);
	explicit_bzero(password, sizeof(password));
	if (rc == SASL_OK)
		set_done(out);
	return rc;
}

static int
login_step(void *context, sasl_server_params_t *params, const char *in,
    unsigned size, const char **out, unsigned *out_size,
    sasl_out_params_t *result)
{
	struct login_context *login = context;

	*out = NULL;
	*out_size = 0;
	if (size >= NAME_SIZE)
		return SASL_BADPROT;
	/* An initial response is the name. */
	if (login->state == ASK_NAME && size == 0) {
		login->state = GET_NAME;
		put_challenge("Username:", out, out_size);
		return SASL_CONTINUE;
	}
	if (login->state == GET_PASSWORD)
		return check_password(login, params, in, size, result);
	if (size > 0)
		memcpy(login->name, in, size);
	login->name[size] = '\0';
	login->size = size;
	login->state = GET_PASSWORD;
	put_challenge("Password:", out, out_size);
	return SASL_CONTINUE;
}

static int
cram_new(void *global, sasl_server_params_t *params, const char *challenge,
    unsigned size, void **context)
{
	(void)global;
	(void)params;
	(void)challenge;
	(void)size;
	*context = xcalloc(1, sizeof(struct cram_context));
	return SASL_OK;
}

/* The pre-keyed state of the user NAME, who becomes the one to log in. */
static int
fetch_secret(sasl_server_params_t *params, const char *name, unsigned size,
    HMAC_MD5_STATE *state, sasl_out_params_t *out)
{
	const sasl_utils_t *utils = params->utils;
	const char *request[] = { cram_property, NULL };
	struct propval value[2] = { { 0 } };
	int rc = utils->prop_request(params->propctx, request);

	if (rc != SASL_OK)
		return rc;
	rc = params->canon_user(utils->conn, name, size,
	    SASL_CU_AUTHID | SASL_CU_AUTHZID, out);
	if (rc != SASL_OK)
		return rc;
	if (utils->prop_getnames(params->propctx, request, value) < 1 ||
	    value[0].values == NULL || value[0].valsize != sizeof(*state))
		return SASL_NOUSER;
	memcpy(state, value[0].values[0], sizeof(*state));
	return SASL_OK;
}

/* HMAC-MD5 of the challenge in lower-case hexadecimal. */
static void
compute_digest(const sasl_utils_t *utils, const char *challenge,
    HMAC_MD5_STATE *state, char hex[2 * DIGEST_SIZE + 1])
{
	unsigned char digest[DIGEST_SIZE];
	HMAC_MD5_CTX hmac;

	utils->hmac_md5_import(&hmac, state);
	utils->MD5Update(&hmac.ictx, (const unsigned char *)challenge,
	    (unsigned)strlen(challenge));
	utils->hmac_md5_final(digest, &hmac);
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

/* Equal, in a time that does not depend on where they differ. */
static bool
is_same(const char *a, const char *b, size_t size)
{
	unsigned char difference = 0;

	for (size_t i = 0; i < size; i++)
		difference |= (unsigned char)(a[i] ^ b[i]);
	return difference == 0;
}

/* response = user SP digest; the user may hold blanks, the digest cannot. */
static int
check_digest(const struct cram_context *cram, sasl_server_params_t *params,
    const char *in, unsigned size, sasl_out_params_t *out)
{
	enum { HEX = 2 * DIGEST_SIZE };
	HMAC_MD5_STATE state;
	char hex[HEX + 1];
	int rc;

	if (size < HEX + 2 || size > NAME_SIZE || in[size - HEX - 1] != ' ')
		return SASL_BADPROT;
	rc = fetch_secret(params, in, size - HEX - 1, &state, out);
	if (rc != SASL_OK)
		return rc;
	compute_digest(params->utils, cram->challenge, &state, hex);
	explicit_bzero(&state, sizeof(state));
	if (!is_same(hex, in + size - HEX, HEX))
		return SASL_BADAUTH;
	set_done(out);
	return SASL_OK;
}

static int
cram_step(void *context, sasl_server_params_t *params, const char *in,
    unsigned size, const char **out, unsigned *out_size,
    sasl_out_params_t *result)
{
	struct cram_context *cram = context;

	*out = NULL;
	*out_size = 0;
	if (cram->challenge[0] != '\0')
		return check_digest(cram, params, in, size, result);
	if (size != 0)
		return SASL_BADPROT;
	if (params->utils->mkchal(params->utils->conn, cram->challenge,
		CHALLENGE_SIZE, 1) <= 0)
		return SASL_FAIL;
	put_challenge(cram->challenge, out, out_size);
	return SASL_CONTINUE;
}

static void
dispose(void *context, const sasl_utils_t *utils)
{
	(void)utils;
	free(context);
}

static sasl_server_plug_t login_plugin = {
	.mech_name = "LOGIN",
	.security_flags = SASL_SEC_NOANONYMOUS | SASL_SEC_PASS_CREDENTIALS,
	.mech_new = login_new,
	.mech_step = login_step,
	.mech_dispose = dispose,
};

static sasl_server_plug_t cram_plugin = {
	.mech_name = "CRAM-MD5",
	.security_flags = SASL_SEC_NOANONYMOUS | SASL_SEC_NOPLAINTEXT,
	.features = SASL_FEAT_SERVER_FIRST,
	.mech_new = cram_new,
	.mech_step = cram_step,
	.mech_dispose = dispose,
};

static int
login_init(const sasl_utils_t *utils, int max_version, int *version,
    sasl_server_plug_t **plugins, int *count)
{
	(void)utils;
	if (max_version < SASL_SERVER_PLUG_VERSION)
		return SASL_BADVERS;
	*version = SASL_SERVER_PLUG_VERSION;
	*plugins = &login_plugin;
	*count = 1;
	return SASL_OK;
}

static int
cram_init(const sasl_utils_t *utils, int max_version, int *version,
    sasl_server_plug_t **plugins, int *count)
{
	int rc = login_init(utils, max_version, version, plugins, count);

	*plugins = &cram_plugin;
	return rc;
}

/* Ours, and whether they had to be registered. */
static struct own {
	const char *name;
	sasl_server_plug_init_t *init;
	bool registered;
} own[] = {
	{ "LOGIN", login_init, false },
	{ "CRAM-MD5", cram_init, false },
};

/* The library's list is made once, when its plugins are loaded. */
static bool
is_loaded(const char *mechanism)
{
	const char **list = sasl_global_listmech();

	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		if (strcasecmp(list[i], mechanism) == 0)
			return true;
	return false;
}

int
auth_mechs_register(void)
{
	for (size_t i = 0; i < COUNT(own); i++) {
		int rc;

		if (is_loaded(own[i].name))
			continue;
		rc = sasl_server_add_plugin(own[i].name, own[i].init);
		if (rc != SASL_OK)
			return log_failure("register SASL mechanism %s: %s",
			    own[i].name, sasl_errstring(rc, NULL, NULL));
		own[i].registered = true;
	}
	return 0;
}

bool
auth_mechs_available(const char *mechanism)
{
	for (size_t i = 0; i < COUNT(own); i++)
		if (own[i].registered &&
		    strcasecmp(own[i].name, mechanism) == 0)
			return true;
	return is_loaded(mechanism);
}
