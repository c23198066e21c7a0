/*
 * crew.h - the delivery workers: processes that live for many orders.
 *
 * Each is born of the queue manager, may read and append in queue/, speak to
 * mda and to other hosts, and is told over a socket of its own what to do
 * (delivery.h).  What it answers is checked: it meets hosts that nobody knows.
 * It ends by itself, after some work or when there is none, and when its
 * manager does.
 */
#ifndef SMTPD_CREW_H
#define SMTPD_CREW_H

#include "common/config.h"
#include "smtpd/delivery.h"
#include "smtpd/queue.h"
#include "smtpd/turns.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct crew_member {
	pid_t pid;                          /* 0: the place is free */
	int fd;                             /* -1: it is ending */
	struct errand *errand;              /* NULL: it is idle */
	char destination[DESTINATION_SIZE]; /* of its last order */
	unsigned long since;                /* older is less */
};

struct crew {
	const struct config *config;
	int queue;           /* descriptor of queue/ */
	struct relay *relay; /* the way to other hosts; the manager's */
	struct crew_member *members;
	size_t size;
	size_t busy;
	unsigned long clock; /* of since */
};

/* How a worker has ended with an errand. */
enum crew_end {
	CREW_DONE,
	CREW_OVER,    /* and its message with it: everybody has it */
	CREW_UNBEGUN, /* it had ended before */
	CREW_FAILED,  /* the outcome is not written, or it died (logged) */
};

struct crew_desk {
	/* WHY: as in struct outcome, or NULL. */
	void (*ended)(void *arg, struct errand *errand, enum crew_end end,
	    const struct reply *why);
	void *arg;
};

/* As many places as the configuration says. */
void crew_init(struct crew *crew, const struct config *config, int queue);
void crew_clear(struct crew *crew);

/* How many errands could begin now. */
int crew_free(const struct crew *crew);

/*
 * Gives ERRAND, for its first lane, to a worker: who was there last (he may
 * have a connection), a new one, or who has been idle for longest.  0, or -1
 * (logged) when there is none.
 */
int crew_send(struct crew *crew, struct errand *errand);

/* Fills POLLS, one a place, for poll(2). */
size_t crew_poll(const struct crew *crew, struct pollfd *polls);

/* Hears who has ended; POLLS are those of crew_poll(). */
void crew_hear(struct crew *crew, const struct pollfd *polls,
    const struct crew_desk *desk);

/* Buries the dead. */
void crew_reap(struct crew *crew, const struct crew_desk *desk);

/* Marks the errands that are at work now: they are to be done again. */
void crew_again(struct crew *crew);

#endif
