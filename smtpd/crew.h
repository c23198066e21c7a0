/*
 * crew.h - the delivery workers: one process an attempt, a few at a time.
 *
 * Each is born of the queue manager, may read and append in queue/, speak to
 * mda and to other hosts, and ends after one message.
 */
#ifndef SMTPD_CREW_H
#define SMTPD_CREW_H

#include "common/config.h"
#include "smtpd/delivery.h"
#include "smtpd/queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct crew_member {
	pid_t pid;  /* 0: the place is free */
	bool again; /* it may have been too early */
	char id[QUEUE_ID_SIZE];
};

struct crew {
	const struct config *config;
	int queue;           /* descriptor of queue/ */
	struct relay *relay; /* the way to other hosts; the manager's */
	struct crew_member *members;
	size_t size;
};

/* As many places as the configuration says. */
void crew_init(struct crew *crew, const struct config *config, int queue);

bool crew_has_room(const struct crew *crew);
bool crew_is_on(const struct crew *crew, const char *id);

/* Starts a worker for ID.  0, or -1 (logged). */
int crew_start(struct crew *crew, const char *id, enum task task);

/* Calls ENDED for every delivery that has ended; GOOD: as it should. */
void crew_reap(struct crew *crew,
    void (*ended)(void *arg, const struct crew_member *member, bool good),
    void *arg);

/* Marks all who are at work now: their messages are to be tried again. */
void crew_again(struct crew *crew);

#endif
