/*
 * smtp_client.h - the client side of SMTP and LMTP, straight-line.
 *
 * Used by smtpd for the hand-over to mda, by the queue, and by the mua.  Each
 * step sends and waits; what came back is a struct reply.  A broken connection
 * is the reply 421 4.4.2 with the reason, so callers know one kind of error;
 * a peer that answers with something that is no reply counts as broken too.
 *
 * How long to wait is the conn's timeout, which the caller sets; a whole reply
 * may take twice that, and the message as much and a second for each KiB.  What
 * is kept of a reply is bounded whatever the peer sends.
 */
#ifndef COMMON_SMTP_CLIENT_H
#define COMMON_SMTP_CLIENT_H

#include "common/reply.h"

#include <stdbool.h>
#include <stddef.h>

struct conn;
struct sockaddr_storage;
struct tls_context;
struct tls_dane;

enum smtp_extension {
	EXT_PIPELINING = 1 << 0,
	EXT_SIZE = 1 << 1,
	EXT_8BITMIME = 1 << 2,
	EXT_DSN = 1 << 3,
	EXT_STARTTLS = 1 << 4,
	EXT_SMTPUTF8 = 1 << 5,
	EXT_CHUNKING = 1 << 6,
	EXT_XFORWARD = 1 << 7,
	EXT_AUTH = 1 << 8,
	EXT_ORCPT = 1 << 9, /* ORCPT without the rest of DSN: our mda */
};

struct smtp_client {
	struct conn *conn;
	bool lmtp;
	unsigned extensions;
	char auth[256];              /* mechanisms offered, blank-separated */
	char xforward[256];          /* attributes offered, likewise */
	char greeting[256];          /* the host's name for itself */
	const struct tls_dane *dane; /* for STARTTLS, NULL without */
	bool broken;  /* nothing more can be said on this connection */
	bool sent;    /* the last smtp_send() got as far as the message */
	bool no_bdat; /* it found that BDAT is offered and not known */
};

/*
 * Connects to WHERE: "unix:PATH" or "HOST:PORT" or "[v6]:PORT" with literal
 * addresses.  Returns a descriptor, or -1 with errno.
 */
int smtp_connect(const char *where, int timeout_seconds);

/*
 * The same for an address with its port; SOURCE, where the connection comes
 * from, may be NULL.
 */
int smtp_connect_to(const struct sockaddr_storage *address,
    const struct sockaddr_storage *source, int timeout_seconds);

/*
 * Reads the greeting and says EHLO (LHLO with LMTP; HELO when EHLO is not
 * known) as HOSTNAME.  CONN stays the caller's.
 */
struct reply smtp_client_open(struct smtp_client *client, struct conn *conn,
    bool lmtp, const char *hostname);

/* EHLO (or LHLO, HELO) anew, for a caller who has seen to TLS himself. */
struct reply smtp_client_hello(struct smtp_client *client,
    const char *hostname);

/*
 * STARTTLS, the handshake, and EHLO anew.  421 4.7.5 when the handshake or,
 * with VERIFY or client->dane, the certificate fails: then the connection is
 * broken.
 */
struct reply smtp_client_starttls(struct smtp_client *client,
    struct tls_context *context, const char *host, bool verify,
    const char *hostname);

/*
 * Sends one command line and reads its reply.  A line break in it is refused
 * (554 5.5.0) and nothing is sent.
 */
struct reply smtp_command(struct smtp_client *client, const char *fmt, ...)
    PRINTF(2, 3);

/*
 * Reads one reply.  Control characters in its text become blanks; text beyond
 * REPLY_TEXT_MAX is cut at a line.
 */
struct reply smtp_read_reply(struct smtp_client *client);

/* One recipient of a transaction: what to send, what came back. */
struct smtp_recipient {
	const char *address;    /* local@domain */
	const char *parameters; /* "ORCPT=... NOTIFY=...", or "" */
	struct reply reply;     /* after RCPT; with LMTP after the final dot */
};

struct smtp_transaction {
	const char *sender;     /* "" for the null reverse-path */
	const char *parameters; /* of MAIL, or "" */
	const char *xforward;   /* a whole XFORWARD command line, or NULL */
	struct smtp_recipient *recipients;
	size_t recipient_count;
	/* What goes before the message, whole fields with LF line ends. */
	const char *header; /* NULL: nothing */
	/* The message with LF line ends, from offset 0: a descriptor. */
	int fd;
	int final_timeout; /* seconds for the last word; 0: as for any reply */
	bool chunking;     /* BDAT instead of DATA, where CHUNKING is offered */
};

/*
 * MAIL, RCPT ..., DATA and the message (dot-stuffed, CRLF), in groups where
 * PIPELINING is offered; or, behind the replies to RCPT, BDAT with the message
 * as one chunk (RFC 3030).  Every recipient's reply is set, by SMTP to the one
 * answer for all that were accepted.  Returns the last word on the whole: the
 * reply that settled it for the last recipients.
 *
 * Parameters of extensions that were not offered are left out (SIZE, BODY and
 * those of DSN), as is XFORWARD; what that means for a report is the caller's
 * to know.  A stray CR in the message is sent as a blank: RFC 5321 2.3.8 lets
 * it not pass, and a peer might take it for a line end.  When a message cannot
 * be read, 451 4.3.0, it is left unfinished and the connection is broken.  So
 * it is, 421 4.5.0 and client->no_bdat, when BDAT is not known to who offers it
 * (500 to 504), and when RSET is refused.  Replies that are out of step with
 * the commands (a 354 to RCPT, a 250 to DATA) break it, too, and then no
 * earlier one counts for anybody.
 */
struct reply smtp_send(struct smtp_client *client,
    struct smtp_transaction *transaction);

/* Says QUIT and waits briefly for the answer. */
void smtp_client_quit(struct smtp_client *client);

#endif
