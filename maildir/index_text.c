/*
 * index_text.c - index.sqlite.text: the words of the messages.
 *
 * Table document knows which messages were read, table words (FTS5) what is in
 * them, under the same number.
 */
#include "maildir/index_text.h"

#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "maildir/index_db.h"
#include "maildir/maildir.h"

enum text_sql {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_DOCUMENT,
	SQL_WORDS,
	SQL_FORGET_WORDS,
	SQL_FORGET,
	SQL_LIST,
	SQL_FIND,
	SQL_COUNT,
};

/* clang-format off */
static const char *const statements[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_DOCUMENT] = "INSERT INTO document (base, octets) VALUES (?1, ?2)"
	    " ON CONFLICT (base) DO NOTHING",
	[SQL_WORDS] = "INSERT INTO words (rowid, cc, body, files)"
	    " VALUES (?1, ?2, ?3, ?4)",
	[SQL_FORGET_WORDS] = "DELETE FROM words WHERE rowid ="
	    " (SELECT id FROM document WHERE base = ?1)",
	[SQL_FORGET] = "DELETE FROM document WHERE base = ?1",
	[SQL_LIST] = "SELECT base, octets FROM document ORDER BY base",
	[SQL_FIND] = "SELECT d.base FROM words w JOIN document d"
	    " ON d.id = w.rowid WHERE words MATCH ?1",
};
/* clang-format on */

struct index_text {
	struct index_db file;
	sqlite3_stmt *statements[SQL_COUNT]; /* prepared when first used */
};

static sqlite3_stmt *
prepare(struct index_text *text, enum text_sql sql)
{
	sqlite3_stmt **statement = &text->statements[sql];

	if (text->file.broken)
		return NULL;
	if (*statement == NULL &&
	    sqlite3_prepare_v3(text->file.db, statements[sql], -1,
		SQLITE_PREPARE_PERSISTENT, statement, NULL) != SQLITE_OK)
		index_db_failed(&text->file, "prepare");
	return *statement;
}

/* Runs a statement that returns no rows.  0, or -1. */
static int
run(struct index_text *text, sqlite3_stmt *statement)
{
	int rc = 0;

	if (statement == NULL)
		return -1;
	if (sqlite3_step(statement) != SQLITE_DONE)
		rc = index_db_failed(&text->file, "write");
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return rc;
}

static void
finalize(struct index_text *text)
{
	for (size_t i = 0; i < SQL_COUNT; i++) {
		sqlite3_finalize(text->statements[i]);
		text->statements[i] = NULL;
	}
}

static bool
has_tables(void *arg)
{
	struct index_text *text = arg;

	if (prepare(text, SQL_FIND) != NULL && prepare(text, SQL_WORDS) != NULL)
		return true;
	finalize(text);
	return false;
}

struct index_text *
index_text_open(int root, bool create)
{
	struct index_text *text;

	if (!create && !index_db_exists(root, &index_text_schema))
		return NULL;
	text = xcalloc(1, sizeof(*text));
	text->file =
	    (struct index_db){ .schema = &index_text_schema, .root = root };
	if (index_db_open(&text->file, has_tables, text))
		return text;
	index_text_close(text);
	return NULL;
}

void
index_text_close(struct index_text *text)
{
	if (text == NULL)
		return;
	finalize(text);
	index_db_close(&text->file);
	free(text);
}

int
index_text_begin(struct index_text *text)
{
	return run(text, prepare(text, SQL_BEGIN));
}

int
index_text_end(struct index_text *text, int rc)
{
	if (rc == 0)
		rc = run(text, prepare(text, SQL_COMMIT));
	if (rc != 0 && !sqlite3_get_autocommit(text->file.db))
		run(text, prepare(text, SQL_ROLLBACK));
	return rc;
}

static void
bind_base(sqlite3_stmt *statement, int i, const char *name)
{
	struct maildir_name parsed;

	maildir_parse_name(name, &parsed);
	sqlite3_bind_text(statement, i, name, (int)parsed.base, SQLITE_STATIC);
}

static void
bind_text(sqlite3_stmt *statement, int i, const struct buf *text)
{
	sqlite3_bind_text(statement, i, text->data, (int)text->size,
	    SQLITE_STATIC);
}

int
index_text_add(struct index_text *text, const char *name, int64_t octets,
    const struct message_words *words)
{
	sqlite3_stmt *document = prepare(text, SQL_DOCUMENT);
	sqlite3_stmt *statement = prepare(text, SQL_WORDS);

	if (document == NULL || statement == NULL)
		return -1;
	bind_base(document, 1, name);
	sqlite3_bind_int64(document, 2, octets);
	if (run(text, document) == -1)
		return -1;
	if (sqlite3_changes(text->file.db) == 0)
		return 0; /* somebody else was quicker */
	sqlite3_bind_int64(statement, 1,
	    sqlite3_last_insert_rowid(text->file.db));
	bind_text(statement, 2, &words->cc);
	bind_text(statement, 3, &words->body);
	bind_text(statement, 4, &words->files);
	return run(text, statement);
}

int
index_text_remove(struct index_text *text, const char *name)
{
	static const enum text_sql steps[] = { SQL_FORGET_WORDS, SQL_FORGET };

	for (size_t i = 0; i < COUNT(steps); i++) {
		sqlite3_stmt *statement = prepare(text, steps[i]);

		if (statement == NULL)
			return -1;
		bind_base(statement, 1, name);
		if (run(text, statement) == -1)
			return -1;
	}
	return 0;
}

int
index_text_list(struct index_text *text,
    int (*each)(void *arg, const char *base, int64_t octets), void *arg)
{
	sqlite3_stmt *row = prepare(text, SQL_LIST);
	int step = SQLITE_DONE;
	int rc = 0;

	if (row == NULL)
		return -1;
	while (rc == 0 && (step = sqlite3_step(row)) == SQLITE_ROW)
		rc = each(arg, db_text(row, 0), sqlite3_column_int64(row, 1));
	if (rc == 0 && step != SQLITE_DONE)
		rc = index_db_failed(&text->file, "read");
	sqlite3_reset(row);
	return rc;
}

int
index_text_find(struct index_text *text, const char *match,
    int (*each)(void *arg, const char *base), void *arg)
{
	sqlite3_stmt *row = prepare(text, SQL_FIND);
	int step = SQLITE_DONE;
	int rc = 0;

	if (row == NULL)
		return -1;
	sqlite3_bind_text(row, 1, match, -1, SQLITE_STATIC);
	while (rc == 0 && (step = sqlite3_step(row)) == SQLITE_ROW)
		rc = each(arg, db_text(row, 0));
	if (rc == 0 && step != SQLITE_DONE)
		rc = index_db_failed(&text->file, "search");
	sqlite3_reset(row);
	sqlite3_clear_bindings(row);
	return rc;
}
