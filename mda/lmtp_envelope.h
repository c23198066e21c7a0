/*
 * lmtp_envelope.h - what MAIL, RCPT and XFORWARD have said, until the final
 * dot.
 *
 * Knows the commands' arguments and nothing of the connection.
 */
#ifndef MDA_LMTP_ENVELOPE_H
#define MDA_LMTP_ENVELOPE_H

#include "common/directory.h"
#include "common/reply.h"
#include "mda/deliver.h"
#include "mda/xforward.h"

struct lmtp_recipient {
	struct mailbox mailbox;
	char original[ADDRESS_TEXT_MAX]; /* ORCPT, or as in RCPT */
	struct reply reply;              /* after the final dot */
};

/* All zero to begin with. */
struct lmtp_envelope {
	char sender[ADDRESS_TEXT_MAX]; /* "" for <> */
	int64_t declared;              /* SIZE=, 0 without */
	struct lmtp_recipient *recipients;
	size_t count;
	size_t room;
	struct forwarded forwarded;
};

/* MAIL with ARGUMENT "FROM:<path> parameters"; LIMIT octets, 0 for none. */
struct reply lmtp_mail(struct lmtp_envelope *envelope, const char *argument,
    int64_t limit);

/* RCPT with ARGUMENT "TO:<path> parameters". */
struct reply lmtp_rcpt(struct lmtp_envelope *envelope, const char *argument);

/*
 * The message in PARCEL, of LINES lines, with its envelope, ready to deliver.
 * Lives as long as both.
 */
struct arrival lmtp_arrival(const struct config *config,
    const struct lmtp_envelope *envelope, struct parcel *parcel, int64_t lines);

/*
 * Delivers to all recipients; ARRIVAL's answer() hears how it went for each, in
 * their order.  One who was named twice gets one copy, and the second time the
 * first answer.
 */
void lmtp_deliver(struct lmtp_envelope *envelope,
    const struct arrival *arrival);

/* Forgets all of it. */
void lmtp_envelope_clear(struct lmtp_envelope *envelope);

#endif
