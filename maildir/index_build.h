/*
 * index_build.h - the tables of a new index, and migrations of an old one.
 */
#ifndef MAILDIR_INDEX_BUILD_H
#define MAILDIR_INDEX_BUILD_H

#include <sqlite3.h>

#include "maildir/index_schema.h"

/*
 * Makes the tables that are missing in the file DB has opened in the Maildir
 * ROOT, and its log.  Of an older version a copy is kept.  Under the exclusive
 * lock of tmp/.  SQLite's code: SQLITE_BUSY when it must wait for a reader,
 * SQLITE_FULL when there is no copy.
 */
int index_build(sqlite3 *db, const struct index_schema *schema, int root);

#endif
