/* trace_gap.h - what cannot be known, and why. */
#ifndef ADMIN_TRACE_GAP_H
#define ADMIN_TRACE_GAP_H

#include "admin/log_files.h"
#include "common/buf.h"

/*
 * Appends sentences, each with LF, about the log: from when on there is one,
 * what was not read, and how to keep it where nobody does.  They are fit to be
 * shown.
 */
void trace_gap(const struct log_files *log, struct buf *to);

/* WHEN in milliseconds as "2026-11-22 02:13:17", local time. */
void trace_time(int64_t when, struct buf *to);

#endif
