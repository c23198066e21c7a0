/*
 * index_private.h - what the files of the index share, and nobody else.
 */
#ifndef MAILDIR_INDEX_PRIVATE_H
#define MAILDIR_INDEX_PRIVATE_H

#include <sqlite3.h>

#include "common/db.h"
#include "maildir/index.h"
#include "maildir/index_db.h"
#include "maildir/index_files.h"
#include "maildir/message.h"

enum index_sql {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_ADD,       /* of a delivery */
	SQL_FOUND,     /* of a message found in a folder */
	SQL_REFRESH,   /* the same, and all that the message says is renewed */
	SQL_ENVELOPE,  /* of a row that has none, or it without TLS */
	SQL_MOVE,      /* name, in_new, flags for a base */
	SQL_REMOVE,    /* by base */
	SQL_LIST,      /* all columns */
	SQL_FIND,      /* the same of one base */
	SQL_SIZES,     /* uid, name, in_new, octets */
	SQL_BASES,     /* base, name, in_new, uid, octets, by base */
	SQL_NEW_BASES, /* the same of those in new/ */
	SQL_THREADED,  /* whether all messages have their thread */
	SQL_RELATED,   /* what tells threads */
	SQL_SET_THREAD,
	SQL_STAMPS, /* mtime and ctime of new/, then of cur/ */
	SQL_SET_STAMPS,
	SQL_SET_STATE, /* another value by name */
	SQL_UNREADABLE,
	SQL_FORGET_UNREADABLE,
	SQL_COUNT,
};

struct index {
	struct index_db file;
	sqlite3_stmt *statements[SQL_COUNT]; /* prepared when first used */
	int root; /* our own descriptor of the Maildir */
	int gate; /* the lock to write, -1 before the first time */
	struct index_files removed; /* whose words are still to be */
	bool blind; /* messages could not be read, and may be another time */
};

/* A row to write. */
struct index_row {
	const char *name;
	bool in_new;
	int64_t octets;
	int64_t received;
	struct summary summary;
	struct delivery delivery;
};

/*
 * Fills ROW from the message NAME readable from FD; clear its summary.  0, or
 * -1 with errno when it cannot be read, and there is nothing to clear.
 */
int index_row_read(const char *name, bool in_new, int fd,
    struct index_row *row_out);

/* Writes ROW by SQL_ADD or SQL_FOUND.  0, or -1. */
int index_row_write(struct index *index, enum index_sql sql,
    const struct index_row *row);

/*
 * Opens the file again when damage was found in it, or it was put away.  0, or
 * -1: every call fails until another time.
 */
int index_renew(struct index *index);

/* The statement, reset and ready for values; NULL on trouble. */
sqlite3_stmt *index_prepare(struct index *index, enum index_sql sql);

/* Runs a statement that returns no rows, and resets it.  0, or -1. */
int index_run(struct index *index, sqlite3_stmt *statement);

/* Runs one without values. */
int index_do(struct index *index, enum index_sql sql);

/* Ends a transaction: commits when RC is 0, else rolls back.  0, or -1. */
int index_end(struct index *index, int rc);

/* Logs what SQLite says, remembers damage; always -1. */
int index_failed(struct index *index, const char *what);

/*
 * Works out the threads when messages came since the last time.  When it
 * cannot write that is no matter.
 */
void index_thread(struct index *index);

/* Forgets the words of what was removed, if there are any. */
void index_drop_text(struct index *index);

/* Binds a string that outlives the statement's run. */
void index_bind(sqlite3_stmt *statement, int i, const char *text);
void index_bind_base(sqlite3_stmt *statement, int i, const char *name);

#endif
