/*
 * headers.h - what is added to a message as it comes in, and where.
 *
 * A filter between data_reader and the spool.  It writes Received: first, then
 * lets every byte through, but looks at the header as it passes:
 *
 * - A line that is neither a field nor the continuation of one begins the
 *   body, and a blank line is put before it (worksheet 08).  So a text without
 *   any header is all body (worksheet 15).
 * - Message-Id, Date and From go in behind the last field where they are
 *   missing or empty, if that is wanted; never To (RFC 6409 8, worksheet 05).
 *   In a message that was resent it is the fields Resent-... (RFC 5322 3.6.6)
 *   which are made complete, as Postfix does; the author's stay the author's.
 * - Authentication-Results in our own name is taken out (RFC 8601 5).
 * - Bcc and Resent-Bcc are taken out, if that is wanted (RFC 5322 3.6.3).
 * - Received fields are counted, for the loop limit (RFC 5321 6.3), and the
 *   Message-Id is remembered, for the log.
 * - A header that does not end is not taken for ever: HEADERS_SIZE_MAX.
 */
#ifndef SMTPD_HEADERS_H
#define SMTPD_HEADERS_H

#include "common/buf.h"
#include "common/message_id.h"

#include <stdbool.h>
#include <time.h>

/* Most octets before the body, LF line ends. */
enum { HEADERS_SIZE_MAX = 1 << 20 };

/* What may be done to a message, or-ed. */
enum headers_care {
	HEADERS_COMPLETE = 1 << 0, /* add what is missing */
	HEADERS_HIDE_BCC = 1 << 1, /* take Bcc out */
};

/*
 * What Received, the added fields and the log say.  Foreign bytes are made safe
 * here.
 */
struct stamp {
	const char *id;
	const char *hostname;  /* ours */
	const char *domain;    /* ours, for addresses */
	const char *helo;      /* as the client said it */
	const char *peer;      /* its address */
	const char *protocol;  /* ESMTPSA ... (RFC 3848) */
	const char *tls;       /* tls_describe(), or NULL */
	const char *results;   /* for Authentication-Results, or NULL */
	const char *recipient; /* the only one, or NULL */
	const char *sender;    /* local@domain, "" for <> */
	const char *uid;       /* for the log, "" or NULL unless known */
	const char *login;     /* likewise */
	const char *listener;  /* likewise, its name */
	time_t when;
};

enum header_part { HEADER_START, HEADER_FIELDS, HEADER_BODY };

struct headers {
	int received; /* Received fields that came with it */
	bool too_big; /* it was given up: headers_add() has said -1 */
	char message_id[MESSAGE_ID_SIZE]; /* that came, or was added; or "" */

	const struct stamp *stamp; /* the caller's */
	unsigned care;             /* enum headers_care */
	int (*sink)(void *arg, const char *data, size_t size);
	void *arg;
	enum header_part part;
	size_t size;      /* of the header so far */
	bool resent;      /* it has a field Resent-... */
	unsigned seen;    /* of the fields that may be added */
	struct buf line;  /* the beginning of a line not yet whole */
	struct buf field; /* whole lines of a field that may go on */
	size_t name_size; /* of its name */
};

/*
 * Writes Received to SINK.  CARE is or-ed of enum headers_care.  0, or -1 when
 * the sink says so.
 */
int headers_begin(struct headers *headers, const struct stamp *stamp,
    unsigned care, int (*sink)(void *arg, const char *data, size_t size),
    void *arg);

/*
 * Takes a piece of the message, LF line ends.  HEADERS is a struct headers.  0,
 * or -1 when the sink says so or the header is too big.
 */
int headers_add(void *headers, const char *data, size_t size);

/* The message is at its end.  0 or -1. */
int headers_end(struct headers *headers);

void headers_clear(struct headers *headers);

/*
 * A HELO name fit to be shown: printable ASCII without blanks and without what
 * has a meaning in a header field; '?' for everything else.
 */
const char *headers_safe_helo(const char *helo, char *text, size_t size);

/* "Sun, 22 Nov 2026 00:48:32 +0000" (RFC 5322 3.3), local time. */
const char *headers_date(time_t when, char *text, size_t size);

/* The length of the name in front of a colon, 0 when LINE is no field. */
size_t headers_name_length(const char *line, size_t size);

#endif
