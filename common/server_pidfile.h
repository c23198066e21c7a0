/*
 * server_pidfile.h - run/PROGRAM.pid: one master a state folder.
 *
 * The file holds the master's process id; its lock, not its being
 * there, says that the master lives, so a crash leaves nothing to clear away.
 * The number is for people: where the disk has no room for it the file is empty
 * (logged), and the lock holds as well.
 */
#ifndef COMMON_SERVER_PIDFILE_H
#define COMMON_SERVER_PIDFILE_H

#include <sys/types.h>

/*
 * Locks it, for a process that will run as UID and GID.  Returns a descriptor
 * to be kept open; -1 when it could not, which is logged: errno is EWOULDBLOCK
 * when another process has it.
 */
int pidfile_lock(const char *program, uid_t uid, gid_t gid);

/* Says that no master runs, and closes. */
void pidfile_release(int fd);

/* The process id of the master that runs, whatever the file says; 0: none. */
pid_t pidfile_read(const char *program);

#endif
