/*
 * relay_session.c - from an address to a host that takes mail.
 *
 * TLS that is not required is taken where it is offered, whatever certificate
 * comes: against who only listens it helps, and whoever could forge it could as
 * well hide the offer (RFC 7435).  So when such a handshake fails, mail goes in
 * clear, over a new connection; never over one on which TLS had begun.
 */
#include "smtpd/relay_session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "common/conn.h"
#include "common/log.h"
#include "common/tls.h"
#include "smtpd/relay_auth.h"

/* "HOST[ADDRESS]:PORT" */
static void
name_place(struct relay_session *session)
{
	const struct sockaddr_storage *address = &session->hop->address;
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;
	char text[INET6_ADDRSTRLEN] = "";
	unsigned port = ntohs(v4->sin_port);

	if (address->ss_family == AF_INET6) {
		port = ntohs(v6->sin6_port);
		(void)inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
	} else {
		(void)inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
	}
	(void)snprintf(session->where, sizeof(session->where), "%s[%s]:%u",
	    log_safe(session->hop->host), text, port);
}

static int
connect_to(const struct relay_session *session)
{
	const struct hop *hop = session->hop;
	bool chosen = hop->source.ss_family != AF_UNSPEC;

	return smtp_connect_to(&hop->address, chosen ? &hop->source : NULL,
	    session->config->relay_connect_timeout);
}

static enum relay_tls
tls_wanted(const struct hop *hop)
{
	/* A password is not shown to everybody unless that was said. */
	if (hop->tls == RELAY_TLS_MAY && *hop->login != '\0')
		return RELAY_TLS_ENCRYPT;
	return hop->tls;
}

static struct reply
tls_failed(const struct relay_session *session, const char *why)
{
	if (why == NULL)
		why = "no reason is known";
	if (strncmp(why, "4.7.5 ", 6) == 0)
		why += 6;
	return reply(451, "4.7.5 TLS with %s failed: %s", session->where, why);
}

/* The host does not talk to us; even its 5xx may end when it is repaired. */
static struct reply
refusal(const struct relay_session *session, const struct reply *said)
{
	if (session->client.broken && strncmp(said->text, "4.4.2 ", 6) == 0)
		return reply(451, "4.4.2 conversation with %s: %s",
		    session->where, said->text + strlen("4.4.2 "));
	return reply(451, "4.4.0 %s does not take mail: %d %s", session->where,
	    said->code, said->text);
}

/* STARTTLS where it is wanted and offered. */
static struct reply
start_tls(struct relay_session *session)
{
	struct smtp_client *client = &session->client;
	enum relay_tls wanted = tls_wanted(session->hop);
	struct reply r = reply(250, "2.0.0 Ok");

	if (wanted == RELAY_TLS_OFF)
		return r;
	if ((client->extensions & EXT_STARTTLS) == 0)
		return wanted == RELAY_TLS_MAY
		    ? r
		    : reply(451, "4.7.4 %s offers no TLS, which is required",
			  session->where);
	r = smtp_client_starttls(client, session->tls, session->hop->host,
	    wanted == RELAY_TLS_VERIFY, session->config->hostname);
	if (reply_is_ok(&r)) {
		session->encrypted = true;
		return r;
	}
	if (client->broken)
		return tls_failed(session, r.text);
	/* STARTTLS itself was refused; the connection goes on in clear. */
	return wanted == RELAY_TLS_MAY && tls_describe(client->conn) == NULL
	    ? reply(250, "2.0.0 Ok")
	    : refusal(session, &r);
}

/* Connects, greets; with CLEAR without TLS. */
static struct reply
converse(struct relay_session *session, bool clear)
{
	const struct hop *hop = session->hop;
	struct smtp_client *client = &session->client;
	int fd = connect_to(session);
	struct conn *conn;
	struct reply r;

	if (fd == -1)
		return reply(451, "4.4.1 connect to %s: %s", session->where,
		    strerror(errno));
	conn = conn_open(fd, session->config->relay_timeout);
	*client = (struct smtp_client){ .conn = conn };
	session->encrypted = false;
	if (hop->implicit && !clear) {
		if (tls_connect(conn, session->tls, hop->host,
			hop->tls == RELAY_TLS_VERIFY) == -1)
			return tls_failed(session, conn_error(conn));
		session->encrypted = true;
	}
	r = smtp_client_open(client, conn, false, session->config->hostname);
	if (!reply_is_ok(&r))
		return refusal(session, &r);
	return hop->implicit || clear ? r : start_tls(session);
}

/* Whether what went wrong was a handshake that need not have been. */
static bool
may_go_in_clear(const struct relay_session *session, const struct reply *r)
{
	return strncmp(r->text, "4.7.5 ", 6) == 0 && !session->hop->implicit &&
	    tls_wanted(session->hop) == RELAY_TLS_MAY;
}

static void
hang_up(struct relay_session *session)
{
	conn_close(session->client.conn);
	session->client.conn = NULL;
}

struct reply
relay_session_open(struct relay_session *session, const struct hop *hop)
{
	struct reply r;

	session->hop = hop;
	name_place(session);
	r = converse(session, false);
	if (!reply_is_ok(&r) && may_go_in_clear(session, &r)) {
		log_event(LOG_INFO, "relay-in-clear", "id=%s host=%s why=%s",
		    session->id, log_safe(session->where), log_safe(r.text));
		hang_up(session);
		r = converse(session, true);
	}
	if (reply_is_ok(&r) && *hop->login != '\0')
		r = relay_auth(&session->client, hop, session->where);
	if (!reply_is_ok(&r))
		relay_session_close(session);
	return r;
}

const char *
relay_session_tls(const struct relay_session *session)
{
	const char *words = session->client.conn == NULL
	    ? NULL
	    : tls_describe(session->client.conn);

	return words == NULL ? "" : words;
}

void
relay_session_close(struct relay_session *session)
{
	if (session->client.conn == NULL)
		return;
	smtp_client_quit(&session->client);
	hang_up(session);
}
