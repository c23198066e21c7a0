/*
 * session.h - one SMTP session: its state, its loop.
 *
 * A session is blocking and straight-line.  The commands (commands.h) are
 * functions from (session, argument) to reply; the loop here is the only place
 * that sends replies, counts errors and explains.
 */
#ifndef SMTPD_SESSION_H
#define SMTPD_SESSION_H

#include "common/config.h"
#include "common/reply.h"
#include "common/server.h"
#include "smtpd/envelope.h"

#include <stdbool.h>
#include <time.h>

struct conn;
struct directory;
struct transcript;

enum session_state {
	FRESH = 1 << 0,  /* connected, not yet greeted */
	READY = 1 << 1,  /* greeted, no transaction */
	SENDER = 1 << 2, /* MAIL accepted */
	RCPTS = 1 << 3,  /* at least one RCPT accepted */
	CHUNKS = 1 << 4, /* BDAT begun, not yet the LAST */
	DONE = 1 << 5,   /* QUIT given, or given up */
};

enum { TYPED_SIZE = 256 };

/* What a worker has for all its sessions, one after another. */
struct service {
	const struct config *config;
	struct directory *directory; /* opened at the first look-up */
	int incoming;                /* descriptor of queue/incoming */
};

struct session {
	struct service *service;
	struct conn *conn;
	const struct listener *listener;
	const struct peer *peer;
	struct transcript *transcript; /* NULL: not recorded */

	enum session_state state;
	bool extended;                /* EHLO, not HELO */
	char helo[DOMAIN_MAX + 1];    /* as said, cut */
	char login[ADDRESS_TEXT_MAX]; /* user@domain, "" without */
	bool was_logged_in;           /* at any time, before STARTTLS too */
	struct transaction transaction;
	bool data_over; /* the transaction ends with the reply to DATA */
	bool data_lost; /* its end was: the session ends with that reply */

	char typed[TYPED_SIZE]; /* the command, cut: to explain its reply */
	int failed_logins;      /* in all; STARTTLS does not forget them */
	int errors;             /* since the last message */
	int idle;     /* commands since then that bring no mail nearer */
	int messages; /* accepted */
	const char *farewell; /* why it ended, for the log */
};

/* The service's directory; NULL when it cannot be opened (logged). */
struct directory *session_directory(struct session *s);

/* Ends the transaction, if there is one. */
void session_reset(struct session *s);

/* Forgets all that the client has said (RFC 3207 4.2). */
void session_forget(struct session *s);

/*
 * Runs the command in LINE, which is cut up.  Code 0 when the command has said
 * all itself.  Sends nothing.
 */
struct reply session_execute(struct session *s, char *line);

/* Greets, and talks SMTP with the client until it leaves. */
enum served smtp_session(struct service *service, struct conn *conn,
    const struct listener *listener, const struct peer *peer);

#endif
