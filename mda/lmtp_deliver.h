/*
 * lmtp_deliver.h - from an envelope and its message to copies and answers.
 */
#ifndef MDA_LMTP_DELIVER_H
#define MDA_LMTP_DELIVER_H

#include "mda/deliver.h"
#include "mda/lmtp_envelope.h"

/*
 * The message in PARCEL, of LINES lines, with its envelope, ready to deliver.
 * Lives as long as both.
 */
struct arrival lmtp_arrival(const struct config *config,
    const struct lmtp_envelope *envelope, struct parcel *parcel, int64_t lines);

/*
 * Delivers to all recipients; ARRIVAL's answer() hears how it went for each, in
 * their order.  One who was named twice gets one copy, and the second time the
 * first answer.  Where a report of success is asked for, it is in the queue
 * before the first of the answers (receipt.h).
 */
void lmtp_deliver(struct lmtp_envelope *envelope,
    const struct arrival *arrival);

#endif
