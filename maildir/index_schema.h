/*
 * index_schema.h - the tables of index.sqlite, and whose file it is.
 */
#ifndef MAILDIR_INDEX_SCHEMA_H
#define MAILDIR_INDEX_SCHEMA_H

#include <sqlite3.h>

enum index_verdict {
	INDEX_GOOD,
	INDEX_BAD,      /* broken or not ours: to be set aside */
	INDEX_NEWER,    /* of a later version: left alone; logged */
	INDEX_UNUSABLE, /* locked, full disk ...; the caller logs */
};

/*
 * Reads all of the file DB has opened and changes nothing.  In *FAULT_OUT what
 * is wrong with it, words like "it is damaged" (static); NULL when it is good.
 */
enum index_verdict index_schema_examine(sqlite3 *db, const char **fault_out);

/*
 * Looks at the file DB has opened in the Maildir ROOT; makes the tables in an
 * empty one, brings an older version up to ours, of which a copy is kept, and
 * examines one that was last used before the machine was started.
 */
enum index_verdict index_schema_prepare(sqlite3 *db, int root);

#endif
