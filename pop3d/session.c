/*
 * session.c - the table of commands, and the one loop that answers.
 */
#include "pop3d/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/conn.h"
#include "pop3d/commands.h"
#include "pop3d/maildrop.h"

enum {
	/* After so many refusals in a row, or at all before the login: over. */
	ERRORS_MAX = 20,
	LOGIN_COMMANDS_MAX = 30,
	OCTETS_A_SECOND = 1000, /* of the slowest line, a 9600 baud modem */
};

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

/* Seconds of a clock that only goes forward. */
static int64_t
seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

void
session_expect_login(struct session *session)
{
	session->login_end = seconds_now() + session->login_seconds;
}

void
session_expect_output(struct session *session, int64_t octets)
{
	int64_t more = octets / OCTETS_A_SECOND;

	if (more > INT32_MAX / 2)
		more = INT32_MAX / 2;
	conn_set_deadline(session->conn,
	    session->config->pop3d_timeout + (int)more);
}

/*
 * A command must be here, whole, within the timeout: a byte now and then does
 * not prolong it.  Nor do commands prolong the login: false when that took too
 * long.
 */
static bool
expect_command(struct session *session)
{
	int64_t seconds = session->config->pop3d_timeout;

	if (session->state == AUTHORIZATION && session->login_seconds > 0) {
		int64_t left = session->login_end - seconds_now();

		if (left <= 0)
			return false;
		if (left < seconds)
			seconds = left;
	}
	conn_set_deadline(session->conn, (int)seconds);
	return true;
}

static struct reply
give_up(struct session *session, const char *farewell, const char *text)
{
	session->farewell = farewell;
	session->state = DONE;
	return reply_err("%s, good bye", text);
}

/*
 * Runs the command; unless the client only talks and never logs in, or the
 * account was disabled or deleted since.
 */
static struct reply
execute(struct session *session, char *line)
{
	if (session->state == AUTHORIZATION &&
	    ++session->commands > LOGIN_COMMANDS_MAX)
		return give_up(session, "too many commands before the login",
		    "so many commands and no login");
	if (session->state == TRANSACTION &&
	    maildrop_is_closed(session->maildrop))
		return give_up(session, "the account was changed",
		    "[AUTH] your account was closed or has a new password");
	return pop3_execute(session, line);
}

void
pop3_run(struct session *session)
{
	char line[POP3_LINE_MAX];
	struct reply reply;

	while (session->state != DONE) {
		if (!expect_command(session)) {
			session->farewell = "no login in time";
			return;
		}
		switch (conn_getline(session->conn, line, sizeof(line))) {
		case CONN_LINE:
			reply = execute(session, line);
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
