/*
 * receive.h - DATA: from behind the 354 to a message in the spool.
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
	struct headers headers;
};

/*
 * Begins: Received goes to SPOOL.  LIMIT is the largest message in octets;
 * COMPLETE adds the fields that are missing.  STAMP must live as long.
 */
void receive_begin(struct receive *receive, int64_t limit,
    const struct stamp *stamp, bool complete, struct mail_spool *spool);

/* The last line was read: 250, or the refusal.  Frees what it holds. */
struct reply receive_end(struct receive *receive);

/*
 * All of it from CONN.  250, the refusal, or code 0 when the connection ended
 * first.  After data_reader_lost() the refusal is the last thing to say.
 */
struct reply receive_message(struct conn *conn, struct receive *receive);

#endif
