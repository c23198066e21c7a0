/*
 * db.h - SQLite as this house uses it.
 *
 * Paths stay relative (a VFS of ours does not resolve them), so a state folder
 * below a folder that the daemon's user may not search, such as /root, works:
 * the process was there before it dropped root.  A connection is never carried
 * across fork(): open after it.
 */
#ifndef COMMON_DB_H
#define COMMON_DB_H

#include <sqlite3.h>
#include <stdbool.h>

/*
 * Once in a process, else it happens at the first use.  Before the fork is
 * best.
 */
void db_library_init(void);

/*
 * Opens FILE; CREATE makes it (0600) when missing, else it is only read unless
 * WRITE.  Busy time-out 5 s.  NULL when it cannot; logged unless QUIET.
 */
enum db_mode { DB_READ, DB_WRITE, DB_CREATE };
sqlite3 *db_open(const char *file, enum db_mode mode, bool quiet);

/*
 * For one who only looks: when DB is closed a write-ahead log stays beside the
 * file as it is, though nobody else has it open.
 */
void db_keep_log(sqlite3 *db);

/* Prepares SQL for many uses.  NULL (logged) when it cannot. */
sqlite3_stmt *db_prepare(sqlite3 *db, const char *sql);

/* Runs SQL without results.  0, or -1 (logged). */
int db_exec(sqlite3 *db, const char *sql);

/* Its user_version; -1 when it cannot be read (logged). */
int db_version(sqlite3 *db, const char *file);

/* Whether its user_version is VERSION; when not, that is logged. */
bool db_is_version(sqlite3 *db, const char *file, int version);

/* The text of column I, "" for NULL. */
const char *db_text(sqlite3_stmt *statement, int i);

#endif
