/*
 * server_child.h - what every child of a master does first.
 */
#ifndef COMMON_SERVER_CHILD_H
#define COMMON_SERVER_CHILD_H

#include <sys/types.h>

struct server;

enum {
	CHILD_FD = 3, /* the one descriptor beside 0, 1 and 2 it keeps */
};

enum child_signals {
	CHILD_STOPS, /* SIGTERM sets server_stop and is blocked: sessions */
	CHILD_DIES,  /* SIGTERM ends it at once: helpers */
};

/*
 * In a fresh child of MASTER: dies with it, closes every descriptor but KEEP,
 * which becomes CHILD_FD, takes signals as said, has title and log role ROLE.
 */
void child_begin(const struct server *server, pid_t master, const char *role,
    int keep, enum child_signals signals);

#endif
