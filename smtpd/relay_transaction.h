/*
 * relay_transaction.h - one message over an open session.
 */
#ifndef SMTPD_RELAY_TRANSACTION_H
#define SMTPD_RELAY_TRANSACTION_H

#include "smtpd/relay_batch.h"
#include "smtpd/relay_session.h"

#include <stdbool.h>

/*
 * Offers the message of JOB for those in BATCH who wait, and sets the last word
 * about each.  Returns whether who waits still may be offered to another host:
 * not when the message was sent, since it may have been kept.
 */
bool relay_transaction(struct relay_session *session, struct relay_job *job,
    const struct relay_batch *batch);

#endif
