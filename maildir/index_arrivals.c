/*
 * index_arrivals.c - rows for messages that have none.
 *
 * What could not be read before is tried again each time, for it costs little:
 * its rights may be others now, or those of who asks.  But a disk may need many
 * seconds to find that it cannot read: a file that was opened then and has not
 * changed is read again once a day.
 */
#include "maildir/index_arrivals.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH = 64 /* messages read between two transactions */ };

static int
write_rows(const struct index_arrivals *arrivals, const struct index_row *rows,
    size_t count)
{
	struct index *index = arrivals->index;
	int rc = 0;

	if (count == 0)
		return 0;
	if (index_begin(index) == -1)
		return -1;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = index_row_write(index, arrivals->sql, &rows[i]);
	return index_end(index, rc);
}

static void
note_failed(struct index_arrivals *arrivals, const struct index_file *file,
    int64_t changed, int why)
{
	struct index_files *failed = &arrivals->failed;

	index_files_add(failed, file->in_new, file->name);
	failed->list[failed->count - 1].changed = changed;
	failed->list[failed->count - 1].why = why;
}

static int64_t
change_time(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return 0;
	return st.st_ctim.tv_sec * INT64_C(1000000000) + st.st_ctim.tv_nsec;
}

/* Reads FILE.  1, or 0 when it is gone, no message or cannot be read. */
static size_t
add_one(struct index_arrivals *arrivals, const struct index_file *file,
    struct index_row *row)
{
	const struct index_file *known =
	    index_unreadable_find(&arrivals->known.files, file);
	int fd =
	    maildir_try_message(arrivals->maildir, file->in_new, file->name);
	int64_t changed;
	bool good;

	if (fd == -1) {
		if (errno != ENOENT)
			note_failed(arrivals, file, 0, errno);
		return 0;
	}
	changed = change_time(fd);
	errno = EIO;
	good = (arrivals->thorough || known == NULL ||
		   known->changed != changed) &&
	    index_row_read(file->name, file->in_new, fd, row) == 0;
	if (!good)
		note_failed(arrivals, file, changed, errno);
	close(fd);
	return good ? 1 : 0;
}

/*
 * Adds at most BATCH messages from FILES on.  They are read before the
 * transaction begins, so that deliveries do not wait for our reading.
 */
static int
add_batch(struct index_arrivals *arrivals, const struct index_file *files,
    size_t count)
{
	struct index_row rows[BATCH];
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += add_one(arrivals, &files[i], &rows[n]);

	int rc = write_rows(arrivals, rows, n);

	for (size_t i = 0; i < n; i++)
		summary_clear(&rows[i].summary);
	return rc;
}

int
index_arrivals_add(struct index_arrivals *arrivals)
{
	struct index_files *added = &arrivals->files;

	for (size_t i = 0; i < added->count; i++)
		added->list[i].arrival = maildir_arrival(arrivals->maildir,
		    added->list[i].in_new, added->list[i].name);
	index_files_sort(added);
	for (size_t i = 0; i < added->count; i += BATCH) {
		size_t rest = added->count - i;

		if (add_batch(arrivals, &added->list[i],
			rest < BATCH ? rest : BATCH) == -1)
			return -1;
	}
	return 0;
}

void
index_arrivals_clear(struct index_arrivals *arrivals)
{
	index_files_clear(&arrivals->files);
	index_files_clear(&arrivals->known.files);
	index_files_clear(&arrivals->failed);
}
