/*
 * index_lock.h - who may make, replace or write index.sqlite now.
 *
 * Two flocks of folders that stay whatever happens to the file: tmp/ is held
 * shared to open the index and exclusively to make it or set it aside; cur/
 * is held to write, beside SQLite's own lock.
 */
#ifndef MAILDIR_INDEX_LOCK_H
#define MAILDIR_INDEX_LOCK_H

#include <stdbool.h>
#include <sys/file.h>

/* A lock in FOLDER of the Maildir, not yet taken.  A descriptor, or -1. */
int index_lock_open(int root, const char *folder);

/*
 * Takes it (LOCK_SH or LOCK_EX), waiting for a second, two at most.  Without
 * one afterwards when it fails.  0, or -1; both log.
 */
int index_lock_take(int lock, int operation);

void index_lock_release(int lock);

/*
 * Waits a little, at random.  False when it was long enough.  TRIES counts from
 * 0, where the time begins.
 */
bool index_lock_pause(int tries);

#endif
