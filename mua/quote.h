/*
 * quote.h - the text of a message, in an answer to it.
 */
#ifndef MUA_QUOTE_H
#define MUA_QUOTE_H

#include "common/buf.h"

struct message;

/*
 * Appends what MESSAGE says as plain text, harmless, without its signature and
 * without our lines about parts: each line behind "> " (">" where it is a
 * quotation itself), long ones broken.
 */
void quote_body(struct message *message, struct buf *to);

/* The same text as it is, signature and all: for forwarding. */
void quote_plain(struct message *message, struct buf *to);

/*
 * "On Sun, 22 Nov 2026 02:13:17 +0000, Alice Example wrote:", as far as the
 * message says when and who; the date as its sender wrote it.
 */
void quote_attribution(struct message *message, struct buf *to);

#endif
