/*
 * maildir_batch.h - many messages committed to Maildirs with few flushes.
 *
 * For imports, where nobody waits for each message: the drafts are written,
 * then their file system is flushed once, all are linked, and each folder is
 * flushed once (or, where they are many, the file system once more).  Until
 * maildir_batch_flush() has returned 0 none of them is said to be stored.
 */
#ifndef MAILDIR_MAILDIR_BATCH_H
#define MAILDIR_MAILDIR_BATCH_H

#include "maildir/maildir.h"

struct maildir_batch;

struct maildir_batch *maildir_batch_new(void);

/* Forgets what was not flushed: its drafts are removed. */
void maildir_batch_free(struct maildir_batch *batch);

/* Before the first draft in MAILDIR is made.  0, or -1 (logged). */
int maildir_batch_open(struct maildir_batch *batch,
    const struct maildir *maildir);

/* How many drafts wait, and whether it is time to flush them. */
size_t maildir_batch_count(const struct maildir_batch *batch);
bool maildir_batch_is_full(const struct maildir_batch *batch);

/* Whether a draft waits that will have the base of NAME in MAILDIR. */
bool maildir_batch_has(const struct maildir_batch *batch,
    const struct maildir *maildir, const char *name);

/*
 * Takes over DRAFT, which was written to the tmp/ of MAILDIR and shall be NAME
 * (complete) in new/ or cur/.  MAILDIR stays open until the batch is flushed;
 * all are in one file system.
 */
void maildir_batch_add(struct maildir_batch *batch,
    const struct maildir *maildir, struct maildir_draft *draft, bool in_new,
    const char *name);

/*
 * The commit: 0 once all would survive a power cut, and the batch is empty; -1
 * (logged, with errno) when that cannot be said, and then none of them is left.
 */
int maildir_batch_flush(struct maildir_batch *batch);

#endif
