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
 * One connection is kept open behind a message, for the next that goes the same
 * way (relay_link.h).
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

/* What is to be done with one message. */
struct relay_errand {
	struct queue_entry *envelope;
	const char *destination; /* destination.h: who else waits is left */
	int message_fd;
	int env_fd; /* the envelope, locked */
};

/*
 * Tries everybody who waits for that destination, and sets the last word about
 * each.  What a host has said is durable in the envelope before the next one is
 * asked.  0; -1 when it cannot be written: then the attempt must end.  When no
 * host could be reached, or DNS did not say which, *WHY is that word, a 4xx.
 */
int relay_deliver(struct relay *relay, const struct relay_errand *errand,
    struct reply *why_out);

/* The descriptor of the connection that is kept; -1: there is none. */
int relay_kept_fd(const struct relay *relay);

/* Ends it. */
void relay_hang_up(struct relay *relay);

#endif
