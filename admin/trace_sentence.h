/* trace_sentence.h - lines of the log in words. */
#ifndef ADMIN_TRACE_SENTENCE_H
#define ADMIN_TRACE_SENTENCE_H

#include "admin/logfmt.h"
#include "common/buf.h"

/* Appends what happened, escaped.  An event nobody has words for as it is. */
void trace_sentence(const struct logfmt *fields, struct buf *to);

#endif
