/*
 * index.c - opens, reads and writes the mailbox's index.sqlite.
 *
 * The file is opened as /proc/self/fd/N/index.sqlite, N our own descriptor of
 * the Maildir: SQLite opens by path and makes the path of its journal from it,
 * and we hold no path of the Maildir.  The house VFS (common/db.h) leaves
 * such a path as it is.
 *
 * Everything of a file that came from elsewhere is distrusted: no triggers, no
 * views, no functions in the schema.  The statements are in index_sql.c.
 */
#include "maildir/index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/db.h"
#include "common/log.h"
#include "common/mem.h"
#include "maildir/index_aside.h"
#include "maildir/index_lock.h"
#include "maildir/index_private.h"
#include "maildir/index_schema.h"
#include "maildir/maildir_name.h"

/* The lock is SQLite's: a reader, or a program that is none of ours. */
static int
wait_for_lock(void *arg, int tries)
{
	(void)arg;
	return index_lock_pause(tries);
}

static void
configure(sqlite3 *db)
{
	sqlite3_busy_handler(db, wait_for_lock, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
}

sqlite3 *
index_open_file(int root, const char *file, enum db_mode mode)
{
	char path[64];
	sqlite3 *db;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", root, file);
	db = db_open(path, mode, true);
	if (db != NULL)
		configure(db);
	return db;
}

/*
 * Another user's file that we may not write would stay in the way for good: our
 * folder was copied or read by root.
 */
static bool
is_foreign(int root, const char *file, const struct stat *st)
{
	struct stat folder;

	return st->st_uid != geteuid() && fstat(root, &folder) == 0 &&
	    folder.st_uid == geteuid() &&
	    faccessat(root, file, R_OK | W_OK, AT_EACCESS) == -1 &&
	    errno == EACCES;
}

/* A link, a folder or a fifo under one of its names is not opened. */
static enum index_verdict
look_at_files(int root)
{
	static const char *const files[] = { INDEX_FILE, INDEX_FILE "-journal",
		INDEX_FILE "-wal" };
	struct stat st;

	for (size_t i = 0; i < COUNT(files); i++) {
		if (fstatat(root, files[i], &st, AT_SYMLINK_NOFOLLOW) == 0) {
			/* We make no -wal, and SQLite would play it in. */
			if (!S_ISREG(st.st_mode) || i == 2 ||
			    is_foreign(root, files[i], &st))
				return INDEX_BAD;
		} else if (errno != ENOENT) {
			log_errno("look at %s of %s", files[i],
			    index_where(root));
			return INDEX_UNUSABLE;
		}
	}
	return INDEX_GOOD;
}

static enum index_verdict
open_database(struct index *index)
{
	enum index_verdict verdict = look_at_files(index->root);
	struct stat st;

	if (verdict != INDEX_GOOD)
		return verdict;
	index->db = index_open_file(index->root, INDEX_FILE, DB_CREATE);
	if (index->db == NULL) {
		log_failure("index of %s: cannot be opened",
		    index_where(index->root));
		return INDEX_UNUSABLE;
	}
	if (sqlite3_db_readonly(index->db, "main") != 0) {
		log_failure("index of %s: it is read-only",
		    index_where(index->root));
		return INDEX_UNUSABLE;
	}

	verdict = index_schema_prepare(index->db, index->root);
	if (verdict == INDEX_UNUSABLE)
		index_failed(index, "open");
	if (verdict == INDEX_GOOD &&
	    fstatat(index->root, INDEX_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0)
		index->inode = st.st_ino;
	return verdict;
}

static void
close_database(struct index *index)
{
	for (size_t i = 0; i < SQL_COUNT; i++) {
		sqlite3_finalize(index->statements[i]);
		index->statements[i] = NULL;
	}
	sqlite3_close(index->db);
	index->db = NULL;
}

/* Opens it and sees that the tables have the columns we use. */
static enum index_verdict
try_open(struct index *index)
{
	enum index_verdict verdict = open_database(index);

	if (verdict == INDEX_GOOD && index_prepare(index, SQL_ADD) == NULL)
		verdict = INDEX_BAD;
	if (verdict != INDEX_GOOD)
		close_database(index);
	return verdict;
}

/* Whether the file must still be made, which one process does at a time. */
static bool
is_missing(int root)
{
	struct stat st;

	return fstatat(root, INDEX_FILE, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    st.st_size == 0;
}

static enum index_verdict
open_locked(struct index *index)
{
	enum index_verdict verdict = INDEX_UNUSABLE;
	int lock = index_lock_open(index->root, "tmp");

	if (lock == -1)
		return verdict;
	if (index_lock_take(lock,
		is_missing(index->root) ? LOCK_EX : LOCK_SH) == 0)
		verdict = try_open(index);
	if (verdict == INDEX_BAD && index_lock_take(lock, LOCK_EX) == 0) {
		/* Another process may have been here meanwhile. */
		verdict = try_open(index);
		if (verdict == INDEX_BAD && index_set_aside(index->root) == 0)
			verdict = try_open(index);
	}
	close(lock);
	return verdict;
}

struct index *
index_open(const struct maildir *maildir)
{
	struct index *index = xcalloc(1, sizeof(*index));

	message_library_init();
	index->gate = -1;
	index->root = fcntl(maildir->root, F_DUPFD_CLOEXEC, 0);
	if (index->root == -1)
		log_errno("duplicate a descriptor");
	else if (open_locked(index) == INDEX_GOOD)
		return index;
	index_close(index);
	return NULL;
}

/* Sets the file aside in which damage was found, unless it is another now. */
static void
drop_broken(const struct index *index)
{
	int lock = index_lock_open(index->root, "tmp");
	struct stat st;

	if (lock == -1)
		return;
	if (index_lock_take(lock, LOCK_EX) == 0 &&
	    fstatat(index->root, INDEX_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_ino == index->inode)
		index_set_aside(index->root);
	close(lock);
}

void
index_close(struct index *index)
{
	if (index == NULL)
		return;
	close_database(index);
	if (index->broken)
		drop_broken(index);
	if (index->gate != -1)
		close(index->gate);
	if (index->root != -1)
		close(index->root);
	free(index);
}

int
index_begin(struct index *index)
{
	return index_do(index, SQL_BEGIN);
}

int
index_commit(struct index *index)
{
	return index_end(index, 0);
}

int
index_add(struct index *index, const char *name, int fd,
    const struct delivery *delivery)
{
	struct index_row row;
	int rc;

	if (index->broken)
		return -1;
	index_row_read(name, true, fd, &row);
	row.delivery = *delivery;
	rc = index_row_write(index, SQL_ADD, &row);
	summary_clear(&row.summary);
	return rc;
}

int
index_removed(struct index *index, const char *name)
{
	sqlite3_stmt *statement = index_prepare(index, SQL_REMOVE);

	if (statement == NULL)
		return -1;
	index_bind_base(statement, 1, name);
	return index_run(index, statement);
}

int
index_renamed(struct index *index, bool in_new, const char *name)
{
	sqlite3_stmt *statement = index_prepare(index, SQL_MOVE);
	struct maildir_name parsed;

	if (statement == NULL)
		return -1;
	maildir_parse_name(name, &parsed);
	index_bind_base(statement, 1, name);
	index_bind(statement, 2, name);
	sqlite3_bind_int(statement, 3, in_new);
	index_bind(statement, 6, parsed.flags);
	return index_run(index, statement);
}

static void
read_entry(sqlite3_stmt *row, bool all, struct index_entry *entry)
{
	memset(entry, 0, sizeof(*entry));
	entry->uid = sqlite3_column_int64(row, 0);
	entry->name = db_text(row, 1);
	entry->in_new = sqlite3_column_int(row, 2) != 0;
	entry->octets = sqlite3_column_int64(row, 3);
	if (!all)
		return;
	entry->received = sqlite3_column_int64(row, 4);
	entry->date = sqlite3_column_int64(row, 5);
	entry->flags = db_text(row, 6);
	entry->from = db_text(row, 7);
	entry->to = db_text(row, 8);
	entry->subject = db_text(row, 9);
	entry->message_id = db_text(row, 10);
	entry->attachments = sqlite3_column_int(row, 11);
	entry->delivery = (struct delivery){
		.sender = db_text(row, 12),
		.recipient = db_text(row, 13),
		.helo = db_text(row, 14),
		.peer = db_text(row, 15),
		.login = db_text(row, 16),
		.protocol = db_text(row, 17),
		.queue_id = db_text(row, 18),
	};
	entry->in_reply_to = db_text(row, 19);
	entry->references = db_text(row, 20);
	entry->thread = sqlite3_column_int64(row, 21);
	entry->parent = sqlite3_column_int64(row, 22);
	if (entry->thread <= 0) /* nobody could write it yet */
		entry->thread = entry->uid;
}

/* Whether we can have written it; somebody else may have edited the file. */
static bool
is_possible(const struct index_entry *entry)
{
	return entry->octets >= 0 && maildir_name_is_plain(entry->name);
}

/* Rows of a statement that has its values. */
static int
visit(struct index *index, sqlite3_stmt *statement, bool all,
    int (*each)(void *arg, const struct index_entry *entry), void *arg)
{
	struct index_entry entry;
	int rc = 0;
	int step = SQLITE_DONE;

	if (statement == NULL)
		return -1;
	while (rc == 0 && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		read_entry(statement, all, &entry);
		if (!is_possible(&entry)) {
			index->broken = true;
			rc = log_failure("index of %s: a row says nonsense",
			    index_where(index->root));
			break;
		}
		rc = each(arg, &entry);
	}
	if (rc == 0 && step != SQLITE_DONE)
		rc = index_failed(index, "list");
	sqlite3_reset(statement);
	return rc;
}

int
index_list(struct index *index,
    int (*each)(void *arg, const struct index_entry *entry), void *arg)
{
	index_thread(index);
	return visit(index, index_prepare(index, SQL_LIST), true, each, arg);
}

int
index_find(struct index *index, const char *name,
    int (*each)(void *arg, const struct index_entry *entry), void *arg)
{
	sqlite3_stmt *statement = index_prepare(index, SQL_FIND);

	if (statement != NULL)
		index_bind_base(statement, 1, name);
	return visit(index, statement, true, each, arg);
}

int
index_list_sizes(struct index *index,
    int (*each)(void *arg, const struct index_entry *entry), void *arg)
{
	return visit(index, index_prepare(index, SQL_SIZES), false, each, arg);
}
