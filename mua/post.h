/*
 * post.h - what becomes of a draft: it is posted, or postponed.
 */
#ifndef MUA_POST_H
#define MUA_POST_H

#include "maildir/maildir.h"
#include "mua/draft.h"

/*
 * Puts the letter into the Maildir OUTBOX, made if need be.  True once it would
 * survive a power cut, with its name in NAME_OUT (MAILDIR_NAME_MAX + 1 bytes);
 * false with a sentence in WHY.
 */
bool post_letter(const struct draft *draft, const char *outbox, char *name_out,
    char *why, size_t size);

/*
 * Puts the MESSAGE in FD (from its beginning) there, to be passed on by FROM to
 * PEOPLE as it is, with Resent- fields above it (RFC 5322 3.6.6).
 */
bool post_again(int fd, const char *from, const struct people *people,
    const char *outbox, char *name_out, char *why, size_t size);

/*
 * Saves the draft in the Maildir DRAFTS, made if need be, in place of the one
 * it was read from.  False with a sentence in WHY; what was there stays.
 */
bool post_save_draft(struct draft *draft, const char *drafts, char *why,
    size_t size);

/* Removes the file of a draft that was sent. */
void post_remove_draft(const struct draft *draft, const char *drafts);

#endif
