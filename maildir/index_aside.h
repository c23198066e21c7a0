/*
 * index_aside.h - taking index.sqlite away from under nobody.
 *
 * Opening holds a shared lock, making and setting aside an exclusive one: a
 * flock of tmp/, which stays whatever happens to the file itself.
 */
#ifndef MAILDIR_INDEX_ASIDE_H
#define MAILDIR_INDEX_ASIDE_H

#include <stddef.h>
#include <sys/file.h>

#define INDEX_FILE "index.sqlite"

/* Takes the lock (LOCK_SH or LOCK_EX).  A descriptor to close, or -1. */
int index_lock(int root, int operation);

/* Changes the lock; without one afterwards when it fails.  0, or -1. */
int index_relock(int lock, int operation);

/*
 * Renames index.sqlite and its journal to index.sqlite.bad, which replaces an
 * earlier one.  Under an exclusive lock.  0, or -1.
 */
int index_set_aside(int root);

/* The Maildir's path for the log, safe, in a static buffer. */
const char *index_where(int root);

#endif
