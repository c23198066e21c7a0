/*
 * session.c - the table of commands, and the one loop that answers.
 */
#include "pop3d/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/conn.h"
#include "pop3d/commands.h"

/* After so many refusals in a row, or at all before the login, it is over. */
enum { ERRORS_MAX = 20 };

#define ANY (AUTHORIZATION | TRANSACTION)

/* clang-format off */
static const struct command {
	const char *name;
	unsigned allowed; /* enum session_state */
	struct reply (*run)(struct session *session, char *argument);
} commands[] = {
	{ "RETR", TRANSACTION,   pop3_retr },
	{ "DELE", TRANSACTION,   pop3_dele },
	{ "TOP",  TRANSACTION,   pop3_top },
	{ "UIDL", TRANSACTION,   pop3_uidl },
	{ "LIST", TRANSACTION,   pop3_list },
	{ "STAT", TRANSACTION,   pop3_stat },
	{ "NOOP", TRANSACTION,   pop3_noop },
	{ "RSET", TRANSACTION,   pop3_rset },
	{ "USER", AUTHORIZATION, pop3_user },
	{ "PASS", AUTHORIZATION, pop3_pass },
	{ "AUTH", AUTHORIZATION, pop3_auth },
	{ "STLS", AUTHORIZATION, pop3_stls },
	{ "CAPA", ANY,           pop3_capa },
	{ "QUIT", ANY,           pop3_quit },
};
/* clang-format on */

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcasecmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* Ends the keyword in LINE; what stands behind the blank, or "". */
static char *
cut_word(char *line)
{
	char *blank = strchr(line, ' ');

	if (blank == NULL)
		return line + strlen(line);
	*blank = '\0';
	return blank + 1;
}

struct reply
pop3_execute(struct session *session, char *line)
{
	char *argument = cut_word(line);
	const struct command *command = find_command(line);

	if (command == NULL)
		return reply_err("unknown command; CAPA lists what there is");
	if ((command->allowed & session->state) != 0)
		return command->run(session, argument);
	if (session->state == AUTHORIZATION)
		return reply_err("%s comes after the login: "
				 "give USER and PASS first",
		    command->name);
	return reply_err("%s comes before the login, and you are logged in",
	    command->name);
}

/* Sends the one reply to a command; gives up on a hopeless client. */
static void
answer(struct session *session, const struct reply *reply)
{
	if (reply->code == POP3_OK) {
		if (session->state == TRANSACTION)
			session->errors = 0;
		conn_putline(session->conn, "+OK%s%s",
		    *reply->text == '\0' ? "" : " ", reply->text);
	} else if (reply->code == POP3_ERR && ++session->errors < ERRORS_MAX) {
		conn_putline(session->conn, "-ERR %s", reply->text);
	} else if (reply->code == POP3_ERR) {
		conn_putline(session->conn, "-ERR too many errors, good bye");
		session->farewell = "too many errors";
		session->state = DONE;
	}
}

void
pop3_run(struct session *session)
{
	char line[POP3_LINE_MAX];
	struct reply reply;

	while (session->state != DONE) {
		switch (conn_getline(session->conn, line, sizeof(line))) {
		case CONN_LINE:
			reply = pop3_execute(session, line);
			break;
		case CONN_LONG:
			reply = reply_err("that line is too long");
			break;
		case CONN_BAD:
			reply = reply_err("a line ends with CR LF, and has no "
					  "CR, LF or NUL inside");
			break;
		case CONN_END:
			session->farewell = conn_error(session->conn);
			session->state = DONE;
			return;
		}
		answer(session, &reply);
	}
}

struct reply
reply_ok(const char *fmt, ...)
{
	struct reply r = { .code = POP3_OK };
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(r.text, sizeof(r.text), fmt, args);
	va_end(args);
	return r;
}

struct reply
reply_err(const char *fmt, ...)
{
	struct reply r = { .code = POP3_ERR };
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(r.text, sizeof(r.text), fmt, args);
	va_end(args);
	return r;
}

struct reply
reply_said(void)
{
	return (struct reply){ .code = 0 };
}
