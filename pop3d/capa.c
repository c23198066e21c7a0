/*
 * capa.c - CAPA (RFC 2449), and what else lists mechanisms.
 *
 * RFC 2449 wants USER and SASL in both states, and without difference; STLS is
 * only there before the login (RFC 2595 4).
 */
#include "common/auth.h"
#include "common/conn.h"
#include "pop3d/answer.h"
#include "pop3d/commands.h"

void
session_mechanisms(const struct session *session, struct buf *to)
{
	if (session->tls || !session->needs_tls)
		auth_mechanisms(session->config, session->tls,
		    session->cleartext, to);
}

static void
put_plain(struct session *session, const char *line)
{
	conn_putline(session->conn, "%s", line);
}

static void
put_delay(struct session *session, const char *line)
{
	conn_putline(session->conn, "%s %d", line,
	    session->config->pop3d_login_delay);
}

static void
put_user(struct session *session, const char *line)
{
	if (session->tls || session->cleartext)
		put_plain(session, line);
}

static void
put_mechanisms(struct session *session, const char *line)
{
	struct buf mechanisms = BUF_INIT;

	session_mechanisms(session, &mechanisms);
	if (mechanisms.size > 0)
		conn_putline(session->conn, "%s %s", line, mechanisms.data);
	buf_clear(&mechanisms);
}

static void
put_stls(struct session *session, const char *line)
{
	if (session->state == AUTHORIZATION && session->offers_tls &&
	    !session->tls)
		put_plain(session, line);
}

/* clang-format off */
static const struct {
	const char *keyword; /* of listen.capabilities */
	const char *line;
	void (*put)(struct session *session, const char *line);
} capabilities[] = {
	{ "TOP",            "TOP",            put_plain },
	{ "UIDL",           "UIDL",           put_plain },
	{ "RESP-CODES",     "RESP-CODES",     put_plain }, /* RFC 2449 6.4 */
	{ "AUTH-RESP-CODE", "AUTH-RESP-CODE", put_plain }, /* RFC 3206 6 */
	{ "PIPELINING",     "PIPELINING",     put_plain }, /* RFC 2449 6.6 */
	{ "EXPIRE",         "EXPIRE NEVER",   put_plain }, /* 6.7 */
	{ "LOGIN-DELAY",    "LOGIN-DELAY",    put_delay }, /* 6.5 */
	{ "USER",           "USER",           put_user },
	{ "SASL",           "SASL",           put_mechanisms }, /* RFC 5034 3 */
	{ "STLS",           "STLS",           put_stls },  /* RFC 2595 4 */
	{ "UTF8",           "UTF8 USER",      put_plain }, /* RFC 6856 2 */
	{ "LANG",           "LANG",           put_plain }, /* 3 */
	{ "IMPLEMENTATION", "IMPLEMENTATION Postlab", put_plain },
};
/* clang-format on */

struct reply
pop3_capa(struct session *session, char *argument)
{
	(void)argument;
	answer_begin(session, "this is what I can do");
	for (size_t i = 0; i < COUNT(capabilities); i++)
		if (session_offers(session, capabilities[i].keyword))
			capabilities[i].put(session, capabilities[i].line);
	conn_putline(session->conn, ".");
	return reply_said();
}
