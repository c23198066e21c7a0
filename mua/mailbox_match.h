/*
 * mailbox_match.h - which messages are what a person looks for.
 */
#ifndef MUA_MAILBOX_MATCH_H
#define MUA_MAILBOX_MATCH_H

#include "maildir/query.h"
#include "mua/mailbox.h"

/*
 * Sets MATCHES_OUT, one bool an entry, for what QUERY asks for (NULL: all).
 * By the index, with its texts as far as they were read; without an index by
 * what the header says.  Returns how many.
 */
size_t mailbox_match(struct mailbox *mailbox, const struct query *query,
    bool *matches_out);

/* Shows only what is in MATCHES, one bool an entry; everything with NULL. */
void mailbox_limit(struct mailbox *mailbox, const bool *matches);

#endif
