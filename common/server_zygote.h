/*
 * server_zygote.h - a process that forks workers; for server*.c alone.
 *
 * Where a worker comes and goes with each client its fork, its sandbox and its
 * end are most of what a session costs.  So the master of such a program does
 * not fork them: a child of it does, the zygote, which is what they will be
 * (their libraries, their sandbox) and never meets a client.  It hears from
 * its master alone: a descriptor, the worker's channel, is the order to fork
 * one.  What it says is a struct birth each: the worker that was born, and,
 * since its children are not the master's, who has died and how.  It says that
 * before it lets go of the id, so the master has a pidfd of each that is the
 * right one, and can kill it whatever it has done to its channel.
 *
 * When the configuration or a certificate is another one a new zygote forks;
 * the old one lives until its workers have ended, who get SIGTERM when it dies.
 */
#ifndef COMMON_SERVER_ZYGOTE_H
#define COMMON_SERVER_ZYGOTE_H

#include "common/server.h"

#include <stdbool.h>
#include <sys/types.h>

struct master;

struct birth {
	bool died;
	pid_t pid;  /* the worker; -1: it could not be forked */
	int status; /* as of waitpid(2), or why it could not: errno */
};

/* What the master knows of a worker that was just forked. */
struct newborn {
	pid_t pid;
	pid_t zygote; /* its parent; 0: the master */
	int process;  /* pidfd of a zygote's child; -1: none */
};

struct zygote {
	pid_t pid;    /* 0: none */
	int channel;  /* -1 when it was closed */
	bool retired; /* it is not to fork any more */
};

/* server_zygote.c: in a fresh child of MASTER. */
_Noreturn void zygote_run(const struct server *server,
    const struct config *config, pid_t master, int channel);

/*
 * server_births.c: has a worker forked with CHANNEL, which stays the caller's,
 * by a zygote that is begun if there is none.  Waits for it.  0, and who was
 * born, with a descriptor for the caller; or -1, logged.
 */
int birth_order(struct master *m, int channel, struct newborn *newborn_out);

/* Zygote INDEX said something or left. */
void zygote_message(struct master *m, size_t index);

/* Hears now whatever zygote PID has said; nothing when it is gone. */
void zygote_hear(struct master *m, pid_t pid);

/* Process PID ended: true when it was a zygote.  Its workers end as well. */
bool zygote_reap(struct master *m, pid_t pid, int status);

/*
 * For pool_retire(): the next worker is another zygote's, which has what the
 * master has by then.
 */
void zygote_retire(struct master *m);

/* Ends them.  Returns how many still live. */
int zygotes_stop(struct master *m, int signal_number);

#endif
