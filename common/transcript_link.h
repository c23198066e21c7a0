/*
 * transcript_link.h - a session's line to the evidence helper.
 *
 * A helper that is behind is waited for, two seconds in all of a session.  Then
 * nothing waits any more: what the helper does not take at once is kept here,
 * up to a bound, and offered again with the next record; what does not fit is
 * lost and counted.  At the end of the session, when its client has every
 * answer, it has fifteen seconds more for what stands in line.  When the helper
 * is away (not started yet, killed, a reload) the session connects again at a
 * later record.
 */
#ifndef COMMON_TRANSCRIPT_LINK_H
#define COMMON_TRANSCRIPT_LINK_H

#include "common/transcript_wire.h"

#include <stdbool.h>
#include <stddef.h>

struct transcript_link;

/*
 * For PROGRAM's helper.  SESSION with DATA is the record that begins each
 * connection; its token is made here.
 */
struct transcript_link *transcript_link_open(const char *program,
    const struct evidence_head *session, const void *data, size_t size);

/*
 * Sends a record.  False when it is lost.  A piece of a text is lost at once
 * when patience with the helper is over: the lines come first.
 */
bool transcript_link_send(struct transcript_link *link,
    const struct evidence_head *head, const void *data, size_t size);

/*
 * For another process: what stands in line is sent or lost.  Returns the
 * descriptor, -1 without a connection; frees.  *LOST_OUT as of the next one.
 */
int transcript_link_release(struct transcript_link *link, unsigned *lost_out);

/*
 * There: takes over FD.  It has a session already, and cannot be connected
 * again; LOST records are lost so far.
 */
struct transcript_link *transcript_link_adopt(int fd, unsigned lost);

/* Closes; returns how many records were lost.  NULL is allowed. */
unsigned transcript_link_close(struct transcript_link *link);

#endif
