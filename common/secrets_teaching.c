/* secrets_teaching.c - the columns of secrets.c that only teaching fills. */
#include "common/secrets_teaching.h"

#include "common/db.h"
#include "common/log.h"
#include "common/secrets_private.h"

static const char list_all[] = "SELECT * FROM secret ORDER BY login";
static const char remove_of[] =
    "UPDATE secret SET cram_md5 = NULL, digest_md5 = NULL"
    "  WHERE (?1 IS NULL OR login = ?1)"
    "    AND (cram_md5 IS NOT NULL OR digest_md5 IS NOT NULL)";

/* A store of the earlier version has one column less (secrets.c). */
static bool
has_one(sqlite3_stmt *row)
{
	for (int i = SECRETS_FIRST_MD5; i < sqlite3_column_count(row); i++)
		if (sqlite3_column_type(row, i) != SQLITE_NULL)
			return true;
	return false;
}

int
secrets_teaching_list(struct secrets *s,
    void (*each)(void *arg, const char *login), void *arg)
{
	sqlite3_stmt *statement = db_prepare(s->db, list_all);
	int rc;

	if (statement == NULL)
		return -1;
	while ((rc = sqlite3_step(statement)) == SQLITE_ROW)
		if (has_one(statement))
			each(arg, db_text(statement, 0));
	rc = rc == SQLITE_DONE
	    ? 0
	    : log_failure("the MD5 secrets: %s", sqlite3_errmsg(s->db));
	sqlite3_finalize(statement);
	return rc;
}

int
secrets_teaching_remove(struct secrets *s, const char *login)
{
	sqlite3_stmt *statement = db_prepare(s->db, remove_of);
	int rc = 0;

	if (statement == NULL)
		return -1;
	if (login != NULL)
		sqlite3_bind_text(statement, 1, login, -1, SQLITE_STATIC);
	if (sqlite3_step(statement) != SQLITE_DONE)
		rc = log_failure("the MD5 secrets: %s", sqlite3_errmsg(s->db));
	sqlite3_finalize(statement);
	return rc;
}
