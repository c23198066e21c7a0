/*
 * delivery.h - a delivery worker: what the queue manager orders, and what is
 * done about it.
 */
#ifndef SMTPD_DELIVERY_H
#define SMTPD_DELIVERY_H

#include "common/config.h"
#include "common/reply.h"
#include "smtpd/destination.h"
#include "smtpd/queue.h"

#include <stdbool.h>

struct relay;

/* What a delivery works with. */
struct delivery {
	const struct config *config;
	int queue;           /* descriptor of queue/ */
	struct relay *relay; /* relay.h */
};

/* A datagram from the manager. */
struct order {
	char id[QUEUE_ID_SIZE];
	/* Whom to try; with DESTINATION_SENDER nobody. */
	char destination[DESTINATION_SIZE];
	bool tell; /* it is the last: the sender is told what he is owed */
};

/* The answer to it. */
struct outcome {
	char id[QUEUE_ID_SIZE];
	bool good;        /* false: what has come of it could not be written */
	bool over;        /* everybody has it, and nobody is to be told */
	struct reply why; /* no host could be reached: a 4xx; else code 0 */
};

/*
 * Takes the envelope's lock, does what ORDER says, and appends what came of it.
 */
struct outcome delivery_run(const struct delivery *delivery,
    const struct order *order);

/*
 * The life of a worker: one order after another from CHANNEL, a nonblocking
 * SEQPACKET socket, until it ends or there is nothing to do.  Returns the exit
 * status of the process.
 */
int delivery_serve(const struct delivery *delivery, int channel);

#endif
