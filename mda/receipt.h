/*
 * receipt.h - reports of success that a front end has asked for.
 *
 * A server that announces DSN has to say "delivered" to a sender who asked for
 * it (RFC 3461 5.2.7).  smtpd makes its own reports and asks mda for none; the
 * front end here is another mail system, which would pass NOTIFY=SUCCESS on and
 * count on us.
 *
 * A receipt is a message in smtpd's queue of which nothing waits any more: all
 * its recipients are done, and a report is owed.  smtpd finds, writes and sends
 * it as it does its own (docs/QUEUE.md).  What stands for the message is its
 * header; a report of success returns no more.
 */
#ifndef MDA_RECEIPT_H
#define MDA_RECEIPT_H

#include <stdbool.h>

#include "smtpd/queue.h"

struct arrival;
struct config;

/* Where smtpd looks for new messages, as the sandbox knows it. */
#define RECEIPT_FOLDER "queue/" QUEUE_INCOMING

/*
 * Whether reports are to be sent by CONFIG: mda.dsn, and smtpd is on this host
 * to send them.
 */
bool receipt_is_wanted(const struct config *config);

/*
 * Opens the queue, once in a process and before its sandbox.  When that fails
 * (logged) DSN is not announced.
 */
void receipt_open_queue(void);
void receipt_close_queue(void);

/* Whether there is a queue for them, and so DSN can be announced. */
bool receipt_is_possible(void);

struct receipt {
	struct queue_entry entry;
	int header; /* a file with the header of the message */
};

/*
 * Before the delivery of ARRIVAL, whose MAIL had PARAMETERS (RET and ENVID):
 * what needs room on the disk is written.  0; -1 (logged) when it does not
 * work, and then nobody should get a copy yet.
 */
int receipt_begin(struct receipt *receipt, const struct arrival *arrival,
    const char *parameters);

/*
 * MAILBOX has the message.  TYPED is the address in RCPT, ASKED are its NOTIFY
 * and ORCPT, SAID is our answer.
 */
void receipt_add(struct receipt *receipt, const char *mailbox,
    const char *typed, const char *asked, const struct reply *said);

/*
 * Behind the delivery, before the answers: makes the receipt durable, if
 * anybody was added, and clears it.  Trouble is logged and no more: the message
 * is there, and to ask for it again would make a second copy.
 */
void receipt_end(struct receipt *receipt);

#endif
