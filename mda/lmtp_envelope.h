/*
 * lmtp_envelope.h - what MAIL, RCPT and XFORWARD have said, until the final
 * dot.
 *
 * Knows the commands' arguments and nothing of the connection.
 */
#ifndef MDA_LMTP_ENVELOPE_H
#define MDA_LMTP_ENVELOPE_H

#include "common/address.h"
#include "common/directory.h"
#include "common/dsn.h"
#include "common/reply.h"
#include "mda/xforward.h"

struct lmtp_recipient {
	struct mailbox mailbox;
	char original[ADDRESS_TEXT_MAX]; /* ORCPT, or as in RCPT */
	struct reply reply;              /* after the final dot */
	/*
	 * Where a report of success is asked for, else NULL: the address in
	 * RCPT, and the parameters behind it.
	 */
	char *typed;
	char *asked;
};

/* All zero to begin with. */
struct lmtp_envelope {
	char sender[ADDRESS_TEXT_MAX]; /* "" for <> */
	int64_t declared;              /* SIZE=, 0 without */
	char ret[DSN_RET_SIZE];        /* "" without, as the next */
	char envid[DSN_ENVID_SIZE];
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

/* Forgets all of it. */
void lmtp_envelope_clear(struct lmtp_envelope *envelope);

#endif
