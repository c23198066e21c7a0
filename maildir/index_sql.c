/*
 * index_sql.c - the statements of the index, and rows going in.
 *
 * Each is prepared when first needed and kept: preparing costs as much as
 * running.
 */
#include <string.h>
#include <sys/stat.h>

#include "common/log.h"
#include "maildir/index_aside.h"
#include "maildir/index_lock.h"
#include "maildir/index_private.h"
#include "maildir/maildir_name.h"

#define ADD                                                                    \
	"INSERT INTO message (base, name, in_new, octets, received, flags,"    \
	" date, header_from, header_to, subject, message_id, in_reply_to,"     \
	" reference_ids, attachments, envelope_sender, envelope_recipient,"    \
	" helo, peer, login, protocol, queue_id, tls, thread, parent) VALUES"  \
	" (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"  \
	" ?16, ?17, ?18, ?19, ?20, ?21, ?22, 0, 0) ON CONFLICT (base)"         \
	" DO UPDATE SET "

#define BASES "SELECT base, name, in_new, uid, octets FROM message"

#define LIST                                                                   \
	"SELECT uid, name, in_new, octets, received, date, flags,"             \
	" header_from, header_to, subject, message_id, attachments,"           \
	" envelope_sender, envelope_recipient, helo, peer, login,"             \
	" protocol, queue_id, tls, in_reply_to, reference_ids, thread, parent" \
	" FROM message"

#define STATE(name) "(SELECT value FROM state WHERE name = '" name "')"

/* The name, and those with a colon behind it. */
#define UNREADABLE " WHERE name >= 'unreadable' AND name < 'unreadable;'"

/* clang-format off */
static const char *const statements[SQL_COUNT] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	/* Somebody may have found the message first, without its envelope. */
	[SQL_ADD] = ADD
	    "envelope_sender = excluded.envelope_sender,"
	    " envelope_recipient = excluded.envelope_recipient,"
	    " helo = excluded.helo, peer = excluded.peer,"
	    " login = excluded.login, protocol = excluded.protocol,"
	    " queue_id = excluded.queue_id, tls = excluded.tls",
	/* Or its delivery was told meanwhile, with it. */
	[SQL_FOUND] = ADD
	    "name = excluded.name, in_new = excluded.in_new,"
	    " flags = excluded.flags",
	/* Uid and envelope stay: nobody can tell them anew. */
	[SQL_REFRESH] = ADD
	    "name = excluded.name, in_new = excluded.in_new,"
	    " flags = excluded.flags, octets = excluded.octets,"
	    " received = excluded.received, date = excluded.date,"
	    " header_from = excluded.header_from,"
	    " header_to = excluded.header_to, subject = excluded.subject,"
	    " message_id = excluded.message_id,"
	    " in_reply_to = excluded.in_reply_to,"
	    " reference_ids = excluded.reference_ids,"
	    " attachments = excluded.attachments, thread = 0, parent = 0",
	[SQL_ENVELOPE] = "UPDATE message SET envelope_sender = ?2,"
	    " envelope_recipient = ?3, helo = ?4, peer = ?5, login = ?6,"
	    " protocol = ?7, queue_id = ?8, tls = ?9 WHERE base = ?1 AND"
	    " (envelope_recipient = '' AND queue_id = ''"
	    /* Or an earlier version had the index meanwhile, and no TLS. */
	    " OR tls = '' AND ?9 <> '' AND queue_id = ?8)",
	[SQL_MOVE] = "UPDATE message SET name = ?2, in_new = ?3, flags = ?6"
	    " WHERE base = ?1",
	[SQL_REMOVE] = "DELETE FROM message WHERE base = ?1",
	[SQL_LIST] = LIST " ORDER BY uid",
	[SQL_FIND] = LIST " WHERE base = ?1",
	[SQL_SIZES] = "SELECT uid, name, in_new, octets, received"
	    " FROM message ORDER BY uid",
	[SQL_BASES] = BASES " ORDER BY base",
	[SQL_NEW_BASES] = BASES " WHERE in_new <> 0 ORDER BY base",
	/* Uids ascend, but the last one is used again when it was removed. */
	[SQL_THREADED] = "SELECT m.thread <> 0 AND m.uid ="
	    " (SELECT max(uid) FROM message) FROM message m JOIN state s"
	    " ON s.name = 'threads' AND m.uid = s.value",
	[SQL_RELATED] = "SELECT uid, message_id, in_reply_to, reference_ids,"
	    " subject, thread, parent FROM message ORDER BY uid",
	[SQL_SET_THREAD] = "UPDATE message SET thread = ?2, parent = ?3"
	    " WHERE uid = ?1",
	[SQL_STAMPS] = "SELECT " STATE("new.modified") ", "
	    STATE("new.changed") ", " STATE("cur.modified") ", "
	    STATE("cur.changed"),
	[SQL_SET_STAMPS] = "INSERT OR REPLACE INTO state (name, value) VALUES"
	    " ('new.modified', ?1), ('new.changed', ?2),"
	    " ('cur.modified', ?3), ('cur.changed', ?4)",
	[SQL_SET_STATE] = "INSERT OR REPLACE INTO state (name, value)"
	    " VALUES (?1, ?2)",
	[SQL_UNREADABLE] = "SELECT name, value FROM state" UNREADABLE,
	[SQL_FORGET_UNREADABLE] = "DELETE FROM state" UNREADABLE,
};
/* clang-format on */

int
index_failed(struct index *index, const char *what)
{
	return index_db_failed(&index->file, what);
}

sqlite3_stmt *
index_prepare(struct index *index, enum index_sql sql)
{
	sqlite3_stmt **statement = &index->statements[sql];

	if (index->file.broken)
		return NULL;
	if (*statement == NULL &&
	    sqlite3_prepare_v3(index->file.db, statements[sql], -1,
		SQLITE_PREPARE_PERSISTENT, statement, NULL) != SQLITE_OK)
		index_failed(index, "prepare");
	return *statement;
}

static int
enter_gate(struct index *index)
{
	if (index->gate == -1)
		index->gate = index_lock_open(index->root, "cur");
	if (index->gate == -1)
		return -1;
	return index_lock_take(index->gate, LOCK_EX);
}

/* The gate is held as long as the transaction, which may be one statement. */
int
index_run(struct index *index, sqlite3_stmt *statement)
{
	int rc = 0;

	if (sqlite3_get_autocommit(index->file.db))
		rc = enter_gate(index);
	if (rc == 0 && sqlite3_step(statement) != SQLITE_DONE)
		rc = index_failed(index, "write");
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	if (sqlite3_get_autocommit(index->file.db))
		index_lock_release(index->gate);
	return rc;
}

int
index_do(struct index *index, enum index_sql sql)
{
	sqlite3_stmt *statement = index_prepare(index, sql);

	return statement == NULL ? -1 : index_run(index, statement);
}

int
index_end(struct index *index, int rc)
{
	if (rc == 0)
		rc = index_do(index, SQL_COMMIT);
	if (rc != 0 && !sqlite3_get_autocommit(index->file.db))
		index_do(index, SQL_ROLLBACK);
	return rc;
}

void
index_bind(sqlite3_stmt *statement, int i, const char *text)
{
	sqlite3_bind_text(statement, i, text, -1, SQLITE_STATIC);
}

void
index_bind_base(sqlite3_stmt *statement, int i, const char *name)
{
	struct maildir_name parsed;

	maildir_parse_name(name, &parsed);
	sqlite3_bind_text(statement, i, name, (int)parsed.base, SQLITE_STATIC);
}

/*
 * By the name, unless that says nothing, or not what the file says: it may have
 * been edited by hand.
 */
static int64_t
wire_octets(const struct maildir_name *name, int fd)
{
	struct stat st;

	if (name->wire == -1 ||
	    (name->size != -1 && fstat(fd, &st) == 0 &&
		st.st_size != name->size))
		return maildir_wire_size(fd);
	return name->wire;
}

int
index_row_read(const char *name, bool in_new, int fd, struct index_row *row_out)
{
	struct maildir_name parsed;

	maildir_parse_name(name, &parsed);
	memset(row_out, 0, sizeof(*row_out));
	row_out->name = name;
	row_out->in_new = in_new;
	row_out->octets = wire_octets(&parsed, fd);
	if (row_out->octets == -1)
		return -1;
	row_out->received = maildir_name_time(name);
	if (row_out->received <= 0) {
		struct stat st;

		row_out->received = fstat(fd, &st) == -1 ? 0 : st.st_mtime;
	}
	row_out->delivery = (struct delivery){ "", "", "", "", "", "", "", "" };
	if (summary_read(fd, &row_out->summary) == 0)
		return 0;
	summary_clear(&row_out->summary);
	return -1;
}

int
index_row_write(struct index *index, enum index_sql sql,
    const struct index_row *row)
{
	sqlite3_stmt *statement = index_prepare(index, sql);
	const struct summary *summary = &row->summary;
	const struct delivery *delivery = &row->delivery;
	struct maildir_name parsed;

	if (statement == NULL)
		return -1;
	maildir_parse_name(row->name, &parsed);
	index_bind_base(statement, 1, row->name);
	index_bind(statement, 2, row->name);
	sqlite3_bind_int(statement, 3, row->in_new);
	sqlite3_bind_int64(statement, 4, row->octets);
	sqlite3_bind_int64(statement, 5, row->received);
	index_bind(statement, 6, parsed.flags);
	sqlite3_bind_int64(statement, 7, summary->date);
	index_bind(statement, 8, summary->from);
	index_bind(statement, 9, summary->to);
	index_bind(statement, 10, summary->subject);
	index_bind(statement, 11, summary->message_id);
	index_bind(statement, 12, summary->in_reply_to);
	index_bind(statement, 13, summary->references);
	sqlite3_bind_int(statement, 14, summary->attachments);
	index_bind(statement, 15, delivery->sender);
	index_bind(statement, 16, delivery->recipient);
	index_bind(statement, 17, delivery->helo);
	index_bind(statement, 18, delivery->peer);
	index_bind(statement, 19, delivery->login);
	index_bind(statement, 20, delivery->protocol);
	index_bind(statement, 21, delivery->queue_id);
	index_bind(statement, 22, delivery->tls);
	return index_run(index, statement);
}
