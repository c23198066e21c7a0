/*
 * listing.h - a snapshot of a mailbox, with or without an index.
 *
 * Used by pop3d (the maildrop of RFC 1939: fixed at login) and the mua.  Order
 * is order of arrival.  With a good index no message is opened; without one,
 * sizes come from W= in the names, and only foreign files without it are read.
 */
#ifndef MAILDIR_LISTING_H
#define MAILDIR_LISTING_H

#include "maildir/folder_times.h"
#include "maildir/index.h"
#include "maildir/maildir.h"

enum { LISTING_UIDL_SIZE = 71 };

struct listing_entry {
	const char *name; /* as last seen */
	bool in_new;
	int64_t octets; /* with CRLF */
};

struct listing {
	struct listing_entry *entries;
	size_t count;
	int64_t octets;            /* of all */
	char *names;               /* what the entries' names point into */
	struct folder_times times; /* of the folders, 0: not to be believed */
};

/* INDEX may be NULL.  0, or -1 when the directories cannot be read. */
int listing_load(const struct maildir *maildir, struct index *index,
    struct listing *listing_out);

/* Whether MAILDIR, of which it was made, is as it was. */
bool listing_is_current(const struct listing *listing,
    const struct maildir *maildir);

void listing_clear(struct listing *listing);

/*
 * The unique id of RFC 1939 7: the base of the name where that is printable
 * and at most 70 long, else a SHA-256 of it in hex.  Never changes.  SIZE is
 * LISTING_UIDL_SIZE.  Logs name a message in a mailbox by it.
 */
void listing_uidl(const char *name, char *uidl, size_t size);

#endif
