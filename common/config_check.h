/*
 * config_check.h - what no single key of postlab.conf shows.
 *
 * Private to config*.c; config_warn() is in config.h.
 */
#ifndef COMMON_CONFIG_CHECK_H
#define COMMON_CONFIG_CHECK_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct config;
struct listener;

/* The port by which LISTENER's protocol is known (with its TLS mode). */
int config_well_known_port(const struct listener *listener);

/*
 * Whether the keys make sense together.  When not, MISTAKE says why, and *AT
 * is the listener concerned, or listener_count for none.
 */
bool config_is_consistent(const struct config *config, size_t *at,
    struct buf *mistake);

#endif
