/*
 * secrets.c - the password store: one row a login.
 *
 * What a password becomes is in secrets_derive.c; here it is kept.  The file
 * is opened by the auth helper and the postlab command and by nobody else;
 * secure_delete overwrites what a new password replaces.
 */
#include "common/secrets.h"

#include <stdlib.h>
#include <string.h>

#include "common/db.h"
#include "common/log.h"
#include "common/mem.h"
#include "common/secrets_apop.h"
#include "common/secrets_private.h"

static const char file_name[] = "secrets.sqlite";

enum { VERSION = 2, VERSION_WITHOUT_DIGEST = 1 };

static const char schema[] =
    "PRAGMA journal_mode = DELETE;"
    "PRAGMA synchronous = EXTRA;"
    "BEGIN;"
    "CREATE TABLE secret ("
    "  login TEXT PRIMARY KEY,"
    "  scram_sha256 TEXT NOT NULL,"
    "  scram_sha1 TEXT NOT NULL,"
    "  cram_md5 BLOB," /* NULL without auth.teaching, as the next */
    "  digest_md5 BLOB) WITHOUT ROWID;"
    "CREATE TABLE salt (key BLOB NOT NULL);"
    "INSERT INTO salt VALUES (randomblob(32));"
    "PRAGMA user_version = 2;"
    "COMMIT";

static const char add_digest[] =
    "ALTER TABLE secret ADD COLUMN digest_md5 BLOB;"
    "PRAGMA user_version = 2";

enum {
	FIND = SECRETS_FIND,
	SET = SECRETS_SET,
	DELETE = SECRETS_DELETE,
	STATEMENTS = SECRETS_STATEMENTS,
};

static const char *const sql[STATEMENTS] = {
	[FIND] = "SELECT * FROM secret WHERE login = ?1",
	[SET] = "REPLACE INTO secret VALUES (?1, ?2, ?3, ?4, ?5)",
	[DELETE] = "DELETE FROM secret WHERE login = ?1",
};

int
secrets_create(void)
{
	sqlite3 *db = db_open(file_name, DB_CREATE, false);
	int rc;

	if (db == NULL)
		return -1;
	rc = db_exec(db, schema);
	sqlite3_close(db);
	return rc;
}

void
secrets_close(struct secrets *secrets)
{
	if (secrets == NULL)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(secrets->statements[i]);
	sqlite3_close(secrets->db);
	free(secrets);
}

/* Of two programs that come at the same time the second finds it done. */
static int
bring_up_to_date(sqlite3 *db)
{
	int rc = 0;

	if (db_version(db, file_name) != VERSION_WITHOUT_DIGEST)
		return 0;
	if (db_exec(db, "BEGIN IMMEDIATE") == -1)
		return -1;
	if (db_version(db, file_name) == VERSION_WITHOUT_DIGEST)
		rc = db_exec(db, add_digest);
	return db_exec(db, rc == 0 ? "COMMIT" : "ROLLBACK") == 0 ? rc : -1;
}

static int
prepare_writing(sqlite3 *db)
{
	if (db_exec(db,
		"PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON") == -1)
		return -1;
	return bring_up_to_date(db) == 0 ? secrets_apop_prepare(db) : -1;
}

/* A reader takes the earlier version as it is. */
static bool
is_readable(sqlite3 *db)
{
	return db_version(db, file_name) == VERSION_WITHOUT_DIGEST ||
	    db_is_version(db, file_name, VERSION);
}

struct secrets *
secrets_open(bool write)
{
	struct secrets *secrets = xcalloc(1, sizeof(*secrets));

	secrets->db = db_open(file_name, write ? DB_WRITE : DB_READ, false);
	if (secrets->db == NULL ||
	    (write && prepare_writing(secrets->db) == -1) ||
	    !is_readable(secrets->db))
		goto fail;
	/* A reader needs but the first. */
	for (size_t i = 0; i < (write ? STATEMENTS : FIND + 1); i++) {
		secrets->statements[i] = db_prepare(secrets->db, sql[i]);
		if (secrets->statements[i] == NULL)
			goto fail;
	}
	return secrets;
fail:
	secrets_close(secrets);
	return NULL;
}

/* Whether column I was there, with SIZE bytes. */
static bool
read_blob(sqlite3_stmt *statement, int i, void *to, size_t size)
{
	if (i >= sqlite3_column_count(statement) ||
	    (size_t)sqlite3_column_bytes(statement, i) != size)
		return false;
	memcpy(to, sqlite3_column_blob(statement, i), size);
	return true;
}

/* All forms of the name, or those of an earlier version. */
static void
read_digests(sqlite3_stmt *statement, int i, struct secret *out)
{
	static const int counts[] = { DIGEST_FORMS, DIGEST_FORMS_ONCE };

	for (size_t n = 0; n < COUNT(counts) && !out->has_digest_md5; n++) {
		out->has_digest_md5 = read_blob(statement, i, out->digest_md5,
		    (size_t)counts[n] * DIGEST_SIZE);
		if (out->has_digest_md5)
			out->digest_forms = counts[n];
	}
}

static void
read_row(sqlite3_stmt *statement, struct secret *out)
{
	memset(out, 0, sizeof(*out));
	(void)copy_string(out->scram_sha256, sizeof(out->scram_sha256),
	    db_text(statement, 1));
	(void)copy_string(out->scram_sha1, sizeof(out->scram_sha1),
	    db_text(statement, 2));
	out->has_cram_md5 =
	    read_blob(statement, 3, out->cram_md5, sizeof(out->cram_md5));
	read_digests(statement, 4, out);
}

int
secrets_find(struct secrets *s, const char *login, struct secret *out)
{
	sqlite3_stmt *statement = s->statements[FIND];
	int rc;

	sqlite3_bind_text(statement, 1, login, -1, SQLITE_STATIC);
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		read_row(statement, out);
		rc = 1;
		break;
	case SQLITE_DONE:
		rc = 0;
		break;
	default:
		rc = log_failure("%s: %s", file_name, sqlite3_errmsg(s->db));
		break;
	}
	sqlite3_reset(statement);
	return rc;
}

static int
run(struct secrets *s, sqlite3_stmt *statement)
{
	int rc = 0;

	if (statement == NULL)
		return log_failure("%s is open for reading", file_name);
	if (sqlite3_step(statement) != SQLITE_DONE)
		rc = log_failure("%s: %s", file_name, sqlite3_errmsg(s->db));
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return rc;
}

/* A password that APOP has in clear is one no more. */
static int
forget_if_password(struct secrets *s, const char *login, const char *password)
{
	char apop[APOP_SECRET_SIZE];
	int rc = 0;

	if (secrets_apop_find(s, login, apop) == 1 &&
	    strcmp(apop, password) == 0)
		rc = secrets_apop_set(s, login, NULL);
	explicit_bzero(apop, sizeof(apop));
	return rc;
}

int
secrets_set(struct secrets *s, const char *login, const char *password,
    const char *realm)
{
	sqlite3_stmt *statement = s->statements[SET];
	struct secret secret;
	int rc;

	if (secret_derive(login, password, realm, &secret) == -1)
		return -1;
	sqlite3_bind_text(statement, 1, login, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, secret.scram_sha256, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, secret.scram_sha1, -1, SQLITE_STATIC);
	if (secret.has_cram_md5)
		sqlite3_bind_blob(statement, 4, secret.cram_md5,
		    sizeof(secret.cram_md5), SQLITE_STATIC);
	if (secret.has_digest_md5)
		sqlite3_bind_blob(statement, 5, secret.digest_md5,
		    sizeof(secret.digest_md5), SQLITE_STATIC);
	rc = run(s, statement);
	explicit_bzero(&secret, sizeof(secret));
	return rc == 0 ? forget_if_password(s, login, password) : -1;
}

int
secrets_delete(struct secrets *s, const char *login)
{
	sqlite3_stmt *statement = s->statements[DELETE];

	sqlite3_bind_text(statement, 1, login, -1, SQLITE_STATIC);
	if (run(s, statement) == -1)
		return -1;
	return secrets_apop_set(s, login, NULL);
}

int
secrets_salt_key(struct secrets *s, unsigned char key[SALT_KEY_SIZE])
{
	sqlite3_stmt *statement = db_prepare(s->db, "SELECT key FROM salt");
	int rc = -1;

	if (statement == NULL)
		return -1;
	if (sqlite3_step(statement) == SQLITE_ROW &&
	    sqlite3_column_bytes(statement, 0) == SALT_KEY_SIZE) {
		memcpy(key, sqlite3_column_blob(statement, 0), SALT_KEY_SIZE);
		rc = 0;
	} else {
		log_failure("%s has no key for salts", file_name);
	}
	sqlite3_finalize(statement);
	return rc;
}
