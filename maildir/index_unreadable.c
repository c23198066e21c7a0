/*
 * index_unreadable.c - the messages in the folders that could not be read.
 *
 * They are rows of state: "unreadable" is when it was told, and a name like
 * "unreadable:cur/NAME" has the file's ctime, or 0 (index_files.h).  A program
 * that knows nothing of these looks through the folders each time, as it did
 * before: it has times of its own (index_tables.c).
 */
#include "maildir/index_unreadable.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "common/mem.h"
#include "maildir/index_aside.h"
#include "maildir/index_private.h"

enum { DAY = 24 * 3600 };

static const char all[] = "unreadable";
static const char in_new[] = "unreadable:new/";
static const char in_cur[] = "unreadable:cur/";

static void
take_row(struct index_unreadable *unreadable, sqlite3_stmt *row)
{
	const char *key = db_text(row, 0);
	int64_t value = sqlite3_column_int64(row, 1);
	struct index_files *files = &unreadable->files;
	bool is_new = strncmp(key, in_new, sizeof(in_new) - 1) == 0;

	if (strcmp(key, all) == 0) {
		unreadable->told = value;
	} else if (is_new || strncmp(key, in_cur, sizeof(in_cur) - 1) == 0) {
		index_files_add(files, is_new, key + sizeof(in_new) - 1);
		files->list[files->count - 1].changed = value;
	}
}

int
index_unreadable_read(struct index *index,
    struct index_unreadable *unreadable_out)
{
	sqlite3_stmt *rows = index_prepare(index, SQL_UNREADABLE);
	int rc;

	*unreadable_out = (struct index_unreadable){ .told = 0 };
	if (rows == NULL)
		return -1;
	while ((rc = sqlite3_step(rows)) == SQLITE_ROW)
		take_row(unreadable_out, rows);
	if (rc != SQLITE_DONE) {
		index_failed(index, "read");
		index_files_clear(&unreadable_out->files);
	}
	sqlite3_reset(rows);
	index_unreadable_sort(&unreadable_out->files);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int
write_row(struct index *index, const char *key, int64_t value)
{
	sqlite3_stmt *statement = index_prepare(index, SQL_SET_STATE);

	if (statement == NULL)
		return -1;
	index_bind(statement, 1, key);
	sqlite3_bind_int64(statement, 2, value);
	return index_run(index, statement);
}

int
index_unreadable_write(struct index *index, const struct index_files *files)
{
	int rc = index_do(index, SQL_FORGET_UNREADABLE);

	if (rc == 0 && files->count > 0)
		rc = write_row(index, all, time(NULL));
	for (size_t i = 0; i < files->count && rc == 0; i++) {
		const struct index_file *file = &files->list[i];
		char *key = xasprintf("%s%s", file->in_new ? in_new : in_cur,
		    file->name);

		rc = write_row(index, key, file->changed);
		free(key);
	}
	return rc;
}

static int
compare(const void *a, const void *b)
{
	const struct index_file *first = a;
	const struct index_file *second = b;
	int order = strcmp(first->name, second->name);

	return order != 0 ? order : first->in_new - second->in_new;
}

void
index_unreadable_sort(struct index_files *files)
{
	if (files->count > 1)
		qsort(files->list, files->count, sizeof(files->list[0]),
		    compare);
}

bool
index_unreadable_same(const struct index_files *a, const struct index_files *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++)
		same = compare(&a->list[i], &b->list[i]) == 0 &&
		    a->list[i].changed == b->list[i].changed;
	return same;
}

bool
index_unreadable_is_due(const struct index_unreadable *unreadable)
{
	time_t now = time(NULL);

	/* The clock may have been set back since. */
	return now < unreadable->told || now - unreadable->told >= DAY;
}

const struct index_file *
index_unreadable_find(const struct index_files *files,
    const struct index_file *file)
{
	if (files->count == 0)
		return NULL;
	return bsearch(file, files->list, files->count, sizeof(files->list[0]),
	    compare);
}

void
index_unreadable_tell(const struct index *index,
    const struct index_files *files)
{
	const struct index_file *first = &files->list[0];
	char *place =
	    xasprintf("%s/%s", first->in_new ? "new" : "cur", first->name);

	log_event(LOG_WARN, "unreadable",
	    "maildir=%s messages=%zu first=%s why=%s", index_where(index->root),
	    files->count, log_safe(place), log_safe(strerror(first->why)));
	free(place);
}
