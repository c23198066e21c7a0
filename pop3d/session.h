/*
 * session.h - one POP3 session (RFC 1939): its states, its commands, its loop.
 *
 * A session lives in two processes, one after the other, and never in both:
 * the front (front.h) has it until the login, the mailbox (mailbox.h) from then
 * on.  Both run the same loop over the same table of commands; which half of
 * the table is allowed is what the state says.
 */
#ifndef POP3D_SESSION_H
#define POP3D_SESSION_H

#include "common/address.h"
#include "common/config.h"
#include "common/reply.h"
#include "pop3d/record.h"
#include "pop3d/words.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct conn;
struct maildrop;
struct transcript;

enum session_state {
	AUTHORIZATION = 1 << 0, /* in the front */
	TRANSACTION = 1 << 1,   /* in the mailbox */
	DONE = 1 << 2,          /* QUIT given, handed over, or given up */
};

/* A reply has one of these codes, or 0 when the handler has said it all. */
enum { POP3_OK = 200, POP3_ERR = 500 };

/* RFC 2449 4 says 255; AUTH with an initial response may need more. */
enum { POP3_LINE_MAX = 2048 };

enum { REFUSAL_MAX = 200, TYPED_MAX = 200, STAMP_MAX = 320 };

struct session {
	const struct config *config;
	struct conn *conn;
	const char *peer; /* address, for the log */
	enum session_state state;
	bool tls;                 /* the client is behind TLS */
	bool cleartext;           /* passwords are allowed without it */
	bool needs_tls;           /* no login at all without it */
	const char *capabilities; /* what CAPA may offer: listen.capabilities */
	enum language language;   /* of LANG */
	bool explain;             /* refusals say more (common/explain.h) */
	char refusal[REFUSAL_MAX]; /* the last one, in English */
	char typed[TYPED_MAX];     /* the line it answers, where it explains */
	int errors;
	const char *farewell;          /* why it ended, for the log */
	struct transcript *transcript; /* NULL: it is not recorded */

	/* AUTHORIZATION */
	bool offers_tls;             /* STLS */
	bool lenient;                /* lines, as a person types them */
	bool utf8;                   /* UTF8 was said */
	char stamp[STAMP_MAX];       /* of the greeting, for APOP, or "" */
	char user[ADDRESS_TEXT_MAX]; /* of USER; later whose maildrop it is */
	bool saw_password;           /* this process must not be used again */
	int login_seconds;           /* it may take; 0: as long as it likes */
	int64_t login_end;           /* when they are over */
	int commands;                /* so far */
	int failed_logins;

	/* TRANSACTION */
	struct maildrop *maildrop;
	int retrieved; /* messages */
	struct record record;
};

/*
 * Runs the command in LINE, which is cut up.  Sends nothing but what a handler
 * of several lines has to say.
 */
struct reply pop3_execute(struct session *session, char *line);

/* Whether KEYWORD is among the capabilities; switched off, it is unknown. */
bool session_offers(const struct session *session, const char *keyword);

/* The mechanisms a client may log in with now, separated by blanks. */
void session_mechanisms(const struct session *session, struct buf *to);

/* Reads commands and answers them until the state is DONE. */
void pop3_run(struct session *session);

/* From now on the client has login_seconds to log in. */
void session_expect_login(struct session *session);

/*
 * About OCTETS go out now.  The client gets the time of a command to read them,
 * and as much more as the slowest line needs.
 */
void session_expect_output(struct session *session, int64_t octets);

#endif
