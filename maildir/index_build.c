/*
 * index_build.c - the tables of a new index, and migrations of an old one.
 *
 * The tables come before the log, because who opens the file looks for its
 * version in the file itself.  One who was killed meanwhile has left all to be
 * undone, whatever the header says.
 */
#include "maildir/index_build.h"

#include <stdlib.h>

#include "common/db.h"
#include "common/mem.h"
#include "maildir/index_aside.h"
#include "maildir/index_copy.h"

static int
run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/*
 * Within the transaction.  A new file has no version to go back to, and what
 * can be read again from the messages needs none.  The copy is of the file
 * alone, so it must wait when somebody reads what is in the log only.
 */
static int
run_migrations(sqlite3 *db, const struct index_schema *schema, int root)
{
	int found = db_version(db, schema->file);
	size_t version = found == -1 ? 0 : (size_t)found;
	int rc = found == -1 ? sqlite3_errcode(db) : SQLITE_OK;

	if (rc == SQLITE_OK && !schema->flushed && version > 0 &&
	    version < schema->version) {
		if (!index_log_is_empty(root, schema->file))
			rc = SQLITE_BUSY;
		else if (index_copy_keep(db, root, version) == -1)
			rc = SQLITE_FULL;
	}
	for (; rc == SQLITE_OK && version < schema->version; version++)
		rc = run(db, schema->migrations[version]);
	return rc;
}

/* Runs those that are missing; another process may be doing so. */
static int
migrate(sqlite3 *db, const struct index_schema *schema, int root)
{
	char *sql = xasprintf("PRAGMA application_id=%d;PRAGMA user_version=%d",
	    (int)schema->application, (int)schema->version);
	/* As much as can be done of it now; nothing where there is no log. */
	int rc = run(db, "PRAGMA wal_checkpoint(TRUNCATE)");

	if (rc == SQLITE_OK)
		rc = run(db, "BEGIN IMMEDIATE");
	if (rc == SQLITE_OK)
		rc = run_migrations(db, schema, root);
	if (rc == SQLITE_OK)
		rc = run(db, sql);
	if (rc == SQLITE_OK)
		rc = run(db, "COMMIT");
	if (rc != SQLITE_OK && !sqlite3_get_autocommit(db))
		run(db, "ROLLBACK");
	free(sql);
	return rc;
}

int
index_build(sqlite3 *db, const struct index_schema *schema, int root)
{
	int rc = migrate(db, schema, root);

	return rc == SQLITE_OK ? run(db, "PRAGMA journal_mode=WAL") : rc;
}
