/*
 * commands.h - the SMTP commands: a row each.
 *
 * A handler gets the session and what stood behind the name, without blanks
 * around it; it returns the one reply.  It never looks at "may I": the table
 * says in which states it is allowed.
 */
#ifndef SMTPD_COMMANDS_H
#define SMTPD_COMMANDS_H

#include "common/reply.h"

#include <stdbool.h>
#include <stddef.h>

struct session;

struct command {
	const char *name;
	unsigned allowed; /* states, or-ed; 0: known, and not done here */
	size_t line_max;  /* octets, with CRLF */
	struct reply (*run)(struct session *s, char *argument);
	const char *usage;
	const char *missing;   /* the 503 where it is not allowed */
	const char *extension; /* of EHLO, without which it is unknown; or NULL
				*/
};

/* NULL for an unknown one. */
const struct command *command_find(const char *name);

/* The one that NAME is a slip of the finger away from, or NULL. */
const struct command *command_guess(const char *name);

/* 501 "5.5.4 Syntax: ..." for the command of that name. */
struct reply command_usage(const char *name);

/* commands.c */
struct reply command_help(struct session *s, char *argument);
/* greet.c: what needs no transaction */
struct reply command_ehlo(struct session *s, char *argument);
struct reply command_helo(struct session *s, char *argument);
struct reply command_rset(struct session *s, char *argument);
struct reply command_noop(struct session *s, char *argument);
struct reply command_quit(struct session *s, char *argument);
struct reply command_vrfy(struct session *s, char *argument);
struct reply command_expn(struct session *s, char *argument);
/* secure.c: who is it, and who listens */
struct reply command_starttls(struct session *s, char *argument);
struct reply command_auth(struct session *s, char *argument);
bool starttls_is_offered(const struct session *s);
/* tls = required, and the client is not behind TLS. */
bool starttls_must_come_first(const struct session *s);
/* mail.c: the envelope */
struct reply command_mail(struct session *s, char *argument);
struct reply command_rcpt(struct session *s, char *argument);
/* data.c: its text */
struct reply command_data(struct session *s, char *argument);
struct reply command_bdat(struct session *s, char *argument);
/*
 * Refuses a LINE that cannot be read, with R.  One that begins with BDAT ends
 * the session: of its chunk nobody knows the size.
 */
struct reply refuse_line(struct session *s, const char *line, struct reply r);
/* etrn.c: what is queued */
struct reply command_etrn(struct session *s, char *argument);
struct reply command_queue(struct session *s, char *argument);

#endif
