/*
 * answer.c - a reply becomes a line.
 *
 * It is found in explain.ini by its English text, whatever language the client
 * hears; so a refusal is put into words twice where it is explained.
 */
#include "pop3d/answer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/conn.h"
#include "common/explain.h"
#include "pop3d/session.h"
#include "pop3d/words.h"

enum { ANSWER_MAX = 510 /* RFC 1939 3: 512 with CRLF */ };

PRINTF(3, 0)
static struct reply
put_into_words(const struct session *session, int code, const char *fmt,
    va_list args)
{
	struct reply r = { .code = code };

	(void)vsnprintf(r.text, sizeof(r.text), words(session->language, fmt),
	    args);
	return r;
}

struct reply
reply_ok(const struct session *session, const char *fmt, ...)
{
	struct reply r;
	va_list args;

	va_start(args, fmt);
	r = put_into_words(session, POP3_OK, fmt, args);
	va_end(args);
	return r;
}

struct reply
reply_err(struct session *session, const char *fmt, ...)
{
	struct reply r;
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(session->refusal, sizeof(session->refusal), fmt, args);
	va_end(args);
	va_start(args, fmt);
	r = put_into_words(session, POP3_ERR, fmt, args);
	va_end(args);
	return r;
}

struct reply
reply_said(void)
{
	return (struct reply){ .code = 0 };
}

/* RFC 2449 8 and RFC 3206: who did not announce a code does not send it. */
static const char *
skip_code(const struct session *session, const char *text)
{
	const char *end = *text == '[' ? strstr(text, "] ") : NULL;
	bool of_login =
	    strncmp(text, "[AUTH]", 6) == 0 || strncmp(text, "[SYS/", 5) == 0;

	if (end == NULL ||
	    (session_offers(session, "RESP-CODES") &&
		(!of_login || session_offers(session, "AUTH-RESP-CODE"))))
		return text;
	return end + 2;
}

/* LINE is cut to what RFC 1939 3 allows, between two words. */
static void
cut_line(char *line)
{
	char *end = line + ANSWER_MAX;

	if (strlen(line) <= ANSWER_MAX)
		return;
	while (end > line && *end != ' ')
		end--;
	*end = '\0';
}

static void
send_refusal(struct session *session, const char *text)
{
	char *said = xasprintf("-ERR %s", session->refusal);
	const char *more =
	    session->explain ? explain_words(said, session->typed) : NULL;
	char *line = xasprintf("-ERR %s%s%s", skip_code(session, text),
	    more == NULL ? "" : ". ", more == NULL ? "" : more);

	cut_line(line);
	conn_putline(session->conn, "%s", line);
	free(line);
	free(said);
}

void
answer_send(struct session *session, const struct reply *reply)
{
	if (reply->code == POP3_OK)
		conn_putline(session->conn, "+OK%s%s",
		    *reply->text == '\0' ? "" : " ", reply->text);
	else if (reply->code == POP3_ERR)
		send_refusal(session, reply->text);
}

void
answer_begin(struct session *session, const char *fmt, ...)
{
	struct reply r;
	va_list args;

	va_start(args, fmt);
	r = put_into_words(session, POP3_OK, fmt, args);
	va_end(args);
	answer_send(session, &r);
}
