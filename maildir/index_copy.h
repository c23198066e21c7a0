/*
 * index_copy.h - the index as it was before a migration: the way back.
 */
#ifndef MAILDIR_INDEX_COPY_H
#define MAILDIR_INDEX_COPY_H

#include <sqlite3.h>
#include <stddef.h>

/*
 * Writes what is in the file of DB to index.sqlite.vVERSION of the Maildir
 * ROOT, which replaces an earlier one.  DB is in a transaction and has written
 * nothing in it.  0, or -1 (logged).
 */
int index_copy_keep(sqlite3 *db, int root, size_t version);

#endif
