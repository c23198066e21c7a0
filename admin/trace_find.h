/* trace_find.h - which messages somebody asks about. */
#ifndef ADMIN_TRACE_FIND_H
#define ADMIN_TRACE_FIND_H

#include "admin/trace_message.h"

/*
 * Finds the messages that QUERY means: a queue id, a Message-Id, with or
 * without < >, or an address, whose domain may be missing.  What has an @ may
 * be either; where there is such a Message-Id, it is that.  LIMIT is for
 * addresses.  Finding none is no mistake; false when QUERY means nothing.
 */
bool trace_find(const char *query, size_t limit, struct trace *trace_out);

/*
 * Likewise on another host, whose log, which is taken over, is all there is.  A
 * queue id is not looked for.
 */
bool trace_find_elsewhere(const char *query, size_t limit,
    struct log_files *log, struct trace *trace_out);

#endif
