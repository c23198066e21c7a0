/*
 * index_schema.c - whose file it is, its version, and whether it is believed.
 *
 * application_id says that it is ours, user_version which migrations it has
 * seen, and a row in it of which run of the machine and which file of the disk
 * it is.  The tables are in index_tables.c.
 */
#include "maildir/index_schema.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/log.h"
#include "common/mem.h"
#include "maildir/index_aside.h"
#include "maildir/index_boot.h"
#include "maildir/index_build.h"

/* What the first page says, read without a lock or a statement. */
struct file_header {
	bool empty;
	bool sqlite;
	bool logged; /* it has a write-ahead log, as we make it */
	uint32_t version;
	uint32_t application;
};

static enum index_verdict
judge(int rc)
{
	if (rc == SQLITE_IOERR_SHORT_READ)
		return INDEX_BAD; /* of the log: it is another than was told */
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
		.sqlite = memcmp(bytes, magic, sizeof(magic)) == 0,
		.logged = bytes[18] == 2 && bytes[19] == 2,
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

/* What integrity_check says. */
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

/*
 * The machine was started since this file was used: what was written last may
 * be lost, or there in part.  Or it was copied, perhaps while somebody wrote. A
 * whole file is used on, but what it says of the folders is not believed.
 */
static enum index_verdict
renew(sqlite3 *db, const char *place)
{
	enum index_verdict verdict = examine(db);
	char *sql;
	int rc;

	if (verdict != INDEX_GOOD)
		return verdict;
	sql = xasprintf("BEGIN IMMEDIATE; DELETE FROM state;"
			"INSERT INTO state VALUES ('boot', '%s');COMMIT",
	    place);
	rc = run(db, sql);
	if (rc != SQLITE_OK && !sqlite3_get_autocommit(db))
		run(db, "ROLLBACK");
	free(sql);
	return judge(rc);
}

/*
 * The run of the machine, unless that is no matter to the file, and which file
 * of the disk it is: "RUN INODE.BIRTH", as an inode number is soon given again.
 * Free it.
 */
static char *
place_of(const struct index_schema *schema, int root)
{
	struct statx st = { 0 };

	(void)statx(root, schema->file, AT_SYMLINK_NOFOLLOW,
	    STATX_INO | STATX_BTIME, &st);
	return xasprintf("%s %ju.%jd.%u",
	    schema->flushed ? "" : index_boot_id(), (uintmax_t)st.stx_ino,
	    (intmax_t)st.stx_btime.tv_sec, st.stx_btime.tv_nsec);
}

/* Whether USED is of another file than PLACE; earlier versions did not say. */
static bool
is_moved(const char *used, const char *place)
{
	const char *inode = strchr(used, ' ');

	return inode != NULL && strcmp(inode, strchr(place, ' ')) != 0;
}

/* A file that is being opened. */
struct opening {
	sqlite3 *db;
	const struct index_schema *schema;
	int root;
	enum index_access access;
	struct file_header header;
	bool ready; /* there is nothing to be made in it */
	char *used; /* its place as it says itself, or NULL */
};

/* What the first page says of it; GOOD when it is worth to be read. */
static enum index_verdict
look_at_header(struct opening *opening)
{
	const struct file_header *header = &opening->header;
	const struct index_schema *schema = opening->schema;
	int rc = read_header(opening->db, &opening->header);

	if (rc != SQLITE_OK)
		return judge(rc);
	if (!header->empty &&
	    (!header->sqlite || header->application != schema->application))
		return INDEX_BAD;
	if (header->version > schema->version) {
		log_event(LOG_WARN, "index-newer",
		    "file=%s version=%u ours=%zu", schema->file,
		    header->version, schema->version);
		return INDEX_NEWER;
	}
	opening->ready = header->logged && header->version == schema->version;
	if (!opening->ready && opening->access == INDEX_SHARED)
		return INDEX_BUILD;
	if (!header->logged && index_has_log(opening->root, schema->file))
		return INDEX_MOVED;
	return INDEX_GOOD;
}

/* The first that reads it, and with it a log that is there. */
static enum index_verdict
read_place(struct opening *opening)
{
	int rc = run(opening->db, opening->schema->pragmas);

	if (rc == SQLITE_OK && opening->header.logged)
		rc = read_text(opening->db,
		    "SELECT value FROM state WHERE name = 'boot'",
		    &opening->used);
	return judge(rc);
}

static enum index_verdict
use(const struct opening *opening)
{
	enum index_verdict verdict = INDEX_GOOD;
	const char *used = opening->used;
	bool cleared = opening->access == INDEX_CLEARED;
	char *place = place_of(opening->schema, opening->root);

	if (!cleared && used != NULL && is_moved(used, place))
		verdict =
		    opening->access == INDEX_SHARED ? INDEX_BUILD : INDEX_MOVED;
	else if (!opening->ready)
		verdict = judge(
		    index_build(opening->db, opening->schema, opening->root));
	if (verdict == INDEX_GOOD &&
	    (cleared || used == NULL || strcmp(used, place) != 0))
		verdict = renew(opening->db, place);
	free(place);
	return verdict;
}

enum index_verdict
index_schema_prepare(sqlite3 *db, const struct index_schema *schema, int root,
    enum index_access access)
{
	struct opening opening = { db, schema, root, access, .used = NULL };
	enum index_verdict verdict = look_at_header(&opening);

	if (verdict == INDEX_GOOD)
		verdict = read_place(&opening);
	if (verdict == INDEX_GOOD)
		verdict = use(&opening);
	free(opening.used);
	return verdict;
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
	/* An older version of ours is no fault. */
	verdict = examine(db);
	*fault_out =
	    verdict == INDEX_BAD ? "it is damaged" : "it cannot be read now";
	if (verdict == INDEX_GOOD)
		*fault_out = NULL;
	return verdict;
}
