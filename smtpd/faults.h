/*
 * faults.h - faults made on purpose, for labs and tests, on a listener with
 * faults = yes (common/fault.h has how they are written).
 *
 * A recipient in a domain of ours whose local part is a fault is that fault,
 * whether he has a mailbox or not.  The time table fault_times holds for all
 * clients, whatever they say.
 *
 * Nothing is lost by a fault: each comes before anything was acknowledged, and
 * what was received is thrown away.
 */
#ifndef SMTPD_FAULTS_H
#define SMTPD_FAULTS_H

#include "common/fault.h"
#include "common/reply.h"

#include <stdbool.h>

struct address;
struct session;

/* The time tables begin now. */
void faults_start(void);

/*
 * Whether there is a fault at PLACE now, by the time table or by a recipient of
 * the transaction.  Then *REPLY_OUT is what to say instead; with code 0 all is
 * done, and the session is to end.  After FAULT_TIMEOUT it returns when the
 * client has gone.
 */
bool faults_meet(struct session *s, enum fault_place place,
    struct reply *reply_out);

/*
 * RCPT for RECIPIENT: whether it is a fault.  Then *REPLY_OUT is the reply; 250
 * for one whose place is still to come.
 */
bool faults_take_recipient(struct session *s, const struct address *recipient,
    struct reply *reply_out);

#endif
