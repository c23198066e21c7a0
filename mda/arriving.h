/*
 * arriving.h - the header of a message that has come to its last stop.
 *
 * Works on the beginning of the message (parcel.h's head), LF line ends.  Only
 * the header is looked at: up to the first line that is neither a field nor
 * the continuation of one.
 *
 * Limit: a field that does not end within the head (256 KiB) is not seen.
 */
#ifndef MDA_ARRIVING_H
#define MDA_ARRIVING_H

#include "common/buf.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Takes every Return-Path field out: final delivery puts in the one that
 * counts (RFC 5321 4.4).  Returns how many lines went.
 */
int64_t arriving_drop_return_paths(struct buf *head);

/* Whether a Delivered-To says that it was delivered to LOGIN before: a loop. */
bool arriving_was_delivered_to(const struct buf *head, const char *login);

/*
 * Whether it begins with a header field, or with the blank line of an empty
 * header.  Else all of it is body, and wants a blank line before it.
 */
bool arriving_has_header(const struct buf *head);

#endif
