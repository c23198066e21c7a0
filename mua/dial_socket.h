/*
 * dial_socket.h - a TCP connection to a host by name.
 */
#ifndef MUA_DIAL_SOCKET_H
#define MUA_DIAL_SOCKET_H

struct dial;

/*
 * Tries the host's addresses in turn.  A descriptor, or -1 with dial->why.
 * Ends early when the task is asked to stop.
 */
int dial_socket(struct dial *dial);

#endif
