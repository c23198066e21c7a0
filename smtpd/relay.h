/*
 * relay.h - mail to other hosts, by SMTP (RFC 5321 3.6, 5.1).
 *
 * Where to is route.h's to say; this is the way there.  Only the queue's
 * delivery workers send: a session never does.
 *
 * The hosts of a route are tried in turn: who cannot be reached, or does not
 * take mail now, is followed by the next.  A 5xx about a recipient or about the
 * message is final; of trouble on the way nothing is.  Once a message was sent
 * up to its final dot no further host is tried in this attempt, whatever became
 * of the answer: there may be a copy.
 *
 * Limit: a connection serves one message, whatever its number of recipients.
 */
#ifndef SMTPD_RELAY_H
#define SMTPD_RELAY_H

#include "common/config.h"
#include "smtpd/queue.h"

struct relay;

/*
 * For the queue manager, before its sandbox: loads what its workers cannot.
 * Never NULL.
 */
struct relay *relay_open(const struct config *config);
void relay_close(struct relay *relay);

/*
 * Tries everybody in ENVELOPE who waits and is not local, with the message on
 * MESSAGE_FD, and sets the last word about each.  What a host has said is
 * durable on ENV_FD before the next one is asked.  0; -1 when it cannot be
 * written: then the attempt must end.
 */
int relay_deliver(struct relay *relay, struct queue_entry *envelope,
    int message_fd, int env_fd);

#endif
