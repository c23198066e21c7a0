/*
 * supervisor.h - keeps the daemons of a state folder running.
 */
#ifndef ADMIN_SUPERVISOR_H
#define ADMIN_SUPERVISOR_H

/*
 * Starts all daemons, calls READY once when every port listens, and restarts
 * one that dies: after a second, twice as long each time up to a minute, and
 * anew after a minute of health.  SIGHUP is passed on; SIGTERM, SIGINT and the
 * end of the terminal stop all.
 *
 * Returns an exit status: 0 when it was stopped; a daemon's own when that could
 * not start in the first place, since then another try would not help.
 */
int supervise(void (*ready)(const void *arg), const void *arg);

#endif
