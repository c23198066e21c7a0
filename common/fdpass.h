/*
 * fdpass.h - one datagram with at most one descriptor, over a Unix socket.
 */
#ifndef COMMON_FDPASS_H
#define COMMON_FDPASS_H

#include <stddef.h>
#include <sys/types.h>

/* Sends DATA and, unless it is -1, FD.  0, or -1 with errno. */
int fd_send(int socket, const void *data, size_t size, int fd);

/*
 * Receives one datagram of at most SIZE bytes.  Returns its size, 0 at the
 * end, -1 with errno.  *FD_OUT (close-on-exec) is -1 when none came.
 */
ssize_t fd_receive(int socket, void *data, size_t size, int *fd_out);

#endif
