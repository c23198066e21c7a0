/*
 * profile.h - what a fresh postlab.conf says.
 */
#ifndef ADMIN_PROFILE_H
#define ADMIN_PROFILE_H

#include "common/buf.h"

/* The profile of NAME, or NULL. */
const struct profile *profile_find(const char *name);

/* Appends postlab.conf, with comments, for DOMAIN and its host HOSTNAME. */
void profile_write(const struct profile *profile, const char *domain,
    const char *hostname, int port_base, struct buf *to);

#endif
