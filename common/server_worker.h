/*
 * server_worker.h - a worker process: sessions, one after another.
 *
 * The master sends a struct job with the client's descriptor over the worker's
 * SEQPACKET channel; the worker answers with one byte.  The channel's end is
 * the order to leave.
 */
#ifndef COMMON_SERVER_WORKER_H
#define COMMON_SERVER_WORKER_H

#include "common/server.h"

#include <sys/types.h>

enum { WORKER_SESSIONS = 100 /* where the program says nothing else */ };

struct job {
	size_t listener; /* index in the configuration */
	struct peer peer;
};

/* What a worker says to its master. */
enum worker_word {
	WORKER_READY = 'r',  /* it has started well */
	WORKER_IDLE = 'i',   /* the session is over, give me another */
	WORKER_LEAVES = 'l', /* ... and it was the last: server_leaves() */
	WORKER_ANEW = 'a',   /* with the grant's descriptor: not here */
};

/*
 * How many sessions the worker PID has at most: from half of server->sessions
 * to all, or those that a crowd has made would be replaced all at once.
 */
int worker_sessions(const struct server *server, pid_t pid);

/* In a fresh child of MASTER: serves what comes over CHANNEL, then exits. */
_Noreturn void worker_run(const struct server *server,
    const struct config *config, pid_t master, int channel);

/*
 * For it, in a worker or before the fork of one: what the program and the
 * configuration want, and the sandbox.  0, or -1 (logged): it must exit.
 */
int worker_prepare(const struct server *server, const struct config *config);

/* The same in a fresh child of ZYGOTE, which has prepared itself. */
_Noreturn void worker_born(const struct server *server,
    const struct config *config, pid_t zygote, int channel);

/* What serve_grant() is told. */
struct grant {
	int fd;
	const char *text;
	int channel; /* to the master, as a worker's */
};

/*
 * In a fresh child of MASTER: serve_grant(), again for each further descriptor
 * that comes over the channel, then exits.
 */
_Noreturn void grant_run(const struct server *server,
    const struct config *config, pid_t master, const struct grant *grant);

#endif
