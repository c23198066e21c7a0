/*
 * index.c - opens, reads and writes the mailbox's index.sqlite.
 *
 * How the file is opened is index_db.c's matter, the statements are in
 * index_sql.c.
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
#include "maildir/index_boot.h"
#include "maildir/index_lock.h"
#include "maildir/index_private.h"
#include "maildir/index_schema.h"
#include "maildir/maildir_name.h"

/* Whether the tables have the columns we use. */
static bool
has_columns(void *arg)
{
	return index_prepare(arg, SQL_ADD) != NULL;
}

static bool
open_file(struct index *index)
{
	index->file = (struct index_db){ .schema = &index_mail_schema,
		.root = index->root };
	return index_db_open(&index->file, has_columns, index);
}

static void
close_file(struct index *index)
{
	for (size_t i = 0; i < SQL_COUNT; i++) {
		sqlite3_finalize(index->statements[i]);
		index->statements[i] = NULL;
	}
	index_lock_release(index->gate);
	index_db_close(&index->file);
}

struct index *
index_open(const struct maildir *maildir)
{
	struct index *index = xcalloc(1, sizeof(*index));

	(void)index_boot_id();
	index->gate = -1;
	index->root = fcntl(maildir->root, F_DUPFD_CLOEXEC, 0);
	if (index->root == -1)
		log_errno("duplicate a descriptor");
	else if (open_file(index))
		return index;
	index_close(index);
	return NULL;
}

void
index_close(struct index *index)
{
	if (index == NULL)
		return;
	index_drop_text(index);
	close_file(index);
	if (index->gate != -1)
		close(index->gate);
	if (index->root != -1)
		close(index->root);
	free(index);
}

int
index_renew(struct index *index)
{
	if (!index->file.broken && index_is_there(index))
		return 0;
	close_file(index);
	if (open_file(index))
		return 0;
	/* There is none to be asked, or to be set aside. */
	index->file.broken = true;
	index->file.inode = 0;
	return -1;
}

bool
index_is_there(const struct index *index)
{
	return index_db_is_there(&index->file);
}

bool
index_is_damaged(const struct index *index)
{
	return index->file.broken;
}

int
index_begin(struct index *index)
{
	return index_do(index, SQL_BEGIN);
}

int
index_commit(struct index *index)
{
	int rc = index_end(index, 0);

	index_drop_text(index);
	return rc;
}

int
index_add(struct index *index, const char *name, int fd,
    const struct delivery *delivery)
{
	struct index_row row;
	int rc;

	if (index->file.broken)
		return -1;
	if (index_row_read(name, true, fd, &row) == -1)
		return log_errno("read message %s", log_safe(name));
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
	if (index_run(index, statement) == -1)
		return -1;
	index_files_add(&index->removed, false, name);
	return 0;
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
	entry->received = sqlite3_column_int64(row, 4);
	if (!all)
		return;
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
		.tls = db_text(row, 19),
	};
	entry->in_reply_to = db_text(row, 20);
	entry->references = db_text(row, 21);
	entry->thread = sqlite3_column_int64(row, 22);
	entry->parent = sqlite3_column_int64(row, 23);
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
			index->file.broken = true;
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
