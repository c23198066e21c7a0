/* trace_kept.h - what indexes and queue have kept of the messages found. */
#ifndef ADMIN_TRACE_KEPT_H
#define ADMIN_TRACE_KEPT_H

#include "admin/trace_mailbox.h"
#include "admin/trace_message.h"

/* Takes over what an index says about the message. */
void trace_learn_row(struct trace_message *message,
    const struct trace_row *row);

void trace_ask_indexes(struct trace *trace);
void trace_ask_queue(struct trace *trace);

#endif
