/* trace_json.h - a trace for scripts: one JSON object (RFC 8259), all ASCII. */
#ifndef ADMIN_TRACE_JSON_H
#define ADMIN_TRACE_JSON_H

#include "admin/trace_hosts.h"

void trace_print_json(const struct trace_hosts *hosts);

#endif
