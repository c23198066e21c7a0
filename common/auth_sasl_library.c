/*
 * auth_sasl_library.c - Cyrus SASL itself: what it loads, what it is told, and
 * the auxprop plugin by which it gets our secrets.
 */
#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <string.h>

#include "common/auth_mechs.h"
#include "common/auth_policy.h"
#include "common/auth_sasl.h"
#include "common/auth_sasl_private.h"
#include "common/log.h"

/* What the next attempt may use: mech_list. */
static struct buf mechanism_list = BUF_INIT;

/* Whose mechanisms are loaded; NULL: all. */
static const struct config *wanted;

int
sasl_option(void *context, const char *plugin, const char *option,
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

static int
log_message(void *context, int level, const char *message)
{
	(void)context;
	if (level == SASL_LOG_ERR)
		log_failure("SASL: %s", message);
	return SASL_OK;
}

/* Loads the plugins of the mechanisms we want and nothing else. */
static int
verify_file(void *context, const char *file, sasl_verify_type_t type)
{
	static const struct {
		const char *file;
		const char *mechanism;
	} plugins[] = {
		{ "libplain.", "PLAIN" },
		{ "liblogin.", "LOGIN" },
		{ "libcrammd5.", "CRAM-MD5" },
		{ "libdigestmd5.", "DIGEST-MD5" },
		{ "libscram.", "SCRAM-SHA-256" },
		{ "libscram.", "SCRAM-SHA-1" },
	};
	const char *name = strrchr(file, '/');

	(void)context;
	if (type != SASL_VRFY_PLUGIN || name == NULL)
		return SASL_CONTINUE;
	for (size_t i = 0; i < COUNT(plugins); i++)
		if (strncmp(name + 1, plugins[i].file,
			strlen(plugins[i].file)) == 0 &&
		    (wanted == NULL ||
			auth_policy(wanted, plugins[i].mechanism, true, true) ==
			    AUTH_CONTINUE))
			return SASL_OK;
	return SASL_CONTINUE;
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
    const struct account *account)
{
	const struct secret *secret = &account->secret;
	const char *const scram[] = { secret->scram_sha256,
		secret->scram_sha1 };
	const char *state = (const char *)secret->cram_md5;
	const char *digest =
	    (const char *)secret->digest_md5[account->digest_form];
	int rc = SASL_OK;

	if (strcmp(property, "*authPassword") == 0)
		for (size_t i = 0; i < COUNT(scram) && rc == SASL_OK; i++)
			rc = params->utils->prop_set(params->propctx, property,
			    scram[i], 0);
	if (strcmp(property, "*cmusaslsecretCRAM-MD5") == 0)
		rc = params->utils->prop_set(params->propctx, property, state,
		    CRAM_STATE_SIZE);
	if (strcmp(property, "*cmusaslsecretDIGEST-MD5") == 0)
		rc = params->utils->prop_set(params->propctx, property, digest,
		    DIGEST_SIZE);
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
			    sasl_attempt_account(attempt));
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
		{ SASL_CB_GETOPT, PROC(sasl_option), NULL },
		{ SASL_CB_LOG, PROC(log_message), NULL },
		{ SASL_CB_VERIFYFILE, PROC(verify_file), NULL },
		{ SASL_CB_LIST_END, NULL, NULL },
	};
	/* Without a name it looks for no configuration file. */
	int rc;

	wanted = config;
	rc = sasl_server_init(callbacks, NULL);
	if (rc == SASL_OK)
		rc = sasl_auxprop_add_plugin("postlab", auxprop_init);
	if (rc != SASL_OK)
		return log_failure("start SASL: %s",
		    sasl_errstring(rc, NULL, NULL));
	if (auth_mechs_register() == -1)
		return -1;
	buf_reset(&mechanism_list);
	if (config != NULL)
		auth_policy_each(config, admit_mechanism, NULL);
	return 0;
}
