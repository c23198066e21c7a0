/*
 * usage.h - how much a mailbox holds, for its quota.
 *
 * The sizes stand in the file names (S=), so counting reads folders and no
 * message: the mailbox's two, and those of its Maildir++ folders.  The count is
 * kept and made anew when the mailbox's folders have changed, or after a
 * minute, but never for more than a twentieth of the time: in a mailbox of
 * 100,000 messages, where counting takes a while, another worker's last
 * deliveries may be missing from it for a second.
 */
#ifndef MDA_USAGE_H
#define MDA_USAGE_H

#include "maildir/folder_times.h"
#include "maildir/maildir.h"

#include <stdint.h>

/* All zero to begin with. */
struct usage {
	int64_t octets;
	int64_t last; /* when it was counted, CLOCK_MONOTONIC ns */
	int64_t next; /* not to be counted again before, CLOCK_MONOTONIC ns */
	struct folder_times times; /* then */
};

/* Octets in all of it. */
int64_t usage_count(struct usage *usage, const struct maildir *maildir);

/* So many were added by ourselves. */
void usage_add(struct usage *usage, int64_t octets);

#endif
