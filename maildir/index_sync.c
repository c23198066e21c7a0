/*
 * index_sync.c - makes the index say what new/ and cur/ hold.
 *
 * Both sides are sorted by base and compared in one pass.  The folders' times
 * tell whether that is needed at all (folder_times.h).
 *
 * A folder that changes while it is read may show a file that is renamed never
 * or twice.  So nothing is taken for gone unless the reading was quiet.
 */
#include "maildir/index_repair.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/db.h"
#include "common/log.h"
#include "common/mem.h"
#include "maildir/folder_times.h"
#include "maildir/index_files.h"
#include "maildir/index_private.h"
#include "maildir/maildir_name.h"

enum {
	SCAN_TRIES = 3,
	BATCH = 64, /* messages read between two transactions */
};

/* One comparison of folders and index. */
struct sync {
	struct index *index;
	const struct maildir *maildir;
	enum index_sql sql;           /* how to write a row */
	struct folder_time known_cur; /* of cur/ as the index knows it */
	bool only_new;            /* cur/ is as it was: only new/ was read */
	bool quiet;               /* nothing changed while we read */
	struct index_files seen;  /* in the folders */
	struct index_files added; /* of these, not in the index */
	struct index_files moved; /* of these, otherwise in the index */
	struct index_files gone;  /* in the index alone, as it names them */
};

static int
see_file(void *arg, bool in_new, const char *name)
{
	index_files_add(arg, in_new, name);
	return 0;
}

static struct folder_time
stored_time(sqlite3_stmt *row, int column)
{
	return (struct folder_time){
		.modified = sqlite3_column_int64(row, column),
		.changed = sqlite3_column_int64(row, column + 1),
	};
}

/* What the index was told last; 0 for what it was not. */
static struct folder_times
stored_times(struct index *index)
{
	struct folder_times times = { 0 };
	sqlite3_stmt *statement = index_prepare(index, SQL_STAMPS);
	int rc;

	if (statement == NULL)
		return times;
	rc = sqlite3_step(statement);
	if (rc == SQLITE_ROW) {
		times.new = stored_time(statement, 0);
		times.cur = stored_time(statement, 2);
	} else {
		index_failed(index, "read");
	}
	sqlite3_reset(statement);
	return times;
}

/*
 * Reads both folders, again when they change meanwhile.  Mail comes to new/,
 * and the thousands in cur/ are not read for each.
 */
static int
scan_folders(struct sync *sync, struct folder_times *times_out)
{
	for (int i = 0; i < SCAN_TRIES && !sync->quiet; i++) {
		struct folder_times before = folder_times_read(sync->maildir);
		struct maildir folders = *sync->maildir;

		sync->only_new = folder_time_same(before.cur, sync->known_cur);
		if (sync->only_new)
			folders.cur = -1;
		index_files_clear(&sync->seen);
		if (maildir_scan(&folders, see_file, &sync->seen) == -1)
			return -1;
		*times_out = before;
		sync->quiet =
		    folder_times_same(before, folder_times_read(sync->maildir));
	}
	index_files_settle(&sync->seen);
	return 0;
}

/* Notes what to do about the row BASE, whose turn comes at *AT of the seen. */
static void
compare_row(struct sync *sync, sqlite3_stmt *row, size_t *at)
{
	const char *base = db_text(row, 0);
	const struct index_files *seen = &sync->seen;
	int order = 1;

	while (*at < seen->count) {
		const struct index_file *file = &seen->list[*at];

		order = maildir_name_compare(file->name, base);
		if (order > 0)
			break;
		(*at)++;
		if (order == 0) {
			if (strcmp(file->name, db_text(row, 1)) != 0 ||
			    file->in_new != (sqlite3_column_int(row, 2) != 0))
				index_files_add(&sync->moved, file->in_new,
				    file->name);
			return;
		}
		index_files_add(&sync->added, file->in_new, file->name);
	}
	index_files_add(&sync->gone, sqlite3_column_int(row, 2) != 0,
	    db_text(row, 1));
}

/*
 * Reads the rows.  What is delivered between the reading of the folders and
 * this has a row and was not seen, so it must have been quiet until the end.
 */
static int
compare(struct sync *sync, struct folder_times times)
{
	sqlite3_stmt *rows = index_prepare(sync->index,
	    sync->only_new ? SQL_NEW_BASES : SQL_BASES);
	size_t at = 0;
	int rc;

	if (rows == NULL)
		return -1;
	while ((rc = sqlite3_step(rows)) == SQLITE_ROW)
		compare_row(sync, rows, &at);
	if (rc != SQLITE_DONE)
		index_failed(sync->index, "compare");
	sqlite3_reset(rows);
	for (; at < sync->seen.count; at++)
		index_files_add(&sync->added, sync->seen.list[at].in_new,
		    sync->seen.list[at].name);
	sync->quiet = sync->quiet &&
	    folder_times_same(times, folder_times_read(sync->maildir));
	return rc == SQLITE_DONE ? 0 : -1;
}

/* Times of folders may stand still for some milliseconds: look once more. */
static bool
is_there(const struct sync *sync, const struct index_file *file)
{
	const struct maildir *maildir = sync->maildir;
	struct stat st;

	return fstatat(file->in_new ? maildir->new : maildir->cur, file->name,
		   &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* One transaction for all that only changes rows. */
static int
write_changes(struct sync *sync)
{
	int rc = 0;

	if (!sync->quiet)
		index_files_clear(&sync->gone);
	if (sync->moved.count == 0 && sync->gone.count == 0)
		return 0;
	if (index_begin(sync->index) == -1)
		return -1;
	for (size_t i = 0; i < sync->moved.count && rc == 0; i++)
		rc = index_renamed(sync->index, sync->moved.list[i].in_new,
		    sync->moved.list[i].name);
	for (size_t i = 0; i < sync->gone.count && rc == 0; i++)
		if (!is_there(sync, &sync->gone.list[i]))
			rc =
			    index_removed(sync->index, sync->gone.list[i].name);
	return index_end(sync->index, rc);
}

static int
write_rows(const struct sync *sync, const struct index_row *rows, size_t count)
{
	struct index *index = sync->index;
	int rc = 0;

	if (count == 0)
		return 0;
	if (index_begin(index) == -1)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = index_row_write(index, sync->sql, &rows[i]);
	return index_end(index, rc);
}

/*
 * Adds at most BATCH messages from FILES on.  They are read before the
 * transaction begins, so that deliveries do not wait for our reading.
 */
static int
add_batch(struct sync *sync, const struct index_file *files, size_t count)
{
	struct index_row rows[BATCH];
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		int fd = maildir_open_message(sync->maildir, files[i].in_new,
		    files[i].name);

		if (fd == -1 && errno != ENOENT)
			sync->index->blind = true;
		if (fd == -1)
			continue; /* gone already, or no message */
		index_row_read(files[i].name, files[i].in_new, fd, &rows[n++]);
		close(fd);
	}

	int rc = write_rows(sync, rows, n);

	for (size_t i = 0; i < n; i++)
		summary_clear(&rows[i].summary);
	return rc;
}

static int
write_added(struct sync *sync)
{
	struct index_files *added = &sync->added;

	for (size_t i = 0; i < added->count; i++)
		added->list[i].arrival = maildir_arrival(sync->maildir,
		    added->list[i].in_new, added->list[i].name);
	index_files_sort(added);
	for (size_t i = 0; i < added->count; i += BATCH) {
		size_t rest = added->count - i;

		if (add_batch(sync, &added->list[i],
			rest < BATCH ? rest : BATCH) == -1)
			return -1;
	}
	return 0;
}

static int
store_times(struct sync *sync, struct folder_times times)
{
	sqlite3_stmt *statement;

	if (!sync->quiet || sync->index->blind)
		return 0; /* the stored ones do not fit: it is read again */
	statement = index_prepare(sync->index, SQL_SET_STAMPS);
	if (statement == NULL)
		return -1;
	times = folder_times_settled(times);
	sqlite3_bind_int64(statement, 1, times.new.modified);
	sqlite3_bind_int64(statement, 2, times.new.changed);
	sqlite3_bind_int64(statement, 3, times.cur.modified);
	sqlite3_bind_int64(statement, 4, times.cur.changed);
	return index_run(sync->index, statement);
}

static void
clear_sync(struct sync *sync)
{
	index_files_clear(&sync->seen);
	index_files_clear(&sync->added);
	index_files_clear(&sync->moved);
	index_files_clear(&sync->gone);
}

int
index_sync(struct index *index, const struct maildir *maildir)
{
	struct sync sync = {
		.index = index,
		.maildir = maildir,
		.sql = SQL_FOUND,
	};
	struct folder_times times = folder_times_read(maildir);
	struct folder_times stored = stored_times(index);
	int rc = -1;

	index->blind = false;
	if (folder_times_same(times, stored))
		return 0;
	sync.known_cur = stored.cur;
	if (scan_folders(&sync, &times) == 0 && compare(&sync, times) == 0 &&
	    write_changes(&sync) == 0 && write_added(&sync) == 0)
		rc = store_times(&sync, times);
	clear_sync(&sync);
	return rc;
}

bool
index_is_blind(const struct index *index)
{
	return index->blind;
}

int
index_refresh(struct index *index, const struct maildir *maildir)
{
	struct sync sync = {
		.index = index,
		.maildir = maildir,
		.sql = SQL_REFRESH,
	};
	struct folder_times times;
	int rc = -1;

	if (scan_folders(&sync, &times) == 0 && compare(&sync, times) == 0 &&
	    write_changes(&sync) == 0) {
		index_files_clear(&sync.added);
		sync.added = sync.seen; /* all of them */
		sync.seen = (struct index_files){ 0 };
		if (write_added(&sync) == 0)
			rc = store_times(&sync, times);
	}
	clear_sync(&sync);
	return rc;
}

int
index_compare(struct index *index, const struct maildir *maildir,
    struct index_difference *difference_out)
{
	struct sync sync = { .index = index, .maildir = maildir };
	struct folder_times times;
	int rc = -1;

	if (scan_folders(&sync, &times) == 0 && compare(&sync, times) == 0) {
		*difference_out = (struct index_difference){
			.added = sync.added.count,
			.moved = sync.moved.count,
			.gone = sync.gone.count,
		};
		rc = 0;
	}
	clear_sync(&sync);
	return rc;
}
