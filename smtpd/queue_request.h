/*
 * queue_request.h - what the queue manager can be asked for, and how.
 *
 * run/queue is a SEQPACKET socket; a connection is one request and one answer,
 * a datagram each:
 *
 *   request  = "flush" SP ["@"] domain   ; try what waits for it now
 *            / "list" SP owner           ; what he sent (notes.h)
 *            / "retry" SP (id / "all")   ; try it now
 *            / "look" SP (id / "all")    ; the files were changed
 *   answer   = "ok" [SP number] *(LF line)
 *            / "started" / "absent" / "held" / "busy" / "no"
 *
 * A line of list is "ID AGE SIZE WAITING RECIPIENTS NEXT REPLY": octets,
 * seconds ("held" or "now" for NEXT), and the last words heard, in printable
 * ASCII.
 *
 * Session workers ask, so whoever took one over can.  Therefore there is no
 * request that could lose, stop or change a message: what the operator does
 * beyond these is done with the files (queue_hold() ...), which no worker can
 * reach.  docs/DESIGN.md tells more.
 */
#ifndef SMTPD_QUEUE_REQUEST_H
#define SMTPD_QUEUE_REQUEST_H

#include "common/address.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

#define QUEUE_SOCKET "run/queue"

enum {
	QUEUE_REQUEST_MAX = 512,
	QUEUE_ANSWER_MAX = 16384,
	QUEUE_LIST_MAX = 40, /* lines of an answer */
};

enum queue_verb { QUEUE_FLUSH, QUEUE_LIST, QUEUE_RETRY, QUEUE_LOOK };

struct queue_request {
	enum queue_verb verb;
	bool below;                     /* flush: subdomains too */
	bool all;                       /* retry, look */
	char subject[ADDRESS_TEXT_MAX]; /* domain, login or id; "" with all */
};

/* Understands SIZE bytes from anybody.  False when they are no request. */
bool queue_request_parse(const char *data, size_t size,
    struct queue_request *request_out);

/*
 * Asks the manager: VERB is the word above.  Its answer goes to ANSWER, which
 * begins with one of the words above.  -1 when there is no manager, or it says
 * nothing for some seconds: not logged.
 */
int queue_ask(const char *verb, const char *subject, struct buf *answer);

/* Whether ANSWER is WORD, with or without more behind it. */
bool queue_answer_is(const struct buf *answer, const char *word);

/* The number of "ok NUMBER"; 0 without one. */
size_t queue_answer_number(const struct buf *answer);

#endif
