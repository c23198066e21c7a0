/*
 * index_db.c - an SQLite file of a Maildir that is but a cache.
 *
 * It is opened as /proc/self/fd/N/FILE, N a descriptor of the Maildir: SQLite
 * opens by path and makes the paths beside it from that, and we hold no path
 * of the Maildir.  The house VFS (common/db.h) leaves such a path as it is.
 *
 * No triggers, no views, no functions in the schema.
 */
#include "maildir/index_db.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "common/mem.h"
#include "maildir/index_aside.h"
#include "maildir/index_lock.h"

enum { NAME_SIZE = 64 };

/* The lock is SQLite's: a reader, or a program that is none of ours. */
static int
wait_for_lock(void *arg, int tries)
{
	(void)arg;
	return index_lock_pause(tries);
}

/*
 * The log stays when the last one closes: to make it and to remove it each time
 * would cost more than to use it, and may hit the log of a file that was put in
 * the place of ours.  And what is in one that may be another's must not get
 * into the file, so it is emptied only by who knows that it is good.
 */
static void
configure(sqlite3 *db)
{
	db_keep_log(db);
	sqlite3_busy_handler(db, wait_for_lock, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
}

sqlite3 *
index_db_open_file(int root, const char *file, enum db_mode mode)
{
	char path[NAME_SIZE];
	sqlite3 *db;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", root, file);
	db = db_open(path, mode, true);
	if (db != NULL)
		configure(db);
	return db;
}

/*
 * Another user's file that we may not write would stay in the way for good: our
 * folder was copied or read by root.
 */
static bool
is_foreign(int root, const char *file, const struct stat *st)
{
	struct stat folder;

	return st->st_uid != geteuid() && fstat(root, &folder) == 0 &&
	    folder.st_uid == geteuid() &&
	    faccessat(root, file, R_OK | W_OK, AT_EACCESS) == -1 &&
	    errno == EACCES;
}

/* The log and its memory are ours to be made anew. */
static bool
is_locked_away(const char *ending, const struct stat *st)
{
	return (strcmp(ending, INDEX_LOG) == 0 ||
		   strcmp(ending, INDEX_MEMORY) == 0) &&
	    (st->st_mode & 0600) != 0600;
}

/* A link, a folder or a fifo under one of its names is not opened. */
static enum index_verdict
look_at_files(const struct index_db *file)
{
	static const char *const endings[] = { "", "-journal", INDEX_LOG,
		INDEX_MEMORY };
	struct stat st;

	for (size_t i = 0; i < COUNT(endings); i++) {
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), "%s%s", file->schema->file,
		    endings[i]);
		if (fstatat(file->root, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			if (!S_ISREG(st.st_mode) ||
			    is_locked_away(endings[i], &st) ||
			    is_foreign(file->root, name, &st))
				return INDEX_BAD;
		} else if (errno != ENOENT) {
			log_errno("look at %s of %s", name,
			    index_where(file->root));
			return INDEX_UNUSABLE;
		}
	}
	return INDEX_GOOD;
}

int
index_db_failed(struct index_db *file, const char *what)
{
	int full = sqlite3_extended_errcode(file->db);
	int rc = full & 0xFF;

	if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB ||
	    full == SQLITE_IOERR_SHORT_READ)
		file->broken = file->doubted = true;
	return log_failure("%s of %s: %s: %s", file->schema->file,
	    index_where(file->root), what, sqlite3_errmsg(file->db));
}

/* That of the file with ENDING; 0, which no file has, for none. */
static ino_t
inode_of(const struct index_db *file, const char *ending)
{
	char name[NAME_SIZE];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", file->schema->file, ending);
	if (fstatat(file->root, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return 0;
	return st.st_ino;
}

static enum index_verdict
open_database(struct index_db *file, enum index_access access)
{
	enum index_verdict verdict = look_at_files(file);
	const char *name = file->schema->file;

	if (verdict != INDEX_GOOD)
		return verdict;
	file->db = index_db_open_file(file->root, name, DB_CREATE);
	if (file->db == NULL) {
		log_failure("%s of %s: cannot be opened", name,
		    index_where(file->root));
		return INDEX_UNUSABLE;
	}
	if (sqlite3_db_readonly(file->db, "main") != 0) {
		log_failure("%s of %s: it is read-only", name,
		    index_where(file->root));
		return INDEX_UNUSABLE;
	}

	verdict =
	    index_schema_prepare(file->db, file->schema, file->root, access);
	if (verdict == INDEX_UNUSABLE)
		index_db_failed(file, "open");
	if (verdict == INDEX_GOOD) {
		file->inode = inode_of(file, "");
		file->memory = inode_of(file, INDEX_MEMORY);
	}
	return verdict;
}

static void
close_database(struct index_db *file)
{
	sqlite3_close(file->db);
	file->db = NULL;
}

static enum index_verdict
try_open(struct index_db *file, bool (*usable)(void *arg), void *arg,
    enum index_access access)
{
	enum index_verdict verdict = open_database(file, access);

	if (verdict == INDEX_GOOD && !usable(arg))
		verdict = INDEX_BAD;
	file->broken = file->doubted = false;
	if (verdict == INDEX_GOOD)
		sqlite3_db_config(file->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0,
		    NULL);
	else
		close_database(file);
	return verdict;
}

/* An empty one must still be made, which one process does at a time. */
bool
index_db_exists(int root, const struct index_schema *schema)
{
	struct stat st;

	return fstatat(root, schema->file, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_size > 0;
}

/*
 * Opens it while nobody else does: makes it, or puts another one away.  When
 * somebody has put a file in the place of one that is in use, the log beside it
 * may be what is no good.
 */
static enum index_verdict
open_alone(struct index_db *file, bool (*usable)(void *arg), void *arg)
{
	const char *name = file->schema->file;
	enum index_verdict verdict = INDEX_MOVED;

	/* Another process may have been here before the lock was ours. */
	if (index_db_exists(file->root, file->schema))
		verdict = try_open(file, usable, arg, INDEX_ALONE);
	if (verdict == INDEX_MOVED ||
	    (verdict == INDEX_BAD && index_has_log(file->root, name))) {
		index_remove_log(file->root, name);
		verdict = try_open(file, usable, arg, INDEX_CLEARED);
	}
	if (verdict == INDEX_BAD && index_set_aside(file->root, name) == 0)
		verdict = try_open(file, usable, arg, INDEX_CLEARED);
	return verdict;
}

bool
index_db_open(struct index_db *file, bool (*usable)(void *arg), void *arg)
{
	enum index_verdict verdict = INDEX_BUILD;
	int lock = index_lock_open(file->root, "tmp");

	if (lock == -1)
		return false;
	if (index_db_exists(file->root, file->schema))
		verdict = index_lock_take(lock, LOCK_SH) == 0
		    ? try_open(file, usable, arg, INDEX_SHARED)
		    : INDEX_UNUSABLE;
	if (verdict == INDEX_BUILD || verdict == INDEX_BAD)
		verdict = index_lock_take(lock, LOCK_EX) == 0
		    ? open_alone(file, usable, arg)
		    : INDEX_UNUSABLE;
	close(lock);
	return verdict == INDEX_GOOD;
}

bool
index_db_is_there(const struct index_db *file)
{
	return file->inode != 0 && inode_of(file, "") == file->inode &&
	    inode_of(file, INDEX_MEMORY) == file->memory;
}

static bool
always(void *arg)
{
	(void)arg;
	return true;
}

/* The log may be what is no good: whether the file is, read whole without it.
 */
static bool
is_damaged(const struct index_db *file)
{
	struct index_db again = { .schema = file->schema, .root = file->root };
	enum index_verdict verdict;

	index_remove_log(file->root, file->schema->file);
	verdict = try_open(&again, always, NULL, INDEX_CLEARED);
	close_database(&again);
	return verdict == INDEX_BAD;
}

/*
 * Sets the file aside in which damage was found, unless it is another now.
 * Nobody opens it meanwhile, and nobody writes.
 */
static void
drop_broken(const struct index_db *file)
{
	int lock = index_lock_open(file->root, "tmp");
	int gate = index_lock_open(file->root, "cur");

	if (lock != -1 && gate != -1 && index_lock_take(lock, LOCK_EX) == 0 &&
	    index_lock_take(gate, LOCK_EX) == 0 &&
	    inode_of(file, "") == file->inode &&
	    (!file->doubted || is_damaged(file)))
		index_set_aside(file->root, file->schema->file);
	if (gate != -1)
		close(gate);
	if (lock != -1)
		close(lock);
}

void
index_db_close(struct index_db *file)
{
	close_database(file);
	if (file->broken)
		drop_broken(file);
	file->broken = file->doubted = false;
}
