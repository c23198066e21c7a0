/*
 * envelope.h - a transaction: MAIL, RCPT ..., until DATA is over.
 *
 * The envelope is kept in the queue's own form (queue.h), from the first MAIL
 * on: what is handed to mda, what is queued and what is logged is one struct.
 * What lives as long as a transaction hangs here; transaction_clear() ends it.
 */
#ifndef SMTPD_ENVELOPE_H
#define SMTPD_ENVELOPE_H

#include "common/address.h"
#include "common/fault.h"
#include "smtpd/queue.h"

#include <stdbool.h>
#include <stddef.h>

struct intake;

/* All zero while there is none. */
struct transaction {
	struct queue_entry envelope;
	bool utf8;             /* SMTPUTF8 was given with MAIL */
	struct intake *intake; /* its text, since the first chunk (data.c) */
	size_t accepted;       /* RCPT commands that were taken */
	struct fault faults[FAULT_PLACES]; /* what recipients stand for */
	/* The last of them as it was typed: for Received, if it is the only. */
	char typed[ADDRESS_TEXT_MAX];
};

/* Begins one, with a new queue id. */
void transaction_begin(struct transaction *transaction,
    const struct queue_origin *origin);

/* Where mail for an address goes. */
struct transaction_final {
	struct address address;
	bool local;
};

/*
 * RCPT for TYPED is taken, which leads to the COUNT FINALS; PARAMETERS are
 * those that are kept (DSN), or "".  Each is added but who is there already,
 * for whom what asks for more reports holds.  An alias of several whose success
 * is to be reported is added as such (RFC 3461 5.2.7.3 (c)).
 */
void transaction_accept(struct transaction *transaction,
    const struct address *typed, const struct transaction_final *finals,
    size_t count, const char *parameters);

void transaction_clear(struct transaction *transaction);

/*
 * "id=... from=... helo=... login=..." for a log line about the envelope, all
 * of it made safe.  Lives until the next call.
 */
const char *envelope_log(const struct queue_entry *envelope);

#endif
