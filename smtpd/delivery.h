/*
 * delivery.h - what is done with one queued message, in a process of its own.
 */
#ifndef SMTPD_DELIVERY_H
#define SMTPD_DELIVERY_H

#include "common/config.h"

struct relay;

/* What a delivery works with. */
struct delivery {
	const struct config *config;
	int queue;           /* descriptor of queue/ */
	struct relay *relay; /* relay.h */
};

enum task {
	TASK_NONE,
	TASK_DELIVER, /* to all who wait; then as the next */
	TASK_REPORT,  /* the sender is told what he is owed */
};

/*
 * Takes the envelope's lock, does TASK, and appends what came of it and when
 * the next attempt is.  Returns the exit status of the process: 0 unless the
 * outcome could not be written.
 */
int delivery_run(const struct delivery *delivery, const char *id,
    enum task task);

#endif
