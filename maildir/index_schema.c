/*
 * index_schema.c - the tables of index.sqlite, and whose file it is.
 *
 * application_id says that it is ours, user_version which migrations it has
 * seen.  To change the tables, add a migration; never edit one that was
 * released.  Header fields and envelope are kept apart by name, because they
 * are apart (worksheet 23).
 *
 * A rollback journal and synchronous=OFF, not WAL: mda opens an index for
 * nearly every message (there are more mailboxes than it can keep open), and
 * who opens a WAL first must read all of it and make the shared memory anew.
 * Measured for open, add and close together: 250 us of CPU against 690.
 * Nothing is ever flushed; a process may be killed at any moment all the same,
 * and after a power cut the file is examined before it is used (renew).
 */
#include "maildir/index_schema.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/mem.h"
#include "maildir/index_boot.h"
#include "maildir/index_copy.h"

enum { APPLICATION_ID = 0x506C6978 /* "Plix" */ };

/* migrations[N] brings version N to version N + 1. */
/* clang-format off */
static const char *const migrations[] = {
	"CREATE TABLE message ("
	" uid INTEGER PRIMARY KEY,"       /* in order of arrival */
	" base TEXT NOT NULL UNIQUE,"     /* of the file name: the identity */
	" name TEXT NOT NULL,"            /* of the file, as last seen */
	" in_new INTEGER NOT NULL,"       /* in new/, else in cur/ */
	" octets INTEGER NOT NULL,"       /* with CRLF */
	" received INTEGER NOT NULL,"     /* seconds since 1970 */
	" flags TEXT NOT NULL,"
	" date INTEGER NOT NULL,"         /* of the Date field */
	" header_from TEXT NOT NULL,"
	" header_to TEXT NOT NULL,"
	" subject TEXT NOT NULL,"
	" message_id TEXT NOT NULL,"
	" in_reply_to TEXT NOT NULL,"
	" reference_ids TEXT NOT NULL,"   /* blank-separated */
	" attachments INTEGER NOT NULL,"
	" envelope_sender TEXT NOT NULL,"
	" envelope_recipient TEXT NOT NULL,"
	" helo TEXT NOT NULL,"
	" peer TEXT NOT NULL,"
	" login TEXT NOT NULL,"
	" protocol TEXT NOT NULL,"
	" queue_id TEXT NOT NULL"
	");"
	/*
	 * new, cur: when the folder was last read, in nanoseconds of its
	 * mtime.  boot: the run of the machine in which this file was used.
	 */
	"CREATE TABLE state ("
	" name TEXT PRIMARY KEY,"
	" value NOT NULL"
	") WITHOUT ROWID;",
	/*
	 * 0 until a reader has looked at the message (index_threads.c).  In
	 * state, threads: the greatest uid that was looked at.
	 */
	"ALTER TABLE message ADD COLUMN thread INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE message ADD COLUMN parent INTEGER NOT NULL DEFAULT 0;",
};
/* clang-format on */

/* What the first page says, read without a lock or a statement. */
struct file_header {
	bool empty;
	bool sqlite; /* with a rollback journal, as we make it */
	uint32_t version;
	uint32_t application;
};

static enum index_verdict
judge(int rc)
{
	switch (rc & 0xFF) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return INDEX_GOOD;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR: /* no such table, no such column */
	case SQLITE_FORMAT:
		return INDEX_BAD;
	default:
		return INDEX_UNUSABLE;
	}
}

static int
run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static uint32_t
number_at(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	    (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3];
}

/*
 * The header of www.sqlite.org/fileformat.html 1.3, through SQLite's own
 * descriptor: another one of ours would drop its locks when closed.
 */
static int
read_header(sqlite3 *db, struct file_header *header_out)
{
	static const char magic[16] = "SQLite format 3";
	unsigned char bytes[100] = { 0 };
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;
	int rc =
	    sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);

	if (rc == SQLITE_OK)
		rc = file->pMethods->xFileSize(file, &size);
	if (rc == SQLITE_OK && size > 0)
		rc = file->pMethods->xRead(file, bytes, sizeof(bytes), 0);
	if (rc == SQLITE_IOERR_SHORT_READ)
		rc = SQLITE_OK;
	*header_out = (struct file_header){
		.empty = size == 0,
		.sqlite = memcmp(bytes, magic, sizeof(magic)) == 0 &&
		    bytes[18] == 1 && bytes[19] == 1,
		.version = number_at(bytes + 60),
		.application = number_at(bytes + 68),
	};
	return rc;
}

/* One value of one row as text; NULL for no row. */
static int
read_text(sqlite3 *db, const char *sql, char **text_out)
{
	sqlite3_stmt *statement = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

	*text_out = NULL;
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	if (rc == SQLITE_ROW) {
		const unsigned char *text = sqlite3_column_text(statement, 0);

		if (text != NULL)
			*text_out = xstrdup((const char *)text);
	}
	sqlite3_finalize(statement);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int
read_version(sqlite3 *db, size_t *version_out)
{
	char *text;
	int rc = read_text(db, "PRAGMA user_version", &text);

	*version_out = text == NULL ? 0 : (size_t)strtoul(text, NULL, 10);
	free(text);
	return rc;
}

/* Within the transaction.  A new file has no version to go back to. */
static int
run_migrations(sqlite3 *db, int root)
{
	size_t version = 0;
	int rc = read_version(db, &version);

	if (rc == SQLITE_OK && version > 0 && version < COUNT(migrations) &&
	    index_copy_keep(db, root, version) == -1)
		rc = SQLITE_FULL;
	for (; rc == SQLITE_OK && version < COUNT(migrations); version++)
		rc = run(db, migrations[version]);
	return rc;
}

/* Runs those that are missing; another process may be doing so. */
static int
migrate(sqlite3 *db, int root)
{
	char *sql = xasprintf("PRAGMA application_id=%d;PRAGMA user_version=%d",
	    APPLICATION_ID, (int)COUNT(migrations));
	int rc = run(db, "BEGIN IMMEDIATE");

	if (rc == SQLITE_OK)
		rc = run_migrations(db, root);
	if (rc == SQLITE_OK)
		rc = run(db, sql);
	if (rc == SQLITE_OK)
		rc = run(db, "COMMIT");
	if (rc != SQLITE_OK && !sqlite3_get_autocommit(db))
		run(db, "ROLLBACK");
	free(sql);
	return rc;
}

/*
 * The machine was started since this file was used: what was written last may
 * be lost, or there in part.  A whole file is used on, but what it says of the
 * folders is not believed.
 */
static enum index_verdict
renew(sqlite3 *db, const char *boot)
{
	char *answer;
	int rc = read_text(db, "PRAGMA integrity_check(1)", &answer);
	bool whole = answer != NULL && strcmp(answer, "ok") == 0;

	free(answer);
	if (rc != SQLITE_OK)
		return judge(rc);
	if (!whole)
		return INDEX_BAD;

	char *sql = xasprintf("BEGIN IMMEDIATE; DELETE FROM state;"
			      "INSERT INTO state VALUES ('boot', '%s');COMMIT",
	    boot);

	rc = run(db, sql);
	if (rc != SQLITE_OK && !sqlite3_get_autocommit(db))
		run(db, "ROLLBACK");
	free(sql);
	return judge(rc);
}

static enum index_verdict
look_at_boot(sqlite3 *db)
{
	const char *boot = index_boot_id();
	char *used;
	int rc;

	if (*boot == '\0')
		return INDEX_GOOD;
	rc =
	    read_text(db, "SELECT value FROM state WHERE name = 'boot'", &used);
	if (rc != SQLITE_OK)
		return judge(rc);

	bool same = used != NULL && strcmp(used, boot) == 0;

	free(used);
	return same ? INDEX_GOOD : renew(db, boot);
}

enum index_verdict
index_schema_prepare(sqlite3 *db, int root)
{
	struct file_header header;
	int rc = read_header(db, &header);

	if (rc != SQLITE_OK)
		return judge(rc);
	if (!header.empty &&
	    (!header.sqlite || header.application != APPLICATION_ID))
		return INDEX_BAD;
	if (header.version > COUNT(migrations)) {
		log_event(LOG_WARN, "index-newer", "version=%u ours=%zu",
		    header.version, COUNT(migrations));
		return INDEX_NEWER;
	}
	/* The journal stays, emptied: no folder changes with each message. */
	rc = run(db,
	    "PRAGMA page_size=2048; PRAGMA journal_mode=PERSIST;"
	    "PRAGMA journal_size_limit=65536; PRAGMA synchronous=OFF;"
	    "PRAGMA cache_size=-512");
	if (rc == SQLITE_OK && header.version < COUNT(migrations))
		rc = migrate(db, root);
	return rc == SQLITE_OK ? look_at_boot(db) : judge(rc);
}

/* What integrity_check says; an older version of ours is no fault. */
static enum index_verdict
examine(sqlite3 *db)
{
	char *answer;
	int rc = read_text(db, "PRAGMA integrity_check(1)", &answer);
	bool whole = answer != NULL && strcmp(answer, "ok") == 0;

	free(answer);
	if (rc != SQLITE_OK)
		return judge(rc);
	return whole ? INDEX_GOOD : INDEX_BAD;
}

enum index_verdict
index_schema_examine(sqlite3 *db, const char **fault_out)
{
	struct file_header header;
	int rc = read_header(db, &header);
	enum index_verdict verdict = judge(rc);

	*fault_out = "it cannot be read now";
	if (rc != SQLITE_OK)
		return verdict;
	*fault_out = "it is no index of ours";
	if (!header.sqlite || header.application != APPLICATION_ID)
		return INDEX_BAD;
	*fault_out = "it is of a later version";
	if (header.version > COUNT(migrations))
		return INDEX_NEWER;
	verdict = examine(db);
	*fault_out =
	    verdict == INDEX_BAD ? "it is damaged" : "it cannot be read now";
	if (verdict == INDEX_GOOD)
		*fault_out = NULL;
	return verdict;
}
