/*
 * server_listen.h - the listening sockets of a daemon.
 *
 * A set holds one socket an address: a listener ([listen NAME]) with two
 * addresses has two.  A new set is opened beside the old one and takes over
 * what is the same, so a reload closes no port that stays, and systemd's
 * sockets are just a first old set.
 */
#ifndef COMMON_SERVER_LISTEN_H
#define COMMON_SERVER_LISTEN_H

#include "common/config.h"

#include <sys/socket.h>
#include <sys/types.h>

struct server;

struct listen_socket {
	int fd;
	size_t listener; /* index in the configuration */
	bool implicit_tls;
	bool foreign; /* systemd's: its file is not ours to remove */
	bool taken;   /* over from the old set, or by the new one */
	struct sockaddr_storage address;
	socklen_t size;
};

struct listen_set {
	struct listen_socket *sockets;
	size_t count;
};

/* What systemd passed (sd_listen_fds(3)); empty when it did not. */
void listen_inherit(struct listen_set *set_out);

/*
 * Opens what CONFIG wants of SERVER's protocols.  Unix sockets are made for
 * UID and GID.  On success what OLD has and nobody took is closed, and OLD is
 * empty.  On failure (-1, logged) OLD is as before and *SET_OUT empty.
 */
int listen_open(const struct server *server, const struct config *config,
    struct listen_set *old, struct listen_set *set_out);

/* Gives the files of Unix sockets to UID and GID.  0 or -1. */
int listen_give(const struct listen_set *set, uid_t uid, gid_t gid);

/* Closes all and removes the files of Unix sockets. */
void listen_close(struct listen_set *set);

#endif
