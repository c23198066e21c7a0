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
#include "smtpd/relay_tls.h"

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
start_tls(struct relay_session *session, const struct relay_tls_plan *plan)
{
	struct smtp_client *client = &session->client;
	struct reply r = reply(250, "2.0.0 Ok");

	if (plan->level == RELAY_TLS_OFF)
		return r;
	if ((client->extensions & EXT_STARTTLS) == 0)
		return plan->level == RELAY_TLS_MAY
		    ? r
		    : reply(451, "4.7.4 %s offers no TLS, which is required",
			  session->where);
	client->dane = plan->level == RELAY_TLS_DANE ? &plan->dane : NULL;
	r = smtp_client_starttls(client, session->tls, plan->host,
	    plan->level == RELAY_TLS_VERIFY, session->config->hostname);
	client->dane = NULL;
	if (reply_is_ok(&r)) {
		session->encrypted = true;
		return r;
	}
	if (client->broken)
		return tls_failed(session, r.text);
	/* STARTTLS itself was refused; the connection goes on in clear. */
	return plan->level == RELAY_TLS_MAY &&
		tls_describe(client->conn) == NULL
	    ? reply(250, "2.0.0 Ok")
	    : refusal(session, &r);
}

/* TLS before the first word. */
static int
begin_with_tls(struct relay_session *session, const struct relay_tls_plan *plan)
{
	struct conn *conn = session->client.conn;

	session->encrypted = true;
	if (plan->level == RELAY_TLS_DANE)
		return tls_connect_dane(conn, session->tls, plan->host,
		    &plan->dane);
	return tls_connect(conn, session->tls, plan->host,
	    plan->level == RELAY_TLS_VERIFY);
}

/* Connects, greets, and encrypts by PLAN. */
static struct reply
converse(struct relay_session *session, const struct relay_tls_plan *plan)
{
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
	session->checked = plan->level;
	if (session->hop->implicit && begin_with_tls(session, plan) == -1)
		return tls_failed(session, conn_error(conn));
	r = smtp_client_open(client, conn, false, session->config->hostname);
	if (!reply_is_ok(&r))
		return refusal(session, &r);
	return session->hop->implicit ? r : start_tls(session, plan);
}

/* Whether what went wrong was a handshake that need not have been. */
static bool
may_go_in_clear(const struct relay_tls_plan *plan, const struct reply *r)
{
	return strncmp(r->text, "4.7.5 ", 6) == 0 &&
	    plan->level == RELAY_TLS_MAY;
}

static void
hang_up(struct relay_session *session)
{
	conn_close(session->client.conn);
	session->client.conn = NULL;
}

static void
note_tls(struct relay_session *session)
{
	const char *words = tls_describe(session->client.conn);
	const char *checked = "";

	if (session->checked == RELAY_TLS_VERIFY)
		checked = ", verified";
	else if (session->checked == RELAY_TLS_DANE)
		checked = ", verified by DANE";
	(void)snprintf(session->tls_words, sizeof(session->tls_words), "%s%s",
	    words == NULL ? "" : words, words == NULL ? "" : checked);
}

/* Connects as PLAN says, and in clear where that did not work and may be. */
static struct reply
reach(struct relay_session *session, struct relay_tls_plan *plan)
{
	struct reply r = converse(session, plan);

	if (reply_is_ok(&r) || !may_go_in_clear(plan, &r))
		return r;
	log_event(LOG_INFO, "relay-in-clear", "id=%s host=%s why=%s",
	    session->id, log_safe(session->where), log_safe(r.text));
	hang_up(session);
	plan->level = RELAY_TLS_OFF;
	return converse(session, plan);
}

struct reply
relay_session_open(struct relay_session *session, const struct hop *hop)
{
	struct relay_tls_plan plan;
	struct reply r;

	session->hop = hop;
	name_place(session);
	r = relay_tls_choose(session->dns, hop, &plan);
	if (reply_is_ok(&r))
		r = reach(session, &plan);
	relay_tls_clear(&plan);
	if (reply_is_ok(&r) && *hop->login != '\0')
		r = relay_auth(&session->client, hop, session->where);
	if (!reply_is_ok(&r))
		relay_session_close(session);
	else
		note_tls(session);
	return r;
}

const char *
relay_session_tls(const struct relay_session *session)
{
	return session->client.conn == NULL ? "" : session->tls_words;
}

void
relay_session_close(struct relay_session *session)
{
	if (session->client.conn == NULL)
		return;
	smtp_client_quit(&session->client);
	hang_up(session);
}
