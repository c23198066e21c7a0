/*
 * transcript_schema.c - the tables of evidence.sqlite; docs/EVIDENCE.md tells
 * what they mean.
 *
 * PRIMARY KEY (session, line) WITHOUT ROWID keeps a session's lines together:
 * written in order, read in order, removed with it.
 */
#include "common/transcript_schema.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/db.h"
#include "common/log.h"

enum { VERSION = 1, MEBIBYTE = 1 << 20, PAGE = 4096 };

static const char schema[] =
    "CREATE TABLE sessions ("
    " session INTEGER PRIMARY KEY AUTOINCREMENT,"
    " token BLOB NOT NULL UNIQUE,"
    " program TEXT NOT NULL, listener TEXT NOT NULL, worker INTEGER,"
    " address TEXT NOT NULL, port INTEGER NOT NULL, uid INTEGER,"
    " begun INTEGER NOT NULL, ended INTEGER, outcome TEXT,"
    " helo TEXT, login TEXT, tls TEXT, secrets INTEGER NOT NULL);"
    "CREATE INDEX sessions_begun ON sessions (begun);"
    "CREATE INDEX sessions_login ON sessions (login);"
    "CREATE TABLE lines ("
    " session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,"
    " line INTEGER NOT NULL, at INTEGER NOT NULL,"
    " kind TEXT NOT NULL, segment INTEGER NOT NULL,"
    " tls INTEGER NOT NULL, login TEXT, answers INTEGER,"
    " verb TEXT, code INTEGER, flaw TEXT, text TEXT NOT NULL,"
    " PRIMARY KEY (session, line)) WITHOUT ROWID;"
    "CREATE TABLE texts ("
    " session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,"
    " line INTEGER NOT NULL, size INTEGER NOT NULL,"
    " left_out INTEGER NOT NULL, content TEXT NOT NULL,"
    " PRIMARY KEY (session, line));"
    "CREATE TABLE messages ("
    " session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,"
    " line INTEGER NOT NULL, at INTEGER NOT NULL, queue_id TEXT NOT NULL,"
    " PRIMARY KEY (session, line)) WITHOUT ROWID;"
    "CREATE INDEX messages_id ON messages (queue_id);"
    "CREATE TABLE gaps ("
    " session INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,"
    " after_line INTEGER NOT NULL, lost INTEGER NOT NULL,"
    " PRIMARY KEY (session, after_line)) WITHOUT ROWID;"
    "CREATE VIEW dialog AS"
    " SELECT l.session, l.line,"
    "  strftime('%Y-%m-%dT%H:%M:%f', l.at / 1000.0, 'unixepoch') AS time,"
    "  CASE l.kind WHEN 'reply' THEN 'S' ELSE 'C' END AS side,"
    "  l.text, s.program, s.listener, s.address, s.uid, l.login"
    " FROM lines l JOIN sessions s USING (session);"
    "PRAGMA user_version = 1;";

static int
make_tables(sqlite3 *db, const char *file)
{
	sqlite3_stmt *statement = db_prepare(db, "PRAGMA user_version");
	bool empty;
	int rc = 0;

	if (statement == NULL)
		return -1;
	empty = sqlite3_step(statement) == SQLITE_ROW &&
	    sqlite3_column_int(statement, 0) == 0;
	sqlite3_finalize(statement);
	if (!empty)
		return db_is_version(db, file, VERSION) ? 0 : -1;
	if (db_exec(db, "BEGIN IMMEDIATE") == -1)
		return -1;
	/* Another helper may have been faster. */
	statement = db_prepare(db, "SELECT 1 FROM sqlite_master LIMIT 1");
	if (statement == NULL || sqlite3_step(statement) != SQLITE_ROW)
		rc = db_exec(db, schema);
	sqlite3_finalize(statement);
	if (rc == 0)
		return db_exec(db, "COMMIT");
	(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

static int
set_up(sqlite3 *db, const char *file, int mebibytes)
{
	char size[64];
	int keep = 1;

	(void)snprintf(size, sizeof(size), "PRAGMA max_page_count = %lld",
	    (long long)mebibytes * (MEBIBYTE / PAGE));
	/* Else a sandboxed process would have to make it again. */
	(void)sqlite3_file_control(db, NULL, SQLITE_FCNTL_PERSIST_WAL, &keep);
	if (db_exec(db, "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL") ==
		-1 ||
	    db_exec(db,
		"PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"
		"PRAGMA foreign_keys = ON;"
		"PRAGMA journal_size_limit = 16777216") == -1)
		return -1;
	return make_tables(db, file) == -1 ? -1 : db_exec(db, size);
}

static void
remove_beside(const char *file, const char *suffix)
{
	char *name = xasprintf("%s%s", file, suffix);

	(void)unlink(name);
	free(name);
}

/*
 * Where somebody has removed the database, its log is still there, and would be
 * played into the new one.
 */
static void
remove_old_log(const char *file)
{
	struct stat st;

	if (stat(file, &st) == 0 && st.st_size > 0)
		return;
	remove_beside(file, "-wal");
	remove_beside(file, "-shm");
}

/* One helper after another makes sure that it is there.  A descriptor. */
static int
lock_making(void)
{
	int fd = open("run/evidence.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd == -1 || flock(fd, LOCK_EX) == -1)
		log_errno("lock run/evidence.lock");
	return fd;
}

sqlite3 *
schema_open(const char *file, int mebibytes)
{
	int lock = lock_making();
	sqlite3 *db;

	remove_old_log(file);
	db = db_open(file, DB_CREATE, false);
	if (db != NULL && set_up(db, file, mebibytes) == -1) {
		sqlite3_close(db);
		db = NULL;
	}
	close(lock);
	return db;
}
