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

/*
 * Adds FINAL, where mail for TYPED goes; PARAMETERS are those of RCPT that are
 * kept (DSN), or "".  Returns it, local; NULL when it is there already.
 */
struct queue_recipient *transaction_add(struct transaction *transaction,
    const struct address *typed, const struct address *final,
    const char *parameters);

/* RCPT for TYPED is taken, with all that was added for it. */
void transaction_accept(struct transaction *transaction,
    const struct address *typed);

void transaction_clear(struct transaction *transaction);

/*
 * "id=... from=... helo=... login=..." for a log line about the envelope, all
 * of it made safe.  Lives until the next call.
 */
const char *envelope_log(const struct queue_entry *envelope);

#endif
