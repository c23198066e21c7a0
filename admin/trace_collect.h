/* trace_collect.h - all that the witnesses say about the messages found. */
#ifndef ADMIN_TRACE_COLLECT_H
#define ADMIN_TRACE_COLLECT_H

#include "admin/trace_message.h"

/*
 * Asks the log, the indexes, the mailboxes and the queue about each message of
 * TRACE, and puts all in order of time.  Of what nobody has heard nothing but
 * the id stays.
 */
void trace_collect(struct trace *trace);

#endif
