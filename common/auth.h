/*
 * auth.h - what a session calls to log its client in.
 *
 * The work is done in the auth helper (auth_helper.h) over a SEQPACKET Unix
 * socket, run/PROGRAM-auth; the session sees neither SASL nor a password
 * store.  One struct auth is one attempt; the helper makes a new SASL handle
 * for each (CVE-2011-1720).  Challenges and responses are decoded bytes here;
 * base64 is the session's wire form (auth_base64_*).
 */
#ifndef COMMON_AUTH_H
#define COMMON_AUTH_H

#include "common/buf.h"
#include "common/config.h"

#include <stdbool.h>
#include <stddef.h>

struct auth;

enum auth_result {
	AUTH_CONTINUE,  /* send the challenge, then auth_step() */
	AUTH_SUCCESS,   /* auth_login() says who; the challenge may hold data */
	AUTH_FAILED,    /* wrong name or password, or the account is disabled */
	AUTH_MALFORMED, /* the response is not of the mechanism's form */
	AUTH_UNKNOWN,   /* no such mechanism here */
	AUTH_WEAK,      /* the mechanism would need TLS first (RFC 4954: 538) */
	AUTH_LATER,     /* the helper is away or too busy: 454 */
	AUTH_TOO_MANY,  /* too many failures from this address: 454, and wait */
	/* Only auth_dialog() (auth_dialog.h) says these: */
	AUTH_CANCELLED,  /* the client said "*": 501 */
	AUTH_BAD_BASE64, /* 501 5.5.2 */
	AUTH_LINE_LONG,  /* the response line does not fit: 500 5.5.6 */
	AUTH_GONE,       /* the connection ended: nothing left to say */
};

enum {
	AUTH_DATA_MAX = 7168, /* octets of one response or challenge, decoded */
	AUTH_LINE_MAX = 12288, /* of a line with base64 (RFC 4954 4) */
};

struct auth_start {
	const char *program;   /* "smtpd": names the socket */
	const char *service;   /* SASL service: "smtp", "pop" */
	const char *mechanism; /* as typed */
	const char *peer;      /* address, for the log and the limits */
	bool tls;              /* the connection is encrypted */
	bool cleartext;        /* the listener allows passwords without TLS */
	bool has_initial;
	const char *initial; /* initial response, decoded */
	size_t initial_size;
};

/*
 * Begins an attempt.  *AUTH_OUT is set in every case; free it with
 * auth_end().  CHALLENGE is replaced.  A failure is answered a second late.
 */
enum auth_result auth_begin(const struct auth_start *start,
    struct auth **auth_out, struct buf *challenge);

/* Sends the client's response, gets the next challenge. */
enum auth_result auth_step(struct auth *auth, const char *response, size_t size,
    struct buf *challenge);

/* user@domain in lower case, after AUTH_SUCCESS. */
const char *auth_login(const struct auth *auth);

/*
 * The line to the process that was made for this login (pop3d's grant): a
 * descriptor the caller owns from now on, or -1.  See server.h.
 */
int auth_take_grant(struct auth *auth);

/* NULL is allowed. */
void auth_end(struct auth *auth);

/*
 * A user name and password that came by another road (USER and PASS).  Needs
 * no mechanism; START->mechanism and the initial response are ignored.
 */
enum auth_result auth_password(const struct auth_start *start, const char *user,
    const char *password, struct auth **auth_out);

/* Whether APOP may be tried at all: auth.apop, with auth.teaching. */
bool auth_offers_apop(const struct config *config);

/*
 * APOP (RFC 1939 7): DIGEST is what USER's client made of STAMP and its secret.
 * As auth_password(), but no secret goes over the wire.
 */
enum auth_result auth_apop(const struct auth_start *start, const char *user,
    const char *stamp, const char *digest, struct auth **auth_out);

/*
 * Appends the mechanisms to offer, blank-separated, in the configuration's
 * order: without TLS and CLEARTEXT no PLAIN and LOGIN; CRAM-MD5 and DIGEST-MD5
 * only with auth.teaching.
 */
void auth_mechanisms(const struct config *config, bool tls, bool cleartext,
    struct buf *to);

/* Standard base64 with padding.  Decoding is strict: false for anything else.
 */
void auth_base64_encode(const void *data, size_t size, struct buf *to);
bool auth_base64_decode(const char *text, struct buf *to);

#endif
