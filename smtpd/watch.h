/*
 * watch.h - what the queue manager hears of at once: new envelopes, and mda's
 * return (inotify).
 */
#ifndef SMTPD_WATCH_H
#define SMTPD_WATCH_H

#include "common/config.h"
#include "smtpd/queue.h"

struct watch {
	int fd; /* to be polled */
	int socket_watch;
	const char *socket_name; /* of mda, in the folder watched; or NULL */
};

enum watch_event {
	WATCH_ARRIVED,  /* the envelope ID is in incoming/ */
	WATCH_MDA_BACK, /* its socket was made anew */
	WATCH_LOST,     /* too much has happened: look for yourself */
};

/*
 * Begins to watch, before the sandbox.  CONFIG must live as long.  0, or -1
 * (logged).
 */
int watch_open(struct watch *watch, const struct config *config);

/* Tells of what has happened; ID is NULL but for WATCH_ARRIVED. */
void watch_read(struct watch *watch,
    void (*tell)(void *arg, enum watch_event what, const char *id), void *arg);

#endif
