/*
 * daemons.h - the daemons that up runs, down stops and status shows.
 */
#ifndef ADMIN_DAEMONS_H
#define ADMIN_DAEMONS_H

#include <sys/types.h>

struct buf;

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

/*
 * A descriptor of PROGRAM's file, which daemon_run() can still execute when
 * root was given up and the folder is out of reach; -1: it is not beside ours,
 * and daemon_run() looks in PATH.
 */
int daemon_find(const char *program);

/*
 * Asks a daemon as a command: runs it with WORDS (the first is its name, NULL
 * ends them) in the state folder we are in, waits, and
 * returns its exit status; EX_UNAVAILABLE when it cannot be run (logged).  What
 * it prints goes to OUTPUT, or where our own output goes with NULL.  FILE is
 * that of daemon_find(), which is closed.
 */
int daemon_run(int file, const char *const words[], struct buf *output);

/* Changes into the state folder; says so when it cannot.  0, or a status. */
int daemons_enter_folder(void);

/*
 * How many of the supervisor and the daemons run here; *PID_OUT is the
 * supervisor's, or the first daemon's when it has none.
 */
int daemons_running(pid_t *pid_out);

#endif
