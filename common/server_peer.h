/*
 * server_peer.h - who connected, as text and as a number to count by.
 */
#ifndef COMMON_SERVER_PEER_H
#define COMMON_SERVER_PEER_H

#include <stdint.h>
#include <sys/socket.h>

struct peer;

/* Fills PEER, but for the user; an IPv4 address that came mapped into IPv6 is
 * shown as IPv4. */
void peer_from_address(const struct sockaddr_storage *address,
    struct peer *peer_out);

/*
 * One number for all connections of one client: the IPv4 address, or the /64
 * of an IPv6 one, since whoever has one address of it has them all.  0 for
 * Unix sockets, which are not counted.
 */
uint64_t peer_client(const struct sockaddr_storage *address);

#endif
