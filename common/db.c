/*
 * db.c - SQLite as this house uses it.
 *
 * The VFS is SQLite's own, but for three methods.  A path stays as it was
 * given: SQLite would make it absolute and look at each folder above, which a
 * daemon that has dropped root may not be allowed to search.  Nobody looks for
 * a write-ahead log: SQLite would do it before each reading, and play in what
 * somebody has put there.  (Of evidence.sqlite it knows by the file's header.)
 * And a rollback journal that is kept (PERSIST) stays open with its database:
 * SQLite would look for it, open, read and close it twice with each writing (14
 * system calls of 63, measured), because another program may delete it.  Ours
 * do not; if one does (the command sqlite3), a crash of ours within a writing
 * can no longer be undone, in a file that is but a cache.  What it has left in
 * the journal it deleted is no writing to be undone by us: read_journal().
 */
#include "common/db.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/log.h"

enum { BUSY_MILLISECONDS = 5000 };

static sqlite3_vfs house_vfs;
static sqlite3_vfs *system_vfs;
static sqlite3_io_methods house_methods;
static const sqlite3_io_methods *system_methods; /* that ours are made of */
static sqlite3_io_methods journal_methods;
static const sqlite3_io_methods *system_journal_methods;

/* Which file a journal is; it lies behind what the system's VFS knows of it. */
struct journal {
	const char *path; /* SQLite's */
	ino_t inode;
};

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

/* The one of these that matters to the pager: it leaves the journal open. */
static int
describe_device(sqlite3_file *file)
{
	return system_methods->xDeviceCharacteristics(file) |
	    SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN;
}

static size_t
journal_place(void)
{
	const size_t align = _Alignof(struct journal);

	return ((size_t)system_vfs->szOsFile + align - 1) / align * align;
}

static struct journal *
journal_of(sqlite3_file *file)
{
	void *place = (char *)file + journal_place();

	return place;
}

static ino_t
inode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? st.st_ino : 0;
}

/* Its first byte is 0, or else somebody died and left us his to play back. */
static int
read_journal(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
	int rc = system_journal_methods->xRead(file, data, size, offset);
	const struct journal *journal = journal_of(file);
	char *first = data;

	if (rc == SQLITE_OK && size == 1 && offset == 0 && *first != 0 &&
	    inode_of(journal->path) != journal->inode)
		*first = 0; /* deleted: it was done with */
	return rc;
}

static void
watch_journal(sqlite3_file *file, const char *path)
{
	if (system_journal_methods == NULL) {
		system_journal_methods = file->pMethods;
		journal_methods = *system_journal_methods;
		journal_methods.xRead = read_journal;
	}
	if (file->pMethods != system_journal_methods)
		return;
	file->pMethods = &journal_methods;
	*journal_of(file) = (struct journal){ path, inode_of(path) };
}

static int
open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
    int *flags_out)
{
	int rc = system_vfs->xOpen(vfs, path, file, flags, flags_out);

	if (rc == SQLITE_OK && (flags & SQLITE_OPEN_MAIN_JOURNAL) != 0)
		watch_journal(file, path);
	if (rc != SQLITE_OK || (flags & SQLITE_OPEN_MAIN_DB) == 0)
		return rc;
	if (system_methods == NULL) {
		system_methods = file->pMethods;
		house_methods = *system_methods;
		house_methods.xDeviceCharacteristics = describe_device;
	}
	/* Other ones are of an uncommon file system. */
	if (file->pMethods == system_methods)
		file->pMethods = &house_methods;
	return rc;
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
	house_vfs.szOsFile = (int)(journal_place() + sizeof(struct journal));
	house_vfs.pNext = NULL;
	house_vfs.xFullPathname = keep_path;
	house_vfs.xAccess = look_for;
	house_vfs.xOpen = open_file;
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
