/*
 * transcript_store.c - one statement for each kind of row; the tables are in
 * transcript_schema.c.
 */
#include "common/transcript_store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "common/db.h"
#include "common/log.h"
#include "common/transcript_label.h"
#include "common/transcript_schema.h"

enum { LOG_INTERVAL = 60 };

const char store_file[] = "evidence.sqlite";

enum {
	NEW_SESSION,
	OLD_SESSION,
	REOPEN,
	STATE,
	LINE,
	TEXT,
	MESSAGE,
	GAP,
	END,
	EXPIRE,
	STATEMENTS,
};

static const char *const sql[STATEMENTS] = {
	[NEW_SESSION] = "INSERT INTO sessions (token, program, listener,"
			" worker, address, port, uid, begun, secrets)"
			" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[OLD_SESSION] = "SELECT s.session, max(ifnull(max(l.line), 0),"
			" ifnull((SELECT max(after_line + lost) FROM gaps g"
			"  WHERE g.session = s.session), 0))"
			" FROM sessions s LEFT JOIN lines l USING (session)"
			" WHERE s.token = ?1 GROUP BY s.session",
	[REOPEN] = "UPDATE sessions SET ended = NULL, outcome = NULL"
		   " WHERE session = ?1",
	[STATE] = "UPDATE sessions SET helo = ifnull(?2, helo),"
		  " login = ifnull(?3, login), tls = ifnull(?4, tls)"
		  " WHERE session = ?1",
	[LINE] = "INSERT INTO lines VALUES"
		 " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
	/* Of a text whose helper changed, the begin is there already. */
	[TEXT] = "INSERT INTO texts VALUES (?1, ?2, ?3, ?4, ?5)"
		 " ON CONFLICT DO UPDATE SET"
		 " size = max(size, excluded.size),"
		 " left_out = max(size, excluded.size) -"
		 "  length(CAST(content AS BLOB))",
	[MESSAGE] = "INSERT OR REPLACE INTO messages VALUES (?1, ?2, ?3, ?4)",
	[GAP] = "INSERT OR REPLACE INTO gaps VALUES (?1, ?2, ?3)",
	[END] = "UPDATE sessions SET ended = ?2, outcome = ?3"
		" WHERE session = ?1",
	[EXPIRE] = "DELETE FROM sessions WHERE session IN (SELECT session"
		   " FROM sessions WHERE begun < ?1 ORDER BY begun LIMIT ?2)",
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENTS];
	time_t logged; /* trouble, so that the log has a line a minute */
	dev_t device;
	ino_t inode;
};

/* -1. */
static int
fail(struct store *store)
{
	time_t now = time(NULL);

	if (store->logged == 0 || now - store->logged >= LOG_INTERVAL)
		log_event(LOG_ERROR, "evidence-not-stored", "why=%s",
		    log_safe(sqlite3_errmsg(store->db)));
	store->logged = now;
	return -1;
}

static int
run_plain(struct store *store, const char *statement)
{
	if (sqlite3_exec(store->db, statement, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return fail(store);
}

/* Runs a statement without rows whose values are bound. */
static int
run(struct store *store, int which)
{
	sqlite3_stmt *statement = store->statements[which];
	int rc = sqlite3_step(statement);

	if (rc != SQLITE_DONE)
		(void)fail(store);
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return rc == SQLITE_DONE ? 0 : -1;
}

/* The text, or NULL for "". */
static void
bind_text(sqlite3_stmt *statement, int i, const char *text)
{
	if (*text != '\0')
		sqlite3_bind_text(statement, i, text, -1, SQLITE_STATIC);
}

/* Text that may hold a NUL: SQL's functions for text stop there. */
static void
bind_bytes(sqlite3_stmt *statement, int i, const char *data, size_t size)
{
	if (size == 0)
		sqlite3_bind_text(statement, i, "", 0, SQLITE_STATIC);
	else if (memchr(data, '\0', size) == NULL)
		sqlite3_bind_text(statement, i, data, (int)size, SQLITE_STATIC);
	else
		sqlite3_bind_blob(statement, i, data, (int)size, SQLITE_STATIC);
}

static int
prepare_all(struct store *store)
{
	for (size_t i = 0; i < STATEMENTS; i++) {
		store->statements[i] = db_prepare(store->db, sql[i]);
		if (store->statements[i] == NULL)
			return -1;
	}
	return 0;
}

/* What a helper that was killed has left open; a session may yet go on. */
static int
close_old(struct store *store, const char *program)
{
	sqlite3_stmt *statement = db_prepare(store->db,
	    "UPDATE sessions SET outcome = 'cut off', ended = ifnull("
	    " (SELECT max(at) FROM lines l WHERE l.session ="
	    "  sessions.session), begun)"
	    " WHERE program = ?1 AND ended IS NULL");
	int rc;

	if (statement == NULL)
		return -1;
	sqlite3_bind_text(statement, 1, program, -1, SQLITE_STATIC);
	rc = sqlite3_step(statement);
	sqlite3_finalize(statement);
	return rc == SQLITE_DONE ? 0 : fail(store);
}

struct store *
store_open(const char *program, int mebibytes)
{
	struct store *store = xcalloc(1, sizeof(*store));
	struct stat st;

	store->db = schema_open(store_file, mebibytes);
	if (store->db == NULL || prepare_all(store) == -1 ||
	    close_old(store, program) == -1)
		goto failed;
	if (stat(store_file, &st) == -1) {
		log_errno("stat %s", store_file);
		goto failed;
	}
	store->device = st.st_dev;
	store->inode = st.st_ino;
	return store;
failed:
	store_close(store);
	return NULL;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->db);
	free(store);
}

bool
store_is_current(const struct store *store)
{
	struct stat st;

	return stat(store_file, &st) == 0 && st.st_dev == store->device &&
	    st.st_ino == store->inode;
}

int
store_begin(struct store *store)
{
	return run_plain(store, "BEGIN IMMEDIATE");
}

int
store_commit(struct store *store)
{
	return run_plain(store, "COMMIT");
}

void
store_rollback(struct store *store)
{
	/* SQLite may have done it itself. */
	if (sqlite3_get_autocommit(store->db) == 0)
		(void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

/* True when there is one with this token. */
static bool
find_session(struct store *store, const struct evidence_head *head,
    struct store_session *session)
{
	sqlite3_stmt *statement = store->statements[OLD_SESSION];
	bool found;

	sqlite3_bind_blob(statement, 1, head->token, sizeof(head->token),
	    SQLITE_STATIC);
	found = sqlite3_step(statement) == SQLITE_ROW;
	if (found) {
		session->id = sqlite3_column_int64(statement, 0);
		session->lines = (uint32_t)sqlite3_column_int64(statement, 1);
	}
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return found;
}

int
store_session(struct store *store, const struct evidence_head *head,
    const struct store_peer *peer, struct store_session *session)
{
	sqlite3_stmt *statement = store->statements[NEW_SESSION];

	if (find_session(store, head, session)) {
		sqlite3_bind_int64(store->statements[REOPEN], 1, session->id);
		return run(store, REOPEN);
	}
	sqlite3_bind_blob(statement, 1, head->token, sizeof(head->token),
	    SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, peer->program, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, peer->listener, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 4, peer->worker);
	sqlite3_bind_text(statement, 5, peer->address, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 6, head->port);
	if (head->uid >= 0)
		sqlite3_bind_int64(statement, 7, head->uid);
	sqlite3_bind_int64(statement, 8, head->at);
	sqlite3_bind_int(statement, 9, head->secrets != 0);
	if (run(store, NEW_SESSION) == -1)
		return -1;
	session->id = sqlite3_last_insert_rowid(store->db);
	session->lines = 0;
	return 0;
}

int
store_state(struct store *store, int64_t session, const char *helo,
    const char *login, const char *tls)
{
	sqlite3_stmt *statement = store->statements[STATE];

	sqlite3_bind_int64(statement, 1, session);
	bind_text(statement, 2, helo);
	bind_text(statement, 3, login);
	bind_text(statement, 4, tls);
	return run(store, STATE);
}

int
store_line(struct store *store, int64_t session,
    const struct evidence_head *head, const char *login, const char *text,
    size_t size)
{
	sqlite3_stmt *statement = store->statements[LINE];
	char verb[LABEL_VERB_SIZE] = "";
	int code = 0;

	if (head->line == LINE_COMMAND)
		label_verb(text, size, verb);
	if (head->line == LINE_SERVER)
		code = label_code(text, size);
	sqlite3_bind_int64(statement, 1, session);
	sqlite3_bind_int64(statement, 2, head->number);
	sqlite3_bind_int64(statement, 3, head->at);
	bind_text(statement, 4, label_kind(head->line));
	sqlite3_bind_int64(statement, 5, head->segment);
	sqlite3_bind_int(statement, 6, head->tls != 0);
	bind_text(statement, 7, login);
	if (head->answers != 0)
		sqlite3_bind_int64(statement, 8, head->answers);
	bind_text(statement, 9, verb);
	if (code != 0)
		sqlite3_bind_int(statement, 10, code);
	bind_text(statement, 11, label_flaw(head->flaw));
	bind_bytes(statement, 12, text, size);
	return run(store, LINE);
}

int
store_text(struct store *store, int64_t session, const struct store_text *text)
{
	sqlite3_stmt *statement = store->statements[TEXT];

	sqlite3_bind_int64(statement, 1, session);
	sqlite3_bind_int64(statement, 2, text->line);
	sqlite3_bind_int64(statement, 3, (int64_t)text->size + text->left_out);
	sqlite3_bind_int64(statement, 4, text->left_out);
	bind_bytes(statement, 5, text->text, text->size);
	return run(store, TEXT);
}

int
store_message(struct store *store, int64_t session,
    const struct evidence_head *head, const char *id)
{
	sqlite3_stmt *statement = store->statements[MESSAGE];

	sqlite3_bind_int64(statement, 1, session);
	sqlite3_bind_int64(statement, 2, head->number);
	sqlite3_bind_int64(statement, 3, head->at);
	sqlite3_bind_text(statement, 4, id, -1, SQLITE_STATIC);
	return run(store, MESSAGE);
}

int
store_gap(struct store *store, int64_t session, uint32_t after, uint32_t lost)
{
	sqlite3_stmt *statement = store->statements[GAP];

	sqlite3_bind_int64(statement, 1, session);
	sqlite3_bind_int64(statement, 2, after);
	sqlite3_bind_int64(statement, 3, lost);
	return run(store, GAP);
}

int
store_end(struct store *store, int64_t session, int64_t at, const char *outcome)
{
	sqlite3_stmt *statement = store->statements[END];

	sqlite3_bind_int64(statement, 1, session);
	sqlite3_bind_int64(statement, 2, at);
	sqlite3_bind_text(statement, 3, outcome, -1, SQLITE_STATIC);
	return run(store, END);
}

int
store_expire(struct store *store, int64_t before, int max)
{
	sqlite3_stmt *statement = store->statements[EXPIRE];

	sqlite3_bind_int64(statement, 1, before);
	sqlite3_bind_int(statement, 2, max);
	return run(store, EXPIRE) == -1 ? -1 : sqlite3_changes(store->db);
}
