/*
 * check_route_world.h - a campus with routes, and the DNS of those it writes
 * to.
 */
#ifndef TESTS_CHECK_ROUTE_WORLD_H
#define TESTS_CHECK_ROUTE_WORLD_H

#include "common/buf.h"
#include "common/config.h"
#include "common/dns.h"

#include <sys/socket.h>

/* Between route_world_make() and route_world_remove(). */
extern struct config *route_config;
extern struct dns *route_dns;

/* Fixtures: a folder, a name server and a configuration; all away again. */
void route_world_make(void);
void route_world_remove(void);

/* Appends "ADDRESS:PORT". */
void route_add_ip(struct buf *to, const struct sockaddr_storage *address);

/*
 * Appends the way from SENDER to DOMAIN: "250 a=192.0.2.1:25 b=..." or the
 * reply's first two words.
 */
void route_show(const char *sender, const char *domain, struct buf *to);

#endif
