/*
 * transaction.h - what MAIL, RCPT and XFORWARD have said, until the final dot.
 *
 * Knows the commands' arguments and nothing of the connection.
 */
#ifndef MDA_TRANSACTION_H
#define MDA_TRANSACTION_H

#include "common/directory.h"
#include "common/reply.h"
#include "mda/deliver.h"
#include "mda/xforward.h"

struct recipient {
	struct mailbox mailbox;
	char original[ADDRESS_TEXT_MAX]; /* ORCPT, or as in RCPT */
	struct reply reply;              /* after the final dot */
};

/* All zero to begin with. */
struct transaction {
	char sender[ADDRESS_TEXT_MAX]; /* "" for <> */
	int64_t declared;              /* SIZE=, 0 without */
	struct recipient *recipients;
	size_t count;
	size_t room;
	struct forwarded forwarded;
};

/* MAIL with ARGUMENT "FROM:<path> parameters"; LIMIT octets, 0 for none. */
struct reply transaction_mail(struct transaction *transaction, char *argument,
    int64_t limit);

/* RCPT with ARGUMENT "TO:<path> parameters". */
struct reply transaction_rcpt(struct transaction *transaction, char *argument);

/*
 * The message in SPOOL, of LINES lines, with its envelope, ready to deliver.
 * Lives as long as both.
 */
struct arrival transaction_arrival(const struct transaction *transaction,
    struct spool *spool, int64_t lines);

/*
 * Delivers to recipient I.  One who was named twice gets one copy, and the
 * second time the first answer.
 */
struct reply transaction_deliver(struct transaction *transaction,
    const struct arrival *arrival, size_t i);

/* Forgets all of it. */
void transaction_clear(struct transaction *transaction);

#endif
