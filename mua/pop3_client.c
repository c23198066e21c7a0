/*
 * pop3_client.c - commands, answers, capabilities and messages.
 *
 * Logging in is in pop3_login.c.
 */
#include "mua/pop3_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/conn.h"
#include "mua/pop3_text.h"

enum {
	LINE_SIZE = 1024,
	CAPABILITIES_MAX = 200,
	ANSWER_SECONDS = 180, /* for a line, however slowly it dribbles in */
};

static enum pop3_answer
broken(struct pop3_client *client)
{
	client->text[0] = '\0';
	client->code[0] = '\0';
	return POP3_BROKEN;
}

/* "[IN-USE] text": the code apart (RFC 2449 8). */
static void
take_text(struct pop3_client *client, const char *text)
{
	size_t length;

	client->code[0] = '\0';
	text += strspn(text, " ");
	length = *text == '[' ? strcspn(text, "]") : 0;
	if (length > 1 && text[length] == ']' &&
	    length <= sizeof(client->code)) {
		memcpy(client->code, text + 1, length - 1);
		client->code[length - 1] = '\0';
		text += length + 1;
		text += strspn(text, " ");
	}
	(void)copy_string(client->text, sizeof(client->text), text);
}

/*
 * response = ("+OK" / "-ERR") *( SP ... ) CRLF; "+ " is a challenge, which
 * counts as POP3_YES with code "+"  (RFC 1939 9, RFC 5034 4)
 */
enum pop3_answer
pop3_answer(struct pop3_client *client)
{
	char line[LINE_SIZE];
	enum conn_read how;

	conn_set_deadline(client->conn, ANSWER_SECONDS);
	how = conn_getline(client->conn, line, sizeof(line));
	conn_set_deadline(client->conn, 0);
	if (how != CONN_LINE && how != CONN_LONG)
		return broken(client);
	if (strncmp(line, "+OK", 3) == 0 &&
	    (line[3] == ' ' || line[3] == '\0')) {
		take_text(client, line + 3);
		return POP3_YES;
	}
	if (strncmp(line, "-ERR", 4) == 0 &&
	    (line[4] == ' ' || line[4] == '\0')) {
		take_text(client, line + 4);
		return POP3_NO;
	}
	if (line[0] == '+' && (line[1] == ' ' || line[1] == '\0') &&
	    how == CONN_LINE) {
		(void)copy_string(client->text, sizeof(client->text),
		    line[1] == ' ' ? line + 2 : "");
		(void)copy_string(client->code, sizeof(client->code), "+");
		return POP3_YES;
	}
	return broken(client);
}

PRINTF(2, 0)
static void
send_command(struct pop3_client *client, const char *fmt, va_list ap)
{
	char *line = NULL;

	if (vasprintf(&line, fmt, ap) == -1)
		return;
	conn_putline(client->conn, "%s", line);
	explicit_bzero(line, strlen(line));
	free(line);
}

void
pop3_send(struct pop3_client *client, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	send_command(client, fmt, ap);
	va_end(ap);
}

enum pop3_answer
pop3_command(struct pop3_client *client, const char *fmt, ...)
{
	enum pop3_answer answer;
	va_list ap;

	va_start(ap, fmt);
	send_command(client, fmt, ap);
	va_end(ap);
	answer = pop3_answer(client);
	/* Outside AUTH a challenge is nonsense. */
	if (answer == POP3_YES && strcmp(client->code, "+") == 0 &&
	    strncmp(fmt, "AUTH", 4) != 0 && strcmp(fmt, "%s") != 0)
		return broken(client);
	return answer;
}

enum pop3_answer
pop3_line(struct pop3_client *client, char *line, size_t size)
{
	enum conn_read how;

	conn_set_deadline(client->conn, ANSWER_SECONDS);
	how = conn_getline(client->conn, line, size);
	conn_set_deadline(client->conn, 0);
	if (how != CONN_LINE)
		return broken(client);
	if (strcmp(line, ".") == 0)
		return POP3_NO;
	if (*line == '.')
		memmove(line, line + 1, strlen(line));
	return POP3_YES;
}

static const struct {
	const char *name;
	unsigned can;
} capabilities[] = {
	/* clang-format off */
	{ "STLS",       POP3_CAN_STLS },
	{ "USER",       POP3_CAN_USER },
	{ "UIDL",       POP3_CAN_UIDL },
	{ "TOP",        POP3_CAN_TOP },
	{ "PIPELINING", POP3_CAN_PIPELINE },
	{ "UTF8",       POP3_CAN_UTF8 },
	{ "LANG",       POP3_CAN_LANG },
	/* clang-format on */
};

static void
take_capability(struct pop3_client *client, char *line)
{
	size_t length = strcspn(line, " ");
	const char *rest = line + length + strspn(line + length, " ");

	line[length] = '\0';
	for (size_t i = 0; i < COUNT(capabilities); i++)
		if (strcasecmp(capabilities[i].name, line) == 0)
			client->can |= capabilities[i].can;
	/* What does not fit is not used. */
	if (strcasecmp(line, "SASL") == 0)
		(void)copy_string(client->sasl, sizeof(client->sasl), rest);
	else if (strcasecmp(line, "IMPLEMENTATION") == 0)
		(void)copy_string(client->server, sizeof(client->server), rest);
}

enum pop3_answer
pop3_ask_capabilities(struct pop3_client *client)
{
	enum pop3_answer answer = pop3_command(client, "CAPA");
	char line[LINE_SIZE];

	client->sasl[0] = '\0';
	client->can = POP3_CAN_USER | POP3_CAN_UIDL; /* of RFC 1939 */
	if (answer != POP3_YES)
		return answer;
	client->can = POP3_CAN_CAPA;
	for (int i = 0; i < CAPABILITIES_MAX; i++) {
		answer = pop3_line(client, line, sizeof(line));
		if (answer == POP3_NO)
			return POP3_YES;
		if (answer == POP3_BROKEN)
			return POP3_BROKEN;
		take_capability(client, line);
	}
	return broken(client);
}

/* "<1896.697170952@dbc.mtview.ca.us>" out of the greeting (RFC 1939 7). */
static void
take_stamp(struct pop3_client *client)
{
	const char *begin = strchr(client->text, '<');
	size_t length = begin == NULL ? 0 : strcspn(begin, "> ");

	if (begin == NULL || begin[length] != '>' ||
	    length + 2 > sizeof(client->stamp) ||
	    memchr(begin, '@', length) == NULL)
		return;
	memcpy(client->stamp, begin, length + 1);
	client->stamp[length + 1] = '\0';
}

enum pop3_answer
pop3_open(struct pop3_client *client, struct conn *conn)
{
	enum pop3_answer answer;

	*client = (struct pop3_client){ .conn = conn };
	answer = pop3_answer(client);
	if (answer == POP3_YES && strcmp(client->code, "+") == 0)
		return broken(client);
	if (answer != POP3_YES)
		return answer;
	take_stamp(client);
	/* A server may be too old for CAPA and a good one. */
	return pop3_ask_capabilities(client) == POP3_BROKEN ? POP3_BROKEN
							    : POP3_YES;
}

enum pop3_answer
pop3_message(struct pop3_client *client, struct pop3_text *text, int64_t limit)
{
	while (!text->done) {
		const char *data;
		size_t count = conn_peek(client->conn, &data);

		if (count == 0)
			return broken(client);
		conn_consume(client->conn, pop3_text_feed(text, data, count));
		if (text->size > limit)
			return POP3_NO;
	}
	return POP3_YES;
}
