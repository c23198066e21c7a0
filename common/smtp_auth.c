/*
 * smtp_auth.c - a dialog of AUTH (RFC 4954 4), as its client.
 */
#include "common/smtp_auth.h"

#include <string.h>

#include "common/auth.h"
#include "common/auth_client.h"
#include "common/buf.h"
#include "common/smtp_client.h"

enum { ROUNDS_MAX = 10 };

static void
forget(struct buf *secret)
{
	explicit_bzero(secret->data, secret->size);
	buf_clear(secret);
}

/* Sends COMMAND with RESPONSE in base64 behind it. */
static struct reply
send_response(struct smtp_client *client, const char *command,
    const struct buf *response)
{
	struct buf line = BUF_INIT;
	struct reply r;

	buf_addstr(&line, command);
	auth_base64_encode(response->data, response->size, &line);
	r = smtp_command(client, "%s", line.data);
	forget(&line);
	return r;
}

/* The rest of the dialog, behind the reply R. */
static struct reply
go_on(struct smtp_client *client, struct auth_client *auth, struct reply r)
{
	for (int i = 0; r.code == 334 && i < ROUNDS_MAX; i++) {
		struct buf challenge = BUF_INIT;
		struct buf response = BUF_INIT;
		bool good = auth_base64_decode(r.text, &challenge) &&
		    auth_client_step(auth, challenge.data, challenge.size,
			&response);

		if (good)
			r = send_response(client, "", &response);
		buf_clear(&challenge);
		forget(&response);
		if (!good)
			return smtp_command(client, "*");
	}
	if (r.code == 235 && !auth_client_is_done(auth))
		return reply(535, "5.7.8 the server has not proved itself");
	return r;
}

static struct reply
converse(struct smtp_client *client, struct auth_client *auth)
{
	struct buf response = BUF_INIT;
	struct buf command = BUF_INIT;
	bool has = false;
	const char *mechanism =
	    auth_client_start(auth, client->auth, &response, &has);
	struct reply r = reply(504, "5.5.4 none of its mechanisms can be used");

	if (mechanism != NULL) {
		/* RFC 4954 4: "=" is an initial response that is empty. */
		buf_printf(&command, "AUTH %s%s%s", mechanism, has ? " " : "",
		    has && response.size == 0 ? "=" : "");
		r = go_on(client, auth,
		    send_response(client, command.data, &response));
	}
	buf_clear(&command);
	forget(&response);
	return r;
}

struct reply
smtp_auth(struct smtp_client *client, const char *host,
    const struct auth_login *login)
{
	struct auth_client *auth;
	struct reply r;

	if ((client->extensions & EXT_AUTH) == 0)
		return reply(503, "5.5.1 AUTH is not offered");
	auth = auth_client_open("smtp", host, login);
	if (auth == NULL)
		return reply(454, "4.7.0 SASL is out of order");
	r = converse(client, auth);
	auth_client_close(auth);
	return r;
}
