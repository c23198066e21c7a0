/*
 * relay_session.h - a connection to one host, ready to take mail: greeted,
 * encrypted and logged in as its route says.
 */
#ifndef SMTPD_RELAY_SESSION_H
#define SMTPD_RELAY_SESSION_H

#include "common/config.h"
#include "common/reply.h"
#include "common/smtp_client.h"
#include "smtpd/route.h"

#include <stdbool.h>

enum { RELAY_WHERE_SIZE = DOMAIN_MAX + 64, RELAY_TLS_SIZE = 200 };

struct dns;
struct tls_context;

struct relay_session {
	const struct config *config;
	struct tls_context *tls;
	struct dns *dns; /* for TLSA records */
	const char *id;  /* of the message, for the log */
	const struct hop *hop;
	char where[RELAY_WHERE_SIZE]; /* "mx.far.example[192.0.2.1]:25" */
	struct smtp_client client;    /* conn NULL: it is closed */
	bool encrypted;
	enum relay_tls checked; /* VERIFY or DANE: the certificate was */
	char tls_words[RELAY_TLS_SIZE];
	bool others; /* who were not there, or are not asked yet */
};

/*
 * Connects to HOP, which must live as long as the session.  250; or why mail
 * cannot go there now, always a 4xx: it is trouble on the way, not a word about
 * a message.  Then the session is closed.
 */
struct reply relay_session_open(struct relay_session *session,
    const struct hop *hop);

/* "TLS1.3 ..., verified by DANE", or "" in clear. */
const char *relay_session_tls(const struct relay_session *session);

/* Says QUIT, if anybody is there to hear it. */
void relay_session_close(struct relay_session *session);

#endif
