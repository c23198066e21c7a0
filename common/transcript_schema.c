/*
 * transcript_schema.c - the tables of evidence.sqlite; docs/EVIDENCE.md tells
 * what they mean.
 *
 * PRIMARY KEY (session, line) WITHOUT ROWID keeps a session's lines together:
 * written in order, read in order, removed with it.
 */
#include "common/transcript_schema.h"

#include <stddef.h>

#include "common/db.h"

enum { VERSION = 1 };

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

int
schema_make(sqlite3 *db, const char *file)
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
