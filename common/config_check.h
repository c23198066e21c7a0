/*
 * config_check.h - what no single key of postlab.conf shows.
 *
 * Private to config*.c; config_warn() is in config.h.
 */
#ifndef COMMON_CONFIG_CHECK_H
#define COMMON_CONFIG_CHECK_H

#include "common/buf.h"
#include "common/config_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct config;
struct listener;
struct route_rule;

/* A section of postlab.conf: the Nth of its part. */
struct config_place {
	enum config_part part;
	size_t n;
};

/* The port by which LISTENER's protocol is known (with its TLS mode). */
int config_well_known_port(const struct listener *listener);

/* The port of a route that says none. */
int config_port_of_route(const struct config *config,
    const struct route_rule *route);

/*
 * Whether the keys make sense together.  When not, MISTAKE says why, and *AT
 * is the section concerned, the whole for none.
 */
bool config_is_consistent(const struct config *config, struct config_place *at,
    struct buf *mistake);

/* The same for the Nth route and those before it. */
bool config_is_route_consistent(const struct config *config, size_t n,
    struct buf *mistake);

/* What is risky in ROUTE, as config_warn(). */
int config_warn_route(const struct route_rule *route, FILE *to);

#endif
