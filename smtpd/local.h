/*
 * local.h - the hand-over of local mail to mda, by LMTP.
 *
 * Used by the session, before its 250, and by the queue's delivery workers.
 */
#ifndef SMTPD_LOCAL_H
#define SMTPD_LOCAL_H

#include "common/config.h"
#include "smtpd/queue.h"

/*
 * Hands the message on MESSAGE_FD to mda for every local recipient of ENVELOPE
 * that waits, and sets the last word about each (queue_decide).  Everything
 * together takes at most config->lmtp_timeout; whoever got no answer waits on,
 * with a 4xx.  A 2xx is given only on mda's word that the copy is durable.
 */
void local_deliver(const struct config *config, struct queue_entry *envelope,
    int message_fd);

/* One log line a recipient about what has become of it just now. */
void local_log(const struct queue_entry *envelope);

#endif
