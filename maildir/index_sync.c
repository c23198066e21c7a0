/*
 * index_sync.c - makes the index say what new/ and cur/ hold.
 *
 * Both sides are sorted by base and compared in one pass.  The folders' mtimes
 * tell whether that is needed at all.  An mtime is believed only when it was
 * more than two seconds old as the folder was read: file systems count time in
 * steps, so a later change may carry the same mtime.
 *
 * A folder that changes while it is read may show a file that is renamed never
 * or twice.  So nothing is taken for gone unless the reading was quiet.
 */
#include "maildir/index.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/db.h"
#include "common/log.h"
#include "common/mem.h"
#include "maildir/index_private.h"
#include "maildir/maildir_name.h"

enum {
	SETTLE_SECONDS = 2,
	SCAN_TRIES = 3,
	BATCH = 64, /* messages read between two transactions */
};
static const int64_t SECOND = 1000000000;

/* mtimes in nanoseconds. */
struct stamps {
	int64_t new_mtime;
	int64_t cur_mtime;
};

struct file {
	char *name;
	bool in_new;
	int64_t arrival; /* of those to be added */
};

struct files {
	struct file *list;
	size_t count;
	size_t room;
};

/* One comparison of folders and index. */
struct sync {
	struct index *index;
	const struct maildir *maildir;
	bool quiet;         /* nothing changed while we read */
	struct files seen;  /* in the folders */
	struct files added; /* of these, not in the index */
	struct files moved; /* of these, otherwise in the index */
	struct files gone;  /* in the index alone */
};

static void
add_file(struct files *files, bool in_new, const char *name)
{
	if (files->count == files->room) {
		files->room = files->room == 0 ? 64 : files->room * 2;
		files->list =
		    xrealloc(files->list, files->room * sizeof(files->list[0]));
	}
	files->list[files->count++] = (struct file){
		.name = xstrdup(name),
		.in_new = in_new,
	};
}

static void
clear_files(struct files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->list[i].name);
	free(files->list);
	memset(files, 0, sizeof(*files));
}

static int
see_file(void *arg, bool in_new, const char *name)
{
	add_file(arg, in_new, name);
	return 0;
}

static int
by_base(const void *a, const void *b)
{
	const struct file *first = a;
	const struct file *second = b;
	int order = maildir_name_compare(first->name, second->name);

	/* Of two with one base, that in cur/ comes first and counts. */
	return order != 0 ? order : first->in_new - second->in_new;
}

static int
by_arrival(const void *a, const void *b)
{
	const struct file *first = a;
	const struct file *second = b;

	if (first->arrival != second->arrival)
		return first->arrival < second->arrival ? -1 : 1;
	return strcmp(first->name, second->name);
}

static void
sort_files(struct files *files, int (*order)(const void *, const void *))
{
	if (files->count > 1)
		qsort(files->list, files->count, sizeof(files->list[0]), order);
}

/* Sorts by base; a message that was seen twice stays once. */
static void
sort_seen(struct files *seen)
{
	size_t kept = 0;

	sort_files(seen, by_base);
	for (size_t i = 0; i < seen->count; i++) {
		if (kept > 0 &&
		    maildir_name_equal(seen->list[i].name,
			seen->list[kept - 1].name))
			free(seen->list[i].name);
		else
			seen->list[kept++] = seen->list[i];
	}
	seen->count = kept;
}

/* -1 when it cannot be told: then it equals nothing that was stored. */
static int64_t
folder_mtime(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return log_errno("look at a Maildir folder");
	return st.st_mtim.tv_sec * SECOND + st.st_mtim.tv_nsec;
}

static struct stamps
read_stamps(const struct maildir *maildir)
{
	return (struct stamps){
		.new_mtime = folder_mtime(maildir->new),
		.cur_mtime = folder_mtime(maildir->cur),
	};
}

static bool
same_stamps(struct stamps a, struct stamps b)
{
	return a.new_mtime == b.new_mtime && a.cur_mtime == b.cur_mtime &&
	    a.new_mtime != -1 && a.cur_mtime != -1;
}

static int64_t
stored_stamp(struct index *index, const char *folder)
{
	sqlite3_stmt *statement = index_prepare(index, SQL_STAMP);
	int64_t mtime = 0;

	if (statement == NULL)
		return -1;
	index_bind(statement, 1, folder);

	int rc = sqlite3_step(statement);

	if (rc == SQLITE_ROW)
		mtime = sqlite3_column_int64(statement, 0);
	else if (rc != SQLITE_DONE)
		mtime = index_failed(index, "read");
	sqlite3_reset(statement);
	return mtime;
}

static int
store_stamp(struct index *index, const char *folder, int64_t mtime, int64_t now)
{
	bool settled = mtime < now - SETTLE_SECONDS * SECOND;
	sqlite3_stmt *statement = index_prepare(index, SQL_SET_STAMP);

	if (statement == NULL)
		return -1;
	index_bind(statement, 1, folder);
	sqlite3_bind_int64(statement, 2, settled ? mtime : 0);
	return index_run(index, statement);
}

/* Reads both folders, again when they change meanwhile. */
static int
scan_folders(struct sync *sync, struct stamps *stamps_out)
{
	for (int i = 0; i < SCAN_TRIES && !sync->quiet; i++) {
		struct stamps before = read_stamps(sync->maildir);

		clear_files(&sync->seen);
		if (maildir_scan(sync->maildir, see_file, &sync->seen) == -1)
			return -1;
		*stamps_out = read_stamps(sync->maildir);
		sync->quiet = same_stamps(before, *stamps_out);
	}
	sort_seen(&sync->seen);
	return 0;
}

/* Notes what to do about the row BASE, whose turn comes at *AT of the seen. */
static void
compare_row(struct sync *sync, sqlite3_stmt *row, size_t *at)
{
	const char *base = db_text(row, 0);
	const struct files *seen = &sync->seen;
	int order = 1;

	while (*at < seen->count) {
		const struct file *file = &seen->list[*at];

		order = maildir_name_compare(file->name, base);
		if (order > 0)
			break;
		(*at)++;
		if (order == 0) {
			if (strcmp(file->name, db_text(row, 1)) != 0 ||
			    file->in_new != (sqlite3_column_int(row, 2) != 0))
				add_file(&sync->moved, file->in_new,
				    file->name);
			return;
		}
		add_file(&sync->added, file->in_new, file->name);
	}
	add_file(&sync->gone, false, base);
}

static int
compare(struct sync *sync)
{
	sqlite3_stmt *rows = index_prepare(sync->index, SQL_BASES);
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
		add_file(&sync->added, sync->seen.list[at].in_new,
		    sync->seen.list[at].name);
	return rc == SQLITE_DONE ? 0 : -1;
}

/* One transaction for all that only changes rows. */
static int
write_changes(struct sync *sync)
{
	int rc = 0;

	if (!sync->quiet)
		clear_files(&sync->gone);
	if (sync->moved.count == 0 && sync->gone.count == 0)
		return 0;
	if (index_begin(sync->index) == -1)
		return -1;
	for (size_t i = 0; i < sync->moved.count && rc == 0; i++)
		rc = index_renamed(sync->index, sync->moved.list[i].in_new,
		    sync->moved.list[i].name);
	for (size_t i = 0; i < sync->gone.count && rc == 0; i++)
		rc = index_removed(sync->index, sync->gone.list[i].name);
	return index_end(sync->index, rc);
}

static int
write_rows(struct index *index, const struct index_row *rows, size_t count)
{
	int rc = 0;

	if (count == 0)
		return 0;
	if (index_begin(index) == -1)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = index_row_write(index, SQL_FOUND, &rows[i]);
	return index_end(index, rc);
}

/*
 * Adds at most BATCH messages from FILES on.  They are read before the
 * transaction begins, so that deliveries do not wait for our reading.
 */
static int
add_batch(struct sync *sync, const struct file *files, size_t count)
{
	struct index_row rows[BATCH];
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		int fd = maildir_open_message(sync->maildir, files[i].in_new,
		    files[i].name);

		if (fd == -1)
			continue; /* gone already, or unreadable: not ours */
		index_row_read(files[i].name, files[i].in_new, fd, &rows[n++]);
		close(fd);
	}

	int rc = write_rows(sync->index, rows, n);

	for (size_t i = 0; i < n; i++)
		summary_clear(&rows[i].summary);
	return rc;
}

static int
write_added(struct sync *sync)
{
	struct files *added = &sync->added;

	for (size_t i = 0; i < added->count; i++)
		added->list[i].arrival = maildir_arrival(sync->maildir,
		    added->list[i].in_new, added->list[i].name);
	sort_files(added, by_arrival);
	for (size_t i = 0; i < added->count; i += BATCH) {
		size_t rest = added->count - i;

		if (add_batch(sync, &added->list[i],
			rest < BATCH ? rest : BATCH) == -1)
			return -1;
	}
	return 0;
}

static int
store_stamps(struct sync *sync, struct stamps stamps)
{
	struct timespec time;
	int64_t now;

	if (!sync->quiet)
		return 0; /* the stored ones do not fit: it is read again */
	clock_gettime(CLOCK_REALTIME, &time);
	now = time.tv_sec * SECOND + time.tv_nsec;
	if (store_stamp(sync->index, "new", stamps.new_mtime, now) == -1)
		return -1;
	return store_stamp(sync->index, "cur", stamps.cur_mtime, now);
}

int
index_sync(struct index *index, const struct maildir *maildir)
{
	struct sync sync = { .index = index, .maildir = maildir };
	struct stamps stamps = read_stamps(maildir);
	struct stamps stored = { stored_stamp(index, "new"),
		stored_stamp(index, "cur") };
	int rc = -1;

	if (same_stamps(stamps, stored))
		return 0;
	if (scan_folders(&sync, &stamps) == 0 && compare(&sync) == 0 &&
	    write_changes(&sync) == 0 && write_added(&sync) == 0)
		rc = store_stamps(&sync, stamps);
	clear_files(&sync.seen);
	clear_files(&sync.added);
	clear_files(&sync.moved);
	clear_files(&sync.gone);
	return rc;
}
