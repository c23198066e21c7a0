/*
 * relay_auth.c - a dialog of AUTH (RFC 4954 4), as its client.
 *
 * Which mechanism, of those that the host offers and we have, the library
 * chooses: the strongest.  With one that proves who the server is (SCRAM) a 235
 * counts only when the proof is there.
 */
#include "smtpd/relay_auth.h"

#include <fcntl.h>
#include <sasl/sasl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/auth.h"
#include "common/buf.h"
#include "common/config.h"
#include "common/log.h"
#include "common/smtp_client.h"
#include "smtpd/route.h"

enum { SECRET_MAX = 1024, ROUNDS_MAX = 10 };

/* The login that is under way, for the library's callbacks. */
struct attempt {
	const char *login;
	sasl_secret_t *secret;
};

static bool is_loaded;

static int
give_name(void *context, int id, const char **result, unsigned *size)
{
	const struct attempt *attempt = context;

	/* The authorization identity is who logs in. */
	*result = id == SASL_CB_USER ? "" : attempt->login;
	if (size != NULL)
		*size = (unsigned)strlen(*result);
	return SASL_OK;
}

static int
give_secret(sasl_conn_t *conn, void *context, int id, sasl_secret_t **secret)
{
	const struct attempt *attempt = context;

	(void)conn;
	(void)id;
	*secret = attempt->secret;
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

void
relay_auth_prepare(const struct config *config)
{
	/* The library's pointers to functions have no one type. */
	static const sasl_callback_t callbacks[] = {
		{ SASL_CB_LOG, (int (*)(void))(void (*)(void))log_message,
		    NULL },
		{ SASL_CB_LIST_END, NULL, NULL },
	};
	bool wanted = false;

	for (size_t i = 0; i < config->route_count; i++)
		wanted = wanted || *config->routes[i].login != '\0';
	if (!wanted)
		return;
	is_loaded = sasl_client_init(callbacks) == SASL_OK;
	if (!is_loaded)
		log_failure("SASL: the client side cannot be loaded");
}

/* The first line of FILE.  NULL: logged. */
static sasl_secret_t *
read_secret(const char *file)
{
	struct buf text = BUF_INIT;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	sasl_secret_t *secret = NULL;
	size_t size;

	if (fd == -1 || buf_read(&text, fd, SECRET_MAX) != 0) {
		log_errno("read %s", file);
	} else {
		size = strcspn(text.data, "\r\n");
		secret = xcalloc(1, sizeof(*secret) + size + 1);
		secret->len = size;
		memcpy(secret->data, text.data, size);
	}
	if (fd != -1)
		close(fd);
	if (text.size > 0)
		explicit_bzero(text.data, text.size);
	buf_clear(&text);
	return secret;
}

static void
forget(sasl_secret_t *secret)
{
	if (secret == NULL)
		return;
	explicit_bzero(secret->data, secret->len);
	free(secret);
}

/* A response in base64; "=" is an empty initial one (RFC 4954 4). */
static struct reply
send_response(struct smtp_client *client, const char *command, const char *data,
    size_t size)
{
	struct buf line = BUF_INIT;
	struct reply r;

	buf_addstr(&line, command);
	if (data != NULL && size == 0 && *command != '\0')
		buf_addchar(&line, '=');
	else if (data != NULL)
		auth_base64_encode(data, size, &line);
	r = smtp_command(client, "%s", line.data);
	explicit_bzero(line.data, line.size);
	buf_clear(&line);
	return r;
}

/* The rest of the dialog, behind the reply R. */
static struct reply
go_on(struct smtp_client *client, sasl_conn_t *conn, int rc, struct reply r)
{
	for (int i = 0; r.code == 334 && i < ROUNDS_MAX; i++) {
		struct buf challenge = BUF_INIT;
		const char *data = "";
		unsigned size = 0;
		bool good = auth_base64_decode(r.text, &challenge);

		if (good && rc == SASL_CONTINUE)
			rc = sasl_client_step(conn, challenge.data,
			    (unsigned)challenge.size, NULL, &data, &size);
		buf_clear(&challenge);
		if (!good || (rc != SASL_OK && rc != SASL_CONTINUE))
			return smtp_command(client, "*");
		r = send_response(client, "", data == NULL ? "" : data, size);
	}
	if (r.code == 235 && rc != SASL_OK)
		return reply(535, "5.7.8 the server has not proved itself");
	return r;
}

static struct reply
converse(struct smtp_client *client, sasl_conn_t *conn)
{
	const char *mechanism = NULL;
	const char *data = NULL;
	char command[64];
	unsigned size = 0;
	int rc = sasl_client_start(conn, client->auth, NULL, &data, &size,
	    &mechanism);

	if (rc != SASL_OK && rc != SASL_CONTINUE)
		return reply(504, "5.5.4 none of its mechanisms can be used");
	(void)snprintf(command, sizeof(command), "AUTH %s%s", mechanism,
	    data == NULL ? "" : " ");
	return go_on(client, conn, rc,
	    send_response(client, command, data, size));
}

static struct reply
log_in(struct smtp_client *client, const struct hop *hop,
    struct attempt *attempt)
{
	const sasl_callback_t callbacks[] = {
		{ SASL_CB_USER, (int (*)(void))(void (*)(void))give_name,
		    attempt },
		{ SASL_CB_AUTHNAME, (int (*)(void))(void (*)(void))give_name,
		    attempt },
		{ SASL_CB_PASS, (int (*)(void))(void (*)(void))give_secret,
		    attempt },
		{ SASL_CB_LIST_END, NULL, NULL },
	};
	sasl_conn_t *conn = NULL;
	struct reply r = reply(454, "4.7.0 SASL is out of order");

	if (sasl_client_new("smtp", hop->host, NULL, NULL, callbacks, 0,
		&conn) == SASL_OK)
		r = converse(client, conn);
	sasl_dispose(&conn);
	return r;
}

struct reply
relay_auth(struct smtp_client *client, const struct hop *hop, const char *where)
{
	struct attempt attempt = { .login = hop->login };
	struct reply r;

	if (!is_loaded)
		return reply(451, "4.7.0 SASL is not loaded");
	if ((client->extensions & EXT_AUTH) == 0)
		return reply(451, "4.7.0 %s offers no AUTH", where);
	attempt.secret = read_secret(hop->password_file);
	if (attempt.secret == NULL)
		return reply(451, "4.3.5 the password for %s cannot be read",
		    where);
	r = log_in(client, hop, &attempt);
	forget(attempt.secret);
	if (r.code == 235)
		return reply(250, "2.7.0 Ok");
	return reply(451, "4.7.8 cannot log in to %s: %d %s", where, r.code,
	    r.text);
}
