/*
 * receive.h - DATA and BDAT: from the wire to a message in the spool.
 *
 * data_reader.h takes the wire's form off, headers.h puts in what is missing,
 * spool.h keeps it.  A fault is found on the way and answered at the end, so
 * the session stays in step.
 */
#ifndef SMTPD_RECEIVE_H
#define SMTPD_RECEIVE_H

#include "common/data_reader.h"
#include "smtpd/headers.h"
#include "smtpd/spool.h"

#include <stdbool.h>

enum {
	RECEIVE_LINE_MAX = 65536, /* octets without CRLF; RFC 5321 has 998 */
	RECEIVE_HOPS_MAX = 100,   /* Received fields; RFC 5321 6.3 */
};

struct receive {
	struct data_reader reader;
	struct headers headers; /* its message_id stays to be read */
};

/*
 * Begins: Received goes to SPOOL.  LIMIT is the largest message in octets; CARE
 * is enum headers_care, or-ed.  STAMP must live as long.
 */
void receive_begin(struct receive *receive, int64_t limit,
    const struct stamp *stamp, unsigned care, struct mail_spool *spool);

/*
 * All was read: 250, and event=message with all that is known of the message
 * and where it came from; or the refusal.  Frees what it holds.
 */
struct reply receive_end(struct receive *receive);

/*
 * A chunk of SIZE octets from CONN (BDAT, RFC 3030), after receive_begin() and
 * nothing else.  250, the refusal of the whole message, or code 0 when the
 * connection ended first.  receive_end() follows the LAST.
 */
struct reply receive_chunk(struct conn *conn, struct receive *receive,
    int64_t size, bool last);

/* Frees what it holds, for one that does not come to its end. */
void receive_clear(struct receive *receive);

/*
 * All of it from CONN.  250, the refusal, or code 0 when the connection ended
 * first.  After data_reader_lost() the refusal is the last thing to say.
 */
struct reply receive_message(struct conn *conn, struct receive *receive);

#endif
