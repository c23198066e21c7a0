/*
 * index_aside.h - the file of the index, and one that is no good put away.
 */
#ifndef MAILDIR_INDEX_ASIDE_H
#define MAILDIR_INDEX_ASIDE_H

#define INDEX_FILE "index.sqlite"

/*
 * Renames FILE and its journal to FILE.bad, which replaces an earlier one; a
 * link or a fifo that may not be renamed goes.  Under the exclusive lock of
 * tmp/.  0, or -1.
 */
int index_set_aside(int root, const char *file);

/* The Maildir's path for the log, safe, in a static buffer. */
const char *index_where(int root);

#endif
