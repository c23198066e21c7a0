/*
 * route_own.h - whether a host is ourselves.
 *
 * Private to route*.c.
 */
#ifndef SMTPD_ROUTE_OWN_H
#define SMTPD_ROUTE_OWN_H

#include "common/config.h"

#include <stdbool.h>
#include <sys/socket.h>

/* Whether HOST is our name. */
bool route_is_own_name(const struct config *config, const char *host);

/*
 * Whether one of our SMTP listeners hears what is sent to ADDRESS, with its
 * port: who listens on another port is another server.
 */
bool route_is_own_address(const struct config *config,
    const struct sockaddr_storage *address);

/* The port of ADDRESS, in the order of this machine. */
int route_port(const struct sockaddr_storage *address);
void route_set_port(struct sockaddr_storage *address, int port);

#endif
