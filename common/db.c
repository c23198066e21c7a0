/*
 * db.c - SQLite as this house uses it.
 *
 * The VFS is SQLite's own, but for two methods.  A path stays as it was given:
 * SQLite would make it absolute and look at each folder above, which a daemon
 * that has dropped root may not be allowed to search.  And nobody looks for a
 * write-ahead log beside a database whose header speaks of none: SQLite would
 * do it before each reading, and play in what somebody has put there.
 */
#include "common/db.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/log.h"

enum { BUSY_MILLISECONDS = 5000 };

static sqlite3_vfs house_vfs;
static sqlite3_vfs *system_vfs;

static int
keep_path(sqlite3_vfs *vfs, const char *path, int size, char *out)
{
	int n = snprintf(out, (size_t)size, "%s", path);

	(void)vfs;
	return n < 0 || n >= size ? SQLITE_CANTOPEN : SQLITE_OK;
}

static int
look_for(sqlite3_vfs *vfs, const char *path, int how, int *found_out)
{
	static const char log[] = "-wal";
	size_t size = strlen(path);

	if (size >= sizeof(log) - 1 &&
	    strcmp(path + size - (sizeof(log) - 1), log) == 0) {
		*found_out = 0;
		return SQLITE_OK;
	}
	return system_vfs->xAccess(vfs, path, how, found_out);
}

/*
 * No threads; and no stocks of memory, which cost more to lay in than a
 * database uses that is opened for a moment: 25 pages, each a page fault.
 */
static void
configure_library(void)
{
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
	sqlite3_initialize();
}

void
db_library_init(void)
{
	if (house_vfs.zName != NULL)
		return;
	configure_library();
	system_vfs = sqlite3_vfs_find(NULL);
	house_vfs = *system_vfs;
	house_vfs.zName = "house";
	house_vfs.pNext = NULL;
	house_vfs.xFullPathname = keep_path;
	house_vfs.xAccess = look_for;
	if (sqlite3_vfs_register(&house_vfs, 0) != SQLITE_OK)
		panic("cannot register the SQLite VFS");
}

sqlite3 *
db_open(const char *file, enum db_mode mode, bool quiet)
{
	static const int flags[] = {
		[DB_READ] = SQLITE_OPEN_READONLY,
		[DB_WRITE] = SQLITE_OPEN_READWRITE,
		[DB_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	};
	sqlite3 *db = NULL;
	mode_t mask;
	int rc;

	db_library_init();
	mask = umask(077);
	rc = sqlite3_open_v2(file, &db,
	    flags[mode] | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
	    house_vfs.zName);
	umask(mask);
	if (rc != SQLITE_OK) {
		if (!quiet)
			log_failure("open %s: %s", file, sqlite3_errstr(rc));
		sqlite3_close(db);
		return NULL;
	}
	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, BUSY_MILLISECONDS);
	return db;
}

void
db_keep_log(sqlite3 *db)
{
	int keep = 1;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

sqlite3_stmt *
db_prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int rc = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT,
	    &statement, NULL);

	if (rc == SQLITE_OK)
		return statement;
	/* SQLITE_ERROR is also "no such table": a foreign file, not our SQL. */
	log_failure("prepare %s: %s", sql, sqlite3_errmsg(db));
	return NULL;
}

int
db_exec(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return log_failure("%s: %s", sql, sqlite3_errmsg(db));
	return 0;
}

int
db_version(sqlite3 *db, const char *file)
{
	sqlite3_stmt *statement = db_prepare(db, "PRAGMA user_version");
	int version = -1;

	if (statement == NULL)
		return -1;
	if (sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int(statement, 0);
	else
		log_failure("read %s: %s", file, sqlite3_errmsg(db));
	sqlite3_finalize(statement);
	return version;
}

bool
db_is_version(sqlite3 *db, const char *file, int version)
{
	int found = db_version(db, file);

	if (found != -1 && found != version)
		log_failure("%s has version %d, this program reads %d", file,
		    found, version);
	return found == version;
}

const char *
db_text(sqlite3_stmt *statement, int i)
{
	const unsigned char *text = sqlite3_column_text(statement, i);

	return text == NULL ? "" : (const char *)text;
}
