/* relay_link.c - taken and kept. */
#include "smtpd/relay_link.h"

#include <string.h>
#include <strings.h>

#include "common/conn.h"

/* With DANE the certificate may have been good for its domain alone. */
bool
relay_is_same_hop(const struct hop *a, const struct hop *b)
{
	return strcasecmp(a->host, b->host) == 0 &&
	    memcmp(&a->address, &b->address, sizeof(a->address)) == 0 &&
	    memcmp(&a->source, &b->source, sizeof(a->source)) == 0 &&
	    a->tls == b->tls && a->secure == b->secure &&
	    (!a->secure || strcasecmp(a->domain, b->domain) == 0) &&
	    a->implicit == b->implicit && strcmp(a->login, b->login) == 0 &&
	    strcmp(a->password_file, b->password_file) == 0;
}

static bool
leads_along(const struct relay_link *link, const struct route *route)
{
	for (size_t i = 0; i < route->count; i++)
		if (relay_is_same_hop(&link->hop, &route->hops[i]))
			return true;
	return false;
}

struct relay_session *
relay_link_take(struct relay_link *link, const struct route *route)
{
	struct relay_session *session = &link->session;

	if (session->client.conn == NULL)
		return NULL;
	/* A word that nobody asked for is the other side's last. */
	if (!leads_along(link, route) || !conn_is_quiet(session->client.conn)) {
		relay_link_close(link);
		return NULL;
	}
	conn_set_timeout(session->client.conn, session->config->relay_timeout);
	return session;
}

void
relay_link_keep(struct relay_link *link, struct relay_session *session)
{
	const struct config *config = session->config;

	if (session != &link->session) {
		relay_link_close(link);
		link->hop = *session->hop;
		link->session = *session;
		link->session.hop = &link->hop;
		session->client.conn = NULL;
	}
	link->messages++;
	if (link->session.client.broken ||
	    link->messages >= config->relay_keep_messages ||
	    config->relay_keep == 0)
		relay_link_close(link);
}

int
relay_link_fd(const struct relay_link *link)
{
	const struct conn *conn = link->session.client.conn;

	return conn == NULL ? -1 : conn_fd(conn);
}

void
relay_link_close(struct relay_link *link)
{
	if (link->session.client.conn != NULL)
		relay_session_close(&link->session);
	*link = (struct relay_link){ .messages = 0 };
}
