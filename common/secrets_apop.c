/* secrets_apop.c - one row a login that has such a secret. */
#include "common/secrets_apop.h"

#include <string.h>

#include "common/db.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/secrets_private.h"

int
secrets_apop_prepare(sqlite3 *db)
{
	return db_exec(db,
	    "CREATE TABLE IF NOT EXISTS apop ("
	    "  login TEXT PRIMARY KEY,"
	    "  secret TEXT NOT NULL) WITHOUT ROWID");
}

/* Runs SQL with LOGIN and SECRET.  0 or -1 (logged). */
static int
change(struct secrets *s, const char *sql, const char *login,
    const char *secret)
{
	sqlite3_stmt *statement = db_prepare(s->db, sql);
	int rc = 0;

	if (statement == NULL)
		return -1;
	sqlite3_bind_text(statement, 1, login, -1, SQLITE_STATIC);
	if (secret != NULL)
		sqlite3_bind_text(statement, 2, secret, -1, SQLITE_STATIC);
	if (sqlite3_step(statement) != SQLITE_DONE)
		rc = log_failure("the secrets of APOP: %s",
		    sqlite3_errmsg(s->db));
	sqlite3_finalize(statement);
	return rc;
}

int
secrets_apop_set(struct secrets *s, const char *login, const char *secret)
{
	if (secret == NULL)
		return change(s, "DELETE FROM apop WHERE login = ?1", login,
		    NULL);
	return change(s, "REPLACE INTO apop VALUES (?1, ?2)", login, secret);
}

/* A store that was not written to since has no such table. */
static bool
has_table(struct secrets *s)
{
	sqlite3_stmt *statement = db_prepare(s->db,
	    "SELECT 1 FROM sqlite_master WHERE name = 'apop'");
	bool has = statement != NULL && sqlite3_step(statement) == SQLITE_ROW;

	sqlite3_finalize(statement);
	return has;
}

int
secrets_apop_find(struct secrets *s, const char *login,
    char secret[APOP_SECRET_SIZE])
{
	sqlite3_stmt *statement;
	int rc = 0;

	secret[0] = '\0';
	if (!has_table(s))
		return 0;
	statement =
	    db_prepare(s->db, "SELECT secret FROM apop WHERE login = ?1");
	if (statement == NULL)
		return -1;
	sqlite3_bind_text(statement, 1, login, -1, SQLITE_STATIC);
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		rc =
		    copy_string(secret, APOP_SECRET_SIZE, db_text(statement, 0))
		    ? 1
		    : 0;
		break;
	case SQLITE_DONE:
		break;
	default:
		rc = log_failure("the secrets of APOP: %s",
		    sqlite3_errmsg(s->db));
		break;
	}
	sqlite3_finalize(statement);
	return rc;
}

int
secrets_apop_list(struct secrets *s, void (*each)(void *arg, const char *login),
    void *arg)
{
	sqlite3_stmt *statement;
	int rc;

	if (!has_table(s))
		return 0;
	statement = db_prepare(s->db, "SELECT login FROM apop ORDER BY login");
	if (statement == NULL)
		return -1;
	while ((rc = sqlite3_step(statement)) == SQLITE_ROW)
		each(arg, db_text(statement, 0));
	rc = rc == SQLITE_DONE
	    ? 0
	    : log_failure("the secrets of APOP: %s", sqlite3_errmsg(s->db));
	sqlite3_finalize(statement);
	return rc;
}
