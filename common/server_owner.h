/*
 * server_owner.h - whose socket is at the other end of a local connection.
 *
 * A client on loopback is a process of this machine, and the kernel knows its
 * user.  Asked by the four numbers of the connection over NETLINK_SOCK_DIAG,
 * which needs no privilege; identd would be asked the same, but can lie.
 */
#ifndef COMMON_SERVER_OWNER_H
#define COMMON_SERVER_OWNER_H

#include <stdint.h>
#include <sys/socket.h>

enum { OWNER_UNKNOWN = -1 };

/* The socket to the kernel.  -1 (said at level debug) where there is none. */
int owner_open(void);

/*
 * The uid of the process that connected to FD from ADDRESS.  OWNER_UNKNOWN for
 * a client that is not on loopback, whose socket is closed by now or belongs
 * to nobody, and when KERNEL is -1.  Never waits.
 */
int64_t owner_find(int kernel, int fd, const struct sockaddr_storage *address);

#endif
