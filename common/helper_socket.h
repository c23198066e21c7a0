/*
 * helper_socket.h - where a helper listens and workers find it:
 * run/PROGRAM-ROLE, a SEQPACKET socket for this user alone.
 */
#ifndef COMMON_HELPER_SOCKET_H
#define COMMON_HELPER_SOCKET_H

/*
 * Listens there, in place of the socket a helper before us has left, without a
 * gap.  A descriptor that does not block, or -1 (logged).
 */
int helper_listen(const char *program, const char *role);

/*
 * Connects, without waiting.  A descriptor that does not block, or -1 with
 * errno: ENOENT or ECONNREFUSED while there is no helper, EAGAIN when it is
 * behind.
 */
int helper_connect(const char *program, const char *role);

#endif
