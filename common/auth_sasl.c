/*
 * auth_sasl.c - Cyrus SASL with our accounts behind it.
 *
 * How a name and a secret reach the library: it calls canonicalize() with what
 * the client typed, which looks the account up; then either check_password()
 * (PLAIN, LOGIN, USER and PASS) or the auxprop plugin's give_properties()
 * (SCRAM: authPassword, RFC 5803; CRAM-MD5: cmusaslsecretCRAM-MD5).  All three
 * find the attempt as the context of the callbacks of the connection.
 */
#include "common/auth_sasl.h"

#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <stdlib.h>
#include <string.h>

#include "common/auth_mechs.h"
#include "common/auth_policy.h"
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

/* A function for a row of callbacks; its id says what type it really has. */
#define PROC(function) ((sasl_callback_ft)(void (*)(void))(function))

/* What the next attempt may use: mech_list. */
static struct buf mechanism_list = BUF_INIT;

static int
get_option(void *context, const char *plugin, const char *option,
    const char **result, unsigned *size)
{
	static const struct {
		const char *option;
		const char *value;
	} options[] = {
		{ "auxprop_plugin", "postlab" },
		/* check_password() has the last word, no verifier after it. */
		{ "pwcheck_method", "none" },
	};

	(void)context;
	(void)plugin;
	*result = NULL;
	for (size_t i = 0; i < COUNT(options); i++)
		if (strcmp(option, options[i].option) == 0)
			*result = options[i].value;
	if (strcmp(option, "mech_list") == 0)
		*result = mechanism_list.data;
	if (*result == NULL)
		return SASL_FAIL;
	if (size != NULL)
		*size = (unsigned)strlen(*result);
	return SASL_OK;
}

/* The library's words; not its report of each wrong password, we have ours. */
static int
log_message(void *context, int level, const char *message)
{
	const struct sasl_attempt *attempt = context;

	if (level == SASL_LOG_ERR &&
	    (attempt == NULL || !attempt->password_checked))
		log_failure("SASL: %s", message);
	return SASL_OK;
}

/* Loads the plugins of our mechanisms and nothing else from the folder. */
static int
verify_file(void *context, const char *file, sasl_verify_type_t type)
{
	static const char *const wanted[] = {
		"libplain.",
		"liblogin.",
		"libcrammd5.",
		"libscram.",
	};
	const char *name = strrchr(file, '/');

	(void)context;
	if (type != SASL_VRFY_PLUGIN || name == NULL)
		return SASL_CONTINUE;
	for (size_t i = 0; i < COUNT(wanted); i++)
		if (strncmp(name + 1, wanted[i], strlen(wanted[i])) == 0)
			return SASL_OK;
	return SASL_CONTINUE;
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

	(void)conn;
	(void)user;
	(void)properties;
	attempt->password_checked = true;
	/* Without a secret it works on a dummy and says no. */
	return secret_verify(account->state == ACCOUNT_OK ? &account->secret
							  : NULL,
		   password, size)
	    ? SASL_OK
	    : SASL_BADAUTH;
}

static const struct sasl_attempt *
find_attempt(const sasl_server_params_t *params)
{
	const sasl_callback_t *row = params->callbacks;

	while (row->id != SASL_CB_CANON_USER)
		row++;
	return row->context;
}

static int
give_secret(const sasl_server_params_t *params, const char *property,
    const struct secret *secret)
{
	const char *const scram[] = { secret->scram_sha256,
		secret->scram_sha1 };
	const char *state = (const char *)secret->cram_md5;
	int rc = SASL_OK;

	if (strcmp(property, "*authPassword") == 0)
		for (size_t i = 0; i < COUNT(scram) && rc == SASL_OK; i++)
			rc = params->utils->prop_set(params->propctx, property,
			    scram[i], 0);
	if (strcmp(property, "*cmusaslsecretCRAM-MD5") == 0)
		rc = params->utils->prop_set(params->propctx, property, state,
		    CRAM_STATE_SIZE);
	return rc;
}

/*
 * The auxprop plugin's lookup.  A name with '*' is a property of who logs in;
 * nothing is given away about whom he wants to act for.
 */
static int
give_properties(void *global, sasl_server_params_t *params, unsigned flags,
    const char *user, unsigned size)
{
	const struct sasl_attempt *attempt = find_attempt(params);
	const struct propval *value;
	int rc = SASL_OK;

	(void)global;
	(void)user;
	(void)size;
	if ((flags & SASL_AUXPROP_AUTHZID) != 0)
		return SASL_OK;
	value = params->utils->prop_get(params->propctx);
	for (; value != NULL && value->name != NULL && rc == SASL_OK; value++)
		if (value->values == NULL)
			rc = give_secret(params, value->name,
			    &attempt->account.secret);
	return rc;
}

static int
auxprop_init(const sasl_utils_t *utils, int max_version, int *version,
    sasl_auxprop_plug_t **plugin, const char *plugin_name)
{
	static char name[] = "postlab";
	static sasl_auxprop_plug_t postlab = {
		.auxprop_lookup = give_properties,
		.name = name,
	};

	(void)utils;
	(void)plugin_name;
	if (max_version < SASL_AUXPROP_PLUG_VERSION)
		return SASL_BADVERS;
	*version = SASL_AUXPROP_PLUG_VERSION;
	*plugin = &postlab;
	return SASL_OK;
}

/* A mechanism of the configuration: into the list, if the library has it. */
static void
admit_mechanism(void *arg, const char *mechanism)
{
	(void)arg;
	if (!auth_mechs_available(mechanism)) {
		log_event(LOG_WARN, "mechanism-missing",
		    "mechanism=%s help=\"install libsasl2-modules\"",
		    mechanism);
		return;
	}
	if (mechanism_list.size > 0)
		buf_addchar(&mechanism_list, ' ');
	buf_addstr(&mechanism_list, mechanism);
}

int
auth_sasl_init(const struct config *config)
{
	static const sasl_callback_t callbacks[] = {
		{ SASL_CB_GETOPT, PROC(get_option), NULL },
		{ SASL_CB_LOG, PROC(log_message), NULL },
		{ SASL_CB_VERIFYFILE, PROC(verify_file), NULL },
		{ SASL_CB_LIST_END, NULL, NULL },
	};
	/* Without a name it looks for no configuration file. */
	int rc = sasl_server_init(callbacks, NULL);

	if (rc == SASL_OK)
		rc = sasl_auxprop_add_plugin("postlab", auxprop_init);
	if (rc != SASL_OK)
		return log_failure("start SASL: %s",
		    sasl_errstring(rc, NULL, NULL));
	if (auth_mechs_register() == -1)
		return -1;
	buf_reset(&mechanism_list);
	auth_policy_each(config, admit_mechanism, NULL);
	return 0;
}

struct sasl_attempt *
sasl_attempt_new(const struct config *config, struct account_store *store,
    const char *service)
{
	struct sasl_attempt *attempt = xcalloc(1, sizeof(*attempt));
	const sasl_callback_t callbacks[CALLBACKS] = {
		{ SASL_CB_GETOPT, PROC(get_option), NULL },
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
	rc = sasl_server_new(service, config->hostname, NULL, NULL, NULL,
	    attempt->callbacks, 0, &attempt->conn);
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
