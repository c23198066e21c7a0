/*
 * trace_table.h - the hops of a message as a table.
 */
#ifndef MUA_TRACE_TABLE_H
#define MUA_TRACE_TABLE_H

#include "mua/journey.h"
#include "mua/lines.h"

/* Narrower than this it is no table that could be read. */
enum { TRACE_TABLE_MIN = 72 };

void trace_table(const struct journey *journey, int columns,
    struct lines *lines);

/* "1.3", "yes", "no": how it was encrypted, in a few columns. */
void trace_tls_short(const struct received *received, struct buf *to);

#endif
