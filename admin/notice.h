/*
 * notice.h - the supervisor's end of NOTIFY_SOCKET (sd_notify(3)).
 */
#ifndef ADMIN_NOTICE_H
#define ADMIN_NOTICE_H

#include <stdbool.h>
#include <sys/types.h>

enum { NOTICE_NAME_SIZE = 64 };

/*
 * Opens the socket and writes its name, as it belongs into the environment.
 * A descriptor that does not block, or -1 (logged).
 */
int notice_open(char name[NOTICE_NAME_SIZE]);

/*
 * Takes one datagram.  True when there was one: who sent it, by the kernel's
 * word, and whether it says READY=1.
 */
bool notice_receive(int fd, pid_t *sender_out, bool *ready_out);

#endif
