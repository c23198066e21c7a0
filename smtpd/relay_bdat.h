/*
 * relay_bdat.h - hosts that offer CHUNKING and do not know BDAT (or a filter
 * before them does not): they get their mail by DATA.
 *
 * What is remembered is a worker's own, of the hosts it met last.
 */
#ifndef SMTPD_RELAY_BDAT_H
#define SMTPD_RELAY_BDAT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { RELAY_BDAT_HOSTS = 32 };

/* All zero to begin with. */
struct relay_bdat {
	struct sockaddr_storage refused[RELAY_BDAT_HOSTS];
	size_t next; /* which is overwritten next */
};

void relay_bdat_refuse(struct relay_bdat *bdat,
    const struct sockaddr_storage *host);

/* Whether HOST, an address with its port, has refused BDAT. */
bool relay_bdat_is_refused(const struct relay_bdat *bdat,
    const struct sockaddr_storage *host);

#endif
