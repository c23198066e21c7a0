/*
 * index_db.c - an SQLite file of a Maildir that is but a cache.
 *
 * It is opened as /proc/self/fd/N/FILE, N a descriptor of the Maildir: SQLite
 * opens by path and makes the path of its journal from it, and we hold no path
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

static void
configure(sqlite3 *db)
{
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

/* A link, a folder or a fifo under one of its names is not opened. */
static enum index_verdict
look_at_files(const struct index_db *file)
{
	static const char *const endings[] = { "", "-journal", "-wal" };
	struct stat st;

	for (size_t i = 0; i < COUNT(endings); i++) {
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), "%s%s", file->schema->file,
		    endings[i]);
		if (fstatat(file->root, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			/* We make no -wal, and SQLite would play it in. */
			if (!S_ISREG(st.st_mode) || i == 2 ||
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
	int rc = sqlite3_errcode(file->db) & 0xFF;

	if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB)
		file->broken = true;
	return log_failure("%s of %s: %s: %s", file->schema->file,
	    index_where(file->root), what, sqlite3_errmsg(file->db));
}

static enum index_verdict
open_database(struct index_db *file)
{
	enum index_verdict verdict = look_at_files(file);
	const char *name = file->schema->file;
	struct stat st;

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

	verdict = index_schema_prepare(file->db, file->schema, file->root);
	if (verdict == INDEX_UNUSABLE)
		index_db_failed(file, "open");
	if (verdict == INDEX_GOOD &&
	    fstatat(file->root, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		file->inode = st.st_ino;
	return verdict;
}

static void
close_database(struct index_db *file)
{
	sqlite3_close(file->db);
	file->db = NULL;
}

static enum index_verdict
try_open(struct index_db *file, bool (*usable)(void *arg), void *arg)
{
	enum index_verdict verdict = open_database(file);

	if (verdict == INDEX_GOOD && !usable(arg))
		verdict = INDEX_BAD;
	file->broken = false;
	if (verdict != INDEX_GOOD)
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

bool
index_db_open(struct index_db *file, bool (*usable)(void *arg), void *arg)
{
	enum index_verdict verdict = INDEX_UNUSABLE;
	int lock = index_lock_open(file->root, "tmp");

	if (lock == -1)
		return false;
	if (index_lock_take(lock,
		index_db_exists(file->root, file->schema) ? LOCK_SH
							  : LOCK_EX) == 0)
		verdict = try_open(file, usable, arg);
	if (verdict == INDEX_BAD && index_lock_take(lock, LOCK_EX) == 0) {
		/* Another process may have been here meanwhile. */
		verdict = try_open(file, usable, arg);
		if (verdict == INDEX_BAD &&
		    index_set_aside(file->root, file->schema->file) == 0)
			verdict = try_open(file, usable, arg);
	}
	close(lock);
	return verdict == INDEX_GOOD;
}

/* Sets the file aside in which damage was found, unless it is another now. */
static void
drop_broken(const struct index_db *file)
{
	int lock = index_lock_open(file->root, "tmp");
	struct stat st;

	if (lock == -1)
		return;
	if (index_lock_take(lock, LOCK_EX) == 0 &&
	    fstatat(file->root, file->schema->file, &st, AT_SYMLINK_NOFOLLOW) ==
		0 &&
	    st.st_ino == file->inode)
		index_set_aside(file->root, file->schema->file);
	close(lock);
}

void
index_db_close(struct index_db *file)
{
	close_database(file);
	if (file->broken)
		drop_broken(file);
	file->broken = false;
}
