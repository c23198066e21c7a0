/*
 * index_schema.c - whose file it is, its version, and migrations.
 *
 * application_id says that it is ours, user_version which migrations it has
 * seen.  The tables are in index_tables.c.
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

/*
 * Within the transaction.  A new file has no version to go back to, and what
 * can be read again from the messages needs none.
 */
static int
run_migrations(sqlite3 *db, const struct index_schema *schema, int root)
{
	size_t version = 0;
	int rc = read_version(db, &version);

	if (rc == SQLITE_OK && !schema->flushed && version > 0 &&
	    version < schema->version &&
	    index_copy_keep(db, root, version) == -1)
		rc = SQLITE_FULL;
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
	int rc = run(db, "BEGIN IMMEDIATE");

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
index_schema_prepare(sqlite3 *db, const struct index_schema *schema, int root)
{
	struct file_header header;
	int rc = read_header(db, &header);

	if (rc != SQLITE_OK)
		return judge(rc);
	if (!header.empty &&
	    (!header.sqlite || header.application != schema->application))
		return INDEX_BAD;
	if (header.version > schema->version) {
		log_event(LOG_WARN, "index-newer",
		    "file=%s version=%u ours=%zu", schema->file, header.version,
		    schema->version);
		return INDEX_NEWER;
	}
	rc = run(db, schema->pragmas);
	if (rc == SQLITE_OK && header.version < schema->version)
		rc = migrate(db, schema, root);
	if (rc != SQLITE_OK || schema->flushed)
		return judge(rc);
	return look_at_boot(db);
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
index_schema_examine(sqlite3 *db, const struct index_schema *schema,
    const char **fault_out)
{
	struct file_header header;
	int rc = read_header(db, &header);
	enum index_verdict verdict = judge(rc);

	*fault_out = "it cannot be read now";
	if (rc != SQLITE_OK)
		return verdict;
	*fault_out = "it is no index of ours";
	if (!header.sqlite || header.application != schema->application)
		return INDEX_BAD;
	*fault_out = "it is of a later version";
	if (header.version > schema->version)
		return INDEX_NEWER;
	verdict = examine(db);
	*fault_out =
	    verdict == INDEX_BAD ? "it is damaged" : "it cannot be read now";
	if (verdict == INDEX_GOOD)
		*fault_out = NULL;
	return verdict;
}
