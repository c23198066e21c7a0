/*
 * daemons.h - the daemons that up runs, down stops and status shows.
 */
#ifndef ADMIN_DAEMONS_H
#define ADMIN_DAEMONS_H

#include <sys/types.h>

enum { DAEMON_COUNT = 3 };

/* In the order in which they are started. */
extern const char *const daemon_names[DAEMON_COUNT];

/* The name of the supervisor's own pid file: run/postlab.pid. */
extern const char supervisor_name[];

/*
 * Starts PROGRAM of the state folder we are in: the one beside this program's
 * own file, or else of PATH.  It is in a process group of its own, so that ^C
 * reaches the supervisor alone, and tells NOTIFY_SOCKET how it is doing.  The
 * process id, or -1 (logged).
 */
pid_t daemon_start(const char *program, const char *notify_socket);

/* Changes into the state folder; says so when it cannot.  0, or a status. */
int daemons_enter_folder(void);

/*
 * How many of the supervisor and the daemons run here; *PID_OUT is the
 * supervisor's, or the first daemon's when it has none.
 */
int daemons_running(pid_t *pid_out);

#endif
