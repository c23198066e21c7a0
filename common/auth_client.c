/*
 * auth_client.c - Cyrus SASL's client side, behind five calls.
 *
 * A new SASL handle a login: one handle for two mechanisms was CVE-2011-1720.
 */
#include "common/auth_client.h"

#include <sasl/sasl.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

enum { CALLBACKS = 4 };

struct auth_client {
	sasl_conn_t *conn;
	sasl_callback_t callbacks[CALLBACKS];
	const char *name;
	sasl_secret_t *secret;
	int rc; /* of the last step */
};

static bool is_loaded;

static int
give_name(void *context, int id, const char **result, unsigned *size)
{
	const struct auth_client *client = context;

	/* The authorization identity is who logs in. */
	*result = id == SASL_CB_USER ? "" : client->name;
	if (size != NULL)
		*size = (unsigned)strlen(*result);
	return SASL_OK;
}

static int
give_secret(sasl_conn_t *conn, void *context, int id, sasl_secret_t **secret)
{
	const struct auth_client *client = context;

	(void)conn;
	(void)id;
	*secret = client->secret;
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

/* The library's pointers to functions have no one type. */
#define CALLBACK(f) ((int (*)(void))(void (*)(void))(f))

int
auth_client_prepare(void)
{
	static const sasl_callback_t callbacks[] = {
		{ SASL_CB_LOG, CALLBACK(log_message), NULL },
		{ SASL_CB_LIST_END, NULL, NULL },
	};

	if (is_loaded)
		return 0;
	is_loaded = sasl_client_init(callbacks) == SASL_OK;
	if (!is_loaded)
		return log_failure("SASL: the client side cannot be loaded");
	return 0;
}

static sasl_secret_t *
copy_secret(const struct auth_login *login)
{
	sasl_secret_t *secret =
	    xcalloc(1, sizeof(*secret) + login->password_size + 1);

	secret->len = login->password_size;
	memcpy(secret->data, login->password, login->password_size);
	return secret;
}

struct auth_client *
auth_client_open(const char *service, const char *host,
    const struct auth_login *login)
{
	const sasl_security_properties_t security = {
		.max_ssf = 0, /* TLS encrypts, not the mechanism */
		.security_flags = SASL_SEC_NOANONYMOUS,
	};
	struct auth_client *client;

	if (!is_loaded)
		return NULL;
	client = xcalloc(1, sizeof(*client));
	client->name = login->name;
	client->secret = copy_secret(login);
	client->callbacks[0] =
	    (sasl_callback_t){ SASL_CB_USER, CALLBACK(give_name), client };
	client->callbacks[1] =
	    (sasl_callback_t){ SASL_CB_AUTHNAME, CALLBACK(give_name), client };
	client->callbacks[2] =
	    (sasl_callback_t){ SASL_CB_PASS, CALLBACK(give_secret), client };
	client->callbacks[3] =
	    (sasl_callback_t){ SASL_CB_LIST_END, NULL, NULL };
	if (sasl_client_new(service, host, NULL, NULL, client->callbacks, 0,
		&client->conn) == SASL_OK &&
	    sasl_setprop(client->conn, SASL_SEC_PROPS, &security) == SASL_OK)
		return client;
	auth_client_close(client);
	return NULL;
}

void
auth_client_close(struct auth_client *client)
{
	if (client == NULL)
		return;
	sasl_dispose(&client->conn);
	explicit_bzero(client->secret->data, client->secret->len);
	free(client->secret);
	free(client);
}

static bool
is_going(const struct auth_client *client)
{
	return client->rc == SASL_OK || client->rc == SASL_CONTINUE;
}

const char *
auth_client_start(struct auth_client *client, const char *mechanisms,
    struct buf *response, bool *has_out)
{
	const char *mechanism = NULL;
	const char *data = NULL;
	unsigned size = 0;

	client->rc = sasl_client_start(client->conn, mechanisms, NULL, &data,
	    &size, &mechanism);
	*has_out = data != NULL;
	if (!is_going(client))
		return NULL;
	if (data != NULL)
		buf_add(response, data, size);
	return mechanism;
}

bool
auth_client_step(struct auth_client *client, const char *challenge, size_t size,
    struct buf *response)
{
	const char *data = NULL;
	unsigned data_size = 0;

	if (client->rc == SASL_OK)
		return true; /* a last word that needs no answer */
	client->rc = sasl_client_step(client->conn, challenge, (unsigned)size,
	    NULL, &data, &data_size);
	if (!is_going(client))
		return false;
	if (data != NULL)
		buf_add(response, data, data_size);
	return true;
}

bool
auth_client_is_done(const struct auth_client *client)
{
	return client->rc == SASL_OK;
}
