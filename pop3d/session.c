/*
 * session.c - the table of commands, and the one loop that answers.
 */
#include "pop3d/session.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/conn.h"
#include "pop3d/answer.h"
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
	unsigned allowed;       /* enum session_state */
	const char *capability; /* that it belongs to */
	struct reply (*run)(struct session *session, char *argument);
} commands[] = {
	{ "RETR", TRANSACTION,   NULL,   pop3_retr },
	{ "DELE", TRANSACTION,   NULL,   pop3_dele },
	{ "TOP",  TRANSACTION,   "TOP",  pop3_top },
	{ "UIDL", TRANSACTION,   "UIDL", pop3_uidl },
	{ "LIST", TRANSACTION,   NULL,   pop3_list },
	{ "STAT", TRANSACTION,   NULL,   pop3_stat },
	{ "NOOP", TRANSACTION,   NULL,   pop3_noop },
	{ "RSET", TRANSACTION,   NULL,   pop3_rset },
	{ "USER", AUTHORIZATION, "USER", pop3_user },
	{ "PASS", AUTHORIZATION, "USER", pop3_pass },
	{ "AUTH", AUTHORIZATION, "SASL", pop3_auth },
	{ "APOP", AUTHORIZATION, NULL,   pop3_apop },
	{ "STLS", AUTHORIZATION, "STLS", pop3_stls },
	{ "UTF8", AUTHORIZATION, "UTF8", pop3_utf8 },
	{ "LANG", ANY,           "LANG", pop3_lang },
	{ "CAPA", ANY,           NULL,   pop3_capa },
	{ "QUIT", ANY,           NULL,   pop3_quit },
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

bool
session_offers(const struct session *session, const char *keyword)
{
	return config_lists(session->capabilities, keyword);
}

struct reply
pop3_execute(struct session *session, char *line)
{
	char *argument = cut_word(line);
	const struct command *command = find_command(line);

	if (command == NULL)
		return reply_err(session,
		    "unknown command; CAPA lists what there is");
	if (command->capability != NULL &&
	    !session_offers(session, command->capability))
		return reply_err(session, "%s is switched off here",
		    command->name);
	if ((command->allowed & session->state) != 0)
		return command->run(session, argument);
	if (session->state == AUTHORIZATION)
		return reply_err(session,
		    "%s comes after the login: give USER and PASS first",
		    command->name);
	return reply_err(session,
	    "%s comes before the login, and you are logged in", command->name);
}

static void
give_up(struct session *session, const char *farewell)
{
	session->farewell = farewell;
	session->state = DONE;
}

/* Sends the one reply to a command; gives up on a hopeless client. */
static void
answer(struct session *session, const struct reply *reply)
{
	struct reply last;

	if (reply->code == POP3_OK && session->state == TRANSACTION)
		session->errors = 0;
	if (reply->code != POP3_ERR || ++session->errors < ERRORS_MAX) {
		answer_send(session, reply);
		return;
	}
	last = reply_err(session, "too many errors, good bye");
	answer_send(session, &last);
	give_up(session, "too many errors");
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

/*
 * Runs the command; unless the client only talks and never logs in, or the
 * account was disabled or deleted since.
 */
static struct reply
execute(struct session *session, char *line)
{
	if (session->state == AUTHORIZATION &&
	    ++session->commands > LOGIN_COMMANDS_MAX) {
		give_up(session, "too many commands before the login");
		return reply_err(session,
		    "so many commands and no login, good bye");
	}
	if (session->state == TRANSACTION &&
	    maildrop_is_closed(session->maildrop)) {
		give_up(session, "the account was changed");
		return reply_err(session,
		    "[AUTH] your account was closed or has a new password, "
		    "good bye");
	}
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
			if (session->explain)
				(void)copy_string(session->typed,
				    sizeof(session->typed), line);
			reply = execute(session, line);
			break;
		case CONN_LONG:
			reply = reply_err(session, "that line is too long");
			break;
		case CONN_BAD:
			reply = reply_err(session,
			    "a line ends with CR LF, and has no "
			    "CR, LF or NUL inside");
			break;
		case CONN_END:
			session->farewell = conn_error(session->conn);
			session->state = DONE;
			return;
		}
		answer(session, &reply);
		/* There may be a password in it. */
		explicit_bzero(session->typed, sizeof(session->typed));
	}
}
