/*
 * custody.h - the moment a message becomes ours.
 *
 * A 250 after DATA is a promise: every recipient has the message in a mailbox
 * or in a durable queue file.  This module makes it true, or says no; it is
 * the only one that decides between mailbox, queue and refusal.
 */
#ifndef SMTPD_CUSTODY_H
#define SMTPD_CUSTODY_H

#include "common/config.h"
#include "common/reply.h"
#include "smtpd/queue.h"

/*
 * Takes the message on MESSAGE_FD for ENVELOPE.  Returns "250 2.0.0 Ok: queued
 * as ID" once nothing can be lost any more; else a refusal, and then no
 * recipient has it and none will get it.
 */
struct reply custody_take(const struct config *config, int incoming,
    struct queue_entry *envelope, int message_fd);

#endif
