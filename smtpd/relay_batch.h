/*
 * relay_batch.h - some recipients of one message who go the same way.
 */
#ifndef SMTPD_RELAY_BATCH_H
#define SMTPD_RELAY_BATCH_H

#include "common/config.h"
#include "smtpd/queue.h"
#include "smtpd/relay_bdat.h"
#include "smtpd/relay_link.h"
#include "smtpd/relay_message.h"
#include "smtpd/route.h"

#include <stddef.h>

enum { RELAY_BATCH_MAX = 100 /* RFC 5321 4.5.3.1.8: everybody takes them */ };

struct relay_seven;
struct tls_context;

/* A message on its way, as every batch of it sees it. */
struct relay_job {
	const struct config *config;
	struct tls_context *tls;
	struct dns *dns;
	struct relay_link *link; /* a connection may be open already */
	struct relay_bdat *bdat; /* who is spoken to without BDAT */
	struct queue_entry *envelope;
	struct relay_message message;
	int env_fd;
	/* What goes before it, LF line ends (sign.h); NULL: not known yet. */
	char *signatures;
	struct relay_seven *seven; /* the same in 7 bits; NULL: not made yet */
	struct reply trouble; /* no host could be reached: why; or code 0 */
};

struct relay_batch {
	size_t count;
	size_t members[RELAY_BATCH_MAX]; /* numbers in the envelope */
};

/*
 * Tries the hosts of ROUTE in turn, until everybody in BATCH has a last word or
 * there is none left.  What is said is durable before it is logged.  0; -1 when
 * it cannot be made so.  When no host could be reached JOB's trouble says why.
 */
int relay_batch_send(struct relay_job *job, const struct route *route,
    const struct relay_batch *batch);

/* R is our own word about all of BATCH who still wait. */
int relay_batch_settle(struct relay_job *job, const struct relay_batch *batch,
    const struct reply *r);

#endif
