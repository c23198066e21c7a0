/* trace_text.h - a trace for people. */
#ifndef ADMIN_TRACE_TEXT_H
#define ADMIN_TRACE_TEXT_H

#include "admin/trace_message.h"

/* Prints stories; of an address a line for each message. */
void trace_print(const struct trace *trace);

/* One message as either of these. */
void trace_print_story(const struct trace_message *message);
void trace_print_line(const struct trace_message *message);

/* Whether anything is known of MESSAGE but its id. */
bool trace_is_known(const struct trace_message *message);

#endif
