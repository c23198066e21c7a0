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
#include "maildir/index_arrivals.h"
#include "maildir/index_files.h"
#include "maildir/index_private.h"
#include "maildir/index_unreadable.h"
#include "maildir/maildir_name.h"

enum { SCAN_TRIES = 3 };

/* One comparison of folders and index. */
struct sync {
	struct index *index;
	const struct maildir *maildir;
	struct folder_time known_cur; /* of cur/ as the index knows it */
	bool only_new;                /* cur/ is as it was: new/ was read */
	bool quiet;                   /* nothing changed while we read */
	struct index_files seen;      /* in the folders */
	struct index_files moved;     /* of these, otherwise in the index */
	struct index_files gone;      /* in the index alone, as it names them */
	struct index_arrivals added;  /* in the folders alone */
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
		index_files_add(&sync->added.files, file->in_new, file->name);
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
		index_files_add(&sync->added.files, sync->seen.list[at].in_new,
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
store_times(struct sync *sync, struct folder_times times)
{
	sqlite3_stmt *statement = index_prepare(sync->index, SQL_SET_STAMPS);

	if (statement == NULL)
		return -1;
	times = folder_times_settled(times);
	sqlite3_bind_int64(statement, 1, times.new.modified);
	sqlite3_bind_int64(statement, 2, times.new.changed);
	sqlite3_bind_int64(statement, 3, times.cur.modified);
	sqlite3_bind_int64(statement, 4, times.cur.changed);
	return index_run(sync->index, statement);
}

/*
 * Remembers what the folders looked like and what could not be read in them,
 * always both together: another process may have done so meanwhile.
 */
static int
remember(struct sync *sync, struct folder_times times, bool looked)
{
	struct index_files *failed = &sync->added.failed;
	bool news;
	int rc;

	sync->index->blind = failed->count > 0;
	if (!sync->quiet)
		return 0; /* the stored ones do not fit: it is read again */
	index_unreadable_sort(failed);
	news = !index_unreadable_same(failed, &sync->added.known.files) ||
	    (failed->count > 0 && sync->added.thorough);
	if (!news)
		return looked ? store_times(sync, times) : 0;
	if (index_begin(sync->index) == -1)
		return -1;
	rc = index_unreadable_write(sync->index, failed);
	if (rc == 0)
		rc = store_times(sync, times);
	if (failed->count > 0)
		index_unreadable_tell(sync->index, failed);
	return index_end(sync->index, rc);
}

static struct sync
begin_sync(struct index *index, const struct maildir *maildir,
    enum index_sql sql)
{
	return (struct sync){
		.index = index,
		.maildir = maildir,
		.added = { .index = index, .maildir = maildir, .sql = sql },
	};
}

static void
clear_sync(struct sync *sync)
{
	index_files_clear(&sync->seen);
	index_files_clear(&sync->moved);
	index_files_clear(&sync->gone);
	index_arrivals_clear(&sync->added);
}

/* Adds what could not be read: in cur/, which was not looked at, or both. */
static void
add_known(struct sync *sync, bool both)
{
	const struct index_files *known = &sync->added.known.files;

	for (size_t i = 0; i < known->count; i++)
		if (both || !known->list[i].in_new)
			index_files_add(&sync->added.files,
			    known->list[i].in_new, known->list[i].name);
}

/* Finds out what is to be done, and does what needs no message. */
static int
look(struct sync *sync, struct folder_times *times_out)
{
	if (scan_folders(sync, times_out) == -1 ||
	    compare(sync, *times_out) == -1 || write_changes(sync) == -1)
		return -1;
	if (sync->only_new)
		add_known(sync, false);
	return 0;
}

int
index_sync(struct index *index, const struct maildir *maildir)
{
	struct sync sync = begin_sync(index, maildir, SQL_FOUND);
	struct index_unreadable *known = &sync.added.known;
	struct folder_times times = folder_times_read(maildir);
	struct folder_times stored;
	bool same;
	int rc;

	index->blind = false;
	if (index_renew(index) == -1)
		return -1;
	stored = stored_times(index);
	same = folder_times_same(times, stored);
	rc = index_unreadable_read(index, known);
	if (rc == 0 && same && known->files.count == 0)
		return 0;
	sync.known_cur = stored.cur;
	sync.added.thorough = index_unreadable_is_due(known);
	sync.quiet = same;
	if (rc == 0 && same)
		add_known(&sync, true);
	else if (rc == 0)
		rc = look(&sync, &times);
	if (rc == 0)
		rc = index_arrivals_add(&sync.added);
	if (rc == 0)
		rc = remember(&sync, times, !same);
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
	struct sync sync = begin_sync(index, maildir, SQL_REFRESH);
	struct folder_times times = { .read = 0 };
	int rc = index_unreadable_read(index, &sync.added.known);

	sync.added.thorough = true;
	if (rc == 0)
		rc = look(&sync, &times);
	if (rc == 0) {
		index_files_clear(&sync.added.files);
		sync.added.files = sync.seen; /* all of them */
		sync.seen = (struct index_files){ 0 };
		rc = index_arrivals_add(&sync.added);
	}
	if (rc == 0)
		rc = remember(&sync, times, true);
	clear_sync(&sync);
	return rc;
}

/* Of the messages that have no row, those that are waited for. */
static size_t
count_added(const struct index_arrivals *added)
{
	size_t count = 0;

	for (size_t i = 0; i < added->files.count; i++)
		count += index_unreadable_find(&added->known.files,
			     &added->files.list[i]) == NULL;
	return count;
}

int
index_compare(struct index *index, const struct maildir *maildir,
    struct index_difference *difference_out)
{
	struct sync sync = begin_sync(index, maildir, SQL_FOUND);
	struct folder_times times = { .read = 0 };
	int rc = index_unreadable_read(index, &sync.added.known);

	if (rc == 0)
		rc = scan_folders(&sync, &times);
	if (rc == 0)
		rc = compare(&sync, times);
	if (rc == 0)
		*difference_out = (struct index_difference){
			.added = count_added(&sync.added),
			.moved = sync.moved.count,
			.gone = sync.gone.count,
		};
	clear_sync(&sync);
	return rc;
}
