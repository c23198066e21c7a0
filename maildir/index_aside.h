/*
 * index_aside.h - the files of the index, and those that are no good put away.
 */
#ifndef MAILDIR_INDEX_ASIDE_H
#define MAILDIR_INDEX_ASIDE_H

#include <stdbool.h>

#define INDEX_FILE "index.sqlite"

/* What SQLite lays beside a database; the rows that are there are in both. */
#define INDEX_LOG "-wal"
#define INDEX_MEMORY "-shm"

/*
 * Renames FILE, its log and its journal to FILE.bad, which replaces an earlier
 * one; a link or a fifo that may not be renamed goes.  Under the exclusive lock
 * of tmp/.  0, or -1.
 */
int index_set_aside(int root, const char *file);

/*
 * Removes the log beside FILE with its shared memory, and a FILE in which there
 * is nothing.  Who has them open goes on with what he has.  Under the exclusive
 * lock of tmp/.
 */
void index_remove_log(int root, const char *file);

/* Whether there is a log beside FILE, or its shared memory. */
bool index_has_log(int root, const char *file);

/* Whether all that was written is in FILE, and nothing in its log. */
bool index_log_is_empty(int root, const char *file);

/* The Maildir's path for the log, safe, in a static buffer. */
const char *index_where(int root);

#endif
