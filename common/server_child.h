/*
 * server_child.h - what every child of a master does first.
 */
#ifndef COMMON_SERVER_CHILD_H
#define COMMON_SERVER_CHILD_H

#include <sys/types.h>

struct server;

enum {
	CHILD_FD = 3,    /* the one descriptor beside 0, 1 and 2 it keeps ... */
	CHILD_SECOND_FD, /* ... or the two */
};

enum child_signals {
	CHILD_STOPS, /* SIGTERM sets server_stop and is blocked: sessions */
	CHILD_DIES,  /* SIGTERM ends it at once: helpers */
};

struct child {
	const char *role; /* in title and log */
	int keep;         /* becomes CHILD_FD */
	int second;       /* becomes CHILD_SECOND_FD; -1: there is none */
	enum child_signals signals;
};

/*
 * In a fresh child of MASTER: dies with it, closes every descriptor but those
 * of CHILD, takes signals as said.
 */
void child_begin(const struct server *server, pid_t master,
    const struct child *child);

/*
 * The same in a fresh child of ZYGOTE, which has done that (and CHILD_STOPS):
 * what is left to do.  CHANNEL becomes CHILD_FD.
 */
void child_born(const struct server *server, pid_t zygote, const char *role,
    int channel);

#endif
