/*
 * flow.h - format=flowed (RFC 3676) for letters with long lines.
 *
 * Who types a paragraph as one long line wants it to flow, and other readers
 * than ours would show it as one.  A text without long lines is sent as it is.
 */
#ifndef MUA_FLOW_H
#define MUA_FLOW_H

#include "common/buf.h"

#include <stdbool.h>

enum { FLOW_LINE = 78, FLOW_WIDTH = 72 }; /* columns */

/*
 * Appends TEXT, lines with LF, as it shall be sent, the last line ended too.
 * Whether it is flowed now; if not it is what it was.
 */
bool flow_encode(const struct buf *text, struct buf *to);

/* The opposite, for a draft that is written on: appends the text as typed. */
void flow_decode(const struct buf *text, struct buf *to);

/*
 * Where a line of SIZE bytes is to be cut so that no more than WIDTH columns
 * stand before: behind a blank, or SIZE when there is none to cut at.
 */
size_t flow_cut(const char *line, size_t size, int width);

#endif
