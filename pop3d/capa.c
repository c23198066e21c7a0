/*
 * capa.c - CAPA (RFC 2449), and what else lists mechanisms.
 *
 * RFC 2449 wants USER and SASL in both states, and without difference; STLS is
 * only there before the login (RFC 2595 4).
 */
#include "common/auth.h"
#include "common/conn.h"
#include "pop3d/commands.h"

static void
put_mechanisms(struct session *session)
{
	struct buf mechanisms = BUF_INIT;

	if (session->tls || !session->needs_tls)
		auth_mechanisms(session->config, session->tls,
		    session->cleartext, &mechanisms);
	if (mechanisms.size > 0)
		conn_putline(session->conn, "SASL %s", mechanisms.data);
	buf_clear(&mechanisms);
}

struct reply
pop3_capa(struct session *session, char *argument)
{
	static const char *const always[] = {
		"TOP",
		"UIDL",
		"RESP-CODES",     /* RFC 2449 6.4 */
		"AUTH-RESP-CODE", /* RFC 3206 */
		"PIPELINING",     /* RFC 2449 6.6 */
		"EXPIRE NEVER",   /* 6.7 */
		"IMPLEMENTATION Postlab",
	};
	struct conn *conn = session->conn;

	(void)argument;
	conn_putline(conn, "+OK this is what I can do");
	for (size_t i = 0; i < COUNT(always); i++)
		conn_putline(conn, "%s", always[i]);
	if (session->tls || session->cleartext)
		conn_putline(conn, "USER");
	put_mechanisms(session);
	if (session->state == AUTHORIZATION && session->offers_tls &&
	    !session->tls)
		conn_putline(conn, "STLS");
	conn_putline(conn, ".");
	return reply_said();
}
