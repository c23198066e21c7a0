/*
 * secure.c - STARTTLS (RFC 3207) and AUTH (RFC 4954).
 *
 * Straight-line inside their handlers: the one goes on in TLS, the other has
 * the dialog of auth_dialog.h in it.
 */
#include "smtpd/commands.h"

#include <string.h>

#include "common/auth_dialog.h"
#include "common/conn.h"
#include "common/log.h"
#include "common/server.h"
#include "common/tls.h"
#include "common/transcript.h"
#include "smtpd/session.h"

enum { FAILED_LOGINS_MAX = 5 };

static const struct reply nothing;

bool
starttls_must_come_first(const struct session *s)
{
	return s->listener->tls == TLS_REQUIRED &&
	    tls_describe(s->conn) == NULL;
}

bool
starttls_is_offered(const struct session *s)
{
	return (s->listener->tls == TLS_STARTTLS ||
		   s->listener->tls == TLS_REQUIRED) &&
	    config_offers(s->listener, "STARTTLS") && server_tls() != NULL &&
	    tls_describe(s->conn) == NULL;
}

struct reply
command_starttls(struct session *s, char *argument)
{
	size_t dropped = 0;
	int rc;

	if (*argument != '\0')
		return command_usage("STARTTLS");
	if (tls_describe(s->conn) != NULL)
		return reply(503, "5.5.1 Error: TLS already active");
	if (s->listener->tls == TLS_OFF ||
	    !config_offers(s->listener, "STARTTLS"))
		return reply(502, "5.5.1 Error: command not implemented");
	if (server_tls() == NULL)
		return reply(454,
		    "4.7.0 TLS not available due to local problem");

	conn_putline(s->conn, "220 2.0.0 Ready to start TLS");
	session_forget(s);
	rc = tls_accept(s->conn, server_tls(), &dropped);
	if (dropped > 0)
		log_event(LOG_WARN, "tls-injection",
		    "peer=%s dropped=%zu what=\"text sent in clear behind "
		    "STARTTLS\"",
		    s->peer->address, dropped);
	if (rc == -1) {
		log_event(LOG_WARN, "tls-failed", "peer=%s why=%s",
		    s->peer->address, log_safe(conn_error(s->conn)));
		s->state = DONE;
		s->farewell = "TLS handshake failed";
		return nothing;
	}
	log_event(LOG_DEBUG, "tls", "peer=%s tls=%s", s->peer->address,
	    log_safe(tls_describe(s->conn)));
	return nothing;
}

/* RFC 4954 4 and 6, in the words of Postfix where it has some. */
static struct reply
auth_refusal(enum auth_result result, bool blank_before_name)
{
	switch (result) {
	case AUTH_CANCELLED:
		return reply(501, "5.7.0 Authentication aborted");
	case AUTH_BAD_BASE64:
		return reply(501, "5.5.2 Error: that is not base64");
	case AUTH_MALFORMED:
		return reply(501, "5.5.4 Error: malformed AUTH response");
	case AUTH_UNKNOWN:
		return reply(504,
		    "5.5.4 Error: authentication mechanism not available");
	case AUTH_WEAK:
		return reply(538,
		    "5.7.11 Encryption required for requested "
		    "authentication mechanism");
	case AUTH_LATER:
		return reply(454, "4.7.0 Temporary authentication failure");
	case AUTH_TOO_MANY:
		return reply(454,
		    "4.7.0 Too many failed attempts, wait some "
		    "minutes");
	case AUTH_LINE_LONG:
		return reply(500,
		    "5.5.6 Authentication exchange line is too "
		    "long");
	case AUTH_GONE:
		return nothing;
	case AUTH_FAILED:
	case AUTH_CONTINUE:
	case AUTH_SUCCESS:
		break;
	}
	return reply(535, "5.7.8 Error: authentication failed%s",
	    blank_before_name ? ": the user name begins with a blank" : "");
}

static void
log_in(struct session *s, const struct auth *auth)
{
	if (!copy_string(s->login, sizeof(s->login), auth_login(auth)))
		panic("a login of more than %zu bytes", sizeof(s->login));
	s->was_logged_in = true;
	log_event(LOG_DEBUG, "login", "login=%s peer=%s helo=%s tls=%s",
	    log_safe(s->login), s->peer->address, log_safe(s->helo),
	    tls_describe(s->conn) == NULL ? "no" : "yes");
}

/* Whoever has failed so often here may try again elsewhere. */
static struct reply
count_failure(struct session *s, struct reply r)
{
	if (++s->failed_logins < FAILED_LOGINS_MAX)
		return r;
	s->state = DONE;
	s->farewell = "too many failed logins";
	return reply(421, "4.7.0 %s Error: too many failed logins",
	    s->service->config->hostname);
}

struct reply
command_auth(struct session *s, char *argument)
{
	struct auth_dialog dialog = {
		.start = {
			.program = "smtpd",
			.service = "smtp",
			.peer = s->peer->address,
			.tls = tls_describe(s->conn) != NULL,
			.cleartext = s->listener->cleartext,
		},
		.prompt = "334 ",
		.argument = argument,
	};
	enum auth_result result;
	struct auth *auth;
	struct reply r;

	if (s->listener->auth == AUTH_OFF ||
	    !config_offers(s->listener, "AUTH"))
		return reply(503, "5.5.1 Error: authentication not enabled");
	/* The one "may I" outside the table: where there is no AUTH at all,
	 * that is what to say, in whatever state. */
	if (s->state == FRESH)
		return reply(503, "5.5.1 Error: send HELO/EHLO first");
	if (s->state != READY)
		return reply(503, "5.5.1 Error: MAIL transaction in progress");
	if (*s->login != '\0')
		return reply(503, "5.5.1 Error: already authenticated");
	if (*argument == '\0')
		return command_usage("AUTH");

	transcript_secret(s->transcript, true);
	result = auth_dialog(s->conn, &dialog, &auth);
	transcript_secret(s->transcript, false);
	if (result == AUTH_SUCCESS)
		log_in(s, auth);
	auth_end(auth);
	if (result == AUTH_SUCCESS)
		return reply(235, "2.7.0 Authentication successful");
	r = auth_refusal(result, dialog.blank_before_name);
	return result == AUTH_FAILED ? count_failure(s, r) : r;
}
