/*
 * zone.h - lines of a zone file (RFC 1035 5.1), ready to be pasted.
 */
#ifndef ADMIN_ZONE_H
#define ADMIN_ZONE_H

#include "common/buf.h"

/* Appends "OWNER. 3600 IN TYPE DATA". */
void zone_add(struct buf *to, const char *owner, const char *type,
    const char *data);

/* The same for TXT: TEXT as strings of at most 255 octets each. */
void zone_add_text(struct buf *to, const char *owner, const char *text);

#endif
