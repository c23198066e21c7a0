/*
 * index_db.h - an SQLite file of a Maildir that is but a cache.
 *
 * Everything of it is distrusted, for it may come from anywhere; a broken or
 * foreign one is set aside and a new one made.
 */
#ifndef MAILDIR_INDEX_DB_H
#define MAILDIR_INDEX_DB_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/db.h"
#include "maildir/index_schema.h"

struct index_db {
	const struct index_schema *schema;
	int root;     /* descriptor of the Maildir, the caller's */
	sqlite3 *db;  /* NULL while it is closed */
	ino_t inode;  /* of the file, and ... */
	ino_t memory; /* ... of what the processes share, beside it */
	bool broken;  /* damage was found: set aside when closed ... */
	bool doubted; /* ... unless that was in the log alone */
};

/*
 * Opens FILE of the Maildir ROOT, any SQLite file, as files of an index are
 * opened.  NULL when it cannot.
 */
sqlite3 *index_db_open_file(int root, const char *file, enum db_mode mode);

/*
 * Opens or makes the file of SCHEMA; one that is broken, none of ours, or of
 * which USABLE(ARG) says no is set aside and a new one made.  USABLE has
 * FILE->db; when it fails it leaves no statement.  False when it cannot be used
 * now (logged).
 */
bool index_db_open(struct index_db *file, bool (*usable)(void *arg), void *arg);

/* Whether there is a file to open. */
bool index_db_exists(int root, const struct index_schema *schema);

/*
 * Whether the open file is still the one that is found there.  When somebody
 * has put it away, or what lies beside it, it is to be closed and opened again.
 */
bool index_db_is_there(const struct index_db *file);

/* Remembers damage that SQLite has just told, and logs it; always -1. */
int index_db_failed(struct index_db *file, const char *what);

/* Its statements are finalized, and the caller has no lock of the Maildir. */
void index_db_close(struct index_db *file);

#endif
