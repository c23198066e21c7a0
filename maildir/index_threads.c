/*
 * index_threads.c - keeps the threads of an index.
 *
 * By readers who list it, not by deliveries: an index on Message-Ids would have
 * each delivery write two pages more, and a message may join two threads or
 * begin one that is there already.  So all is worked out anew when something
 * came: 100,000 messages take 0.2 s, and nothing when nothing came.  Written is
 * what has changed, a few rows at a time, so that deliveries wait for none.
 */
#include "common/db.h"
#include "common/log.h"
#include "maildir/index_private.h"
#include "maildir/threads.h"

#include <stdlib.h>

#include "common/mem.h"

enum { BATCH = 500 };

/* What the index says now, in the order of the messages. */
struct stored {
	struct place {
		int64_t thread;
		int64_t parent;
	} * places;
	size_t count;
	size_t room;
};

static bool
is_threaded(struct index *index)
{
	sqlite3_stmt *statement = index_prepare(index, SQL_THREADED);
	bool threaded;

	if (statement == NULL)
		return true; /* nothing can be done about it */
	threaded = sqlite3_step(statement) == SQLITE_ROW &&
	    sqlite3_column_int(statement, 0) != 0;
	sqlite3_reset(statement);
	return threaded;
}

static void
remember(struct stored *stored, int64_t thread, int64_t parent)
{
	if (stored->count == stored->room) {
		stored->room = stored->room == 0 ? 256 : stored->room * 2;
		stored->places = xrealloc(stored->places,
		    stored->room * sizeof(stored->places[0]));
	}
	stored->places[stored->count++] = (struct place){ thread, parent };
}

static int
read_messages(struct index *index, struct threads *threads,
    struct stored *stored)
{
	sqlite3_stmt *row = index_prepare(index, SQL_RELATED);
	int rc;

	if (row == NULL)
		return -1;
	while ((rc = sqlite3_step(row)) == SQLITE_ROW) {
		const struct threads_message message = {
			.uid = sqlite3_column_int64(row, 0),
			.message_id = db_text(row, 1),
			.in_reply_to = db_text(row, 2),
			.references = db_text(row, 3),
			.subject = db_text(row, 4),
		};

		threads_add(threads, &message);
		remember(stored, sqlite3_column_int64(row, 5),
		    sqlite3_column_int64(row, 6));
	}
	if (rc != SQLITE_DONE)
		index_failed(index, "read");
	sqlite3_reset(row);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int
write_place(struct index *index, const struct threads_place *place)
{
	sqlite3_stmt *statement = index_prepare(index, SQL_SET_THREAD);

	if (statement == NULL)
		return -1;
	sqlite3_bind_int64(statement, 1, place->uid);
	sqlite3_bind_int64(statement, 2, place->thread);
	sqlite3_bind_int64(statement, 3, place->parent);
	return index_run(index, statement);
}

/* Writes what differs from *AT on, at most BATCH rows. */
static int
write_batch(struct index *index, struct threads *threads,
    const struct stored *stored, size_t *at)
{
	int rc = 0;

	if (index_begin(index) == -1)
		return -1;
	for (int n = 0; n < BATCH && *at < stored->count && rc == 0; ++*at) {
		struct threads_place place = threads_place(threads, *at);

		if (place.thread == stored->places[*at].thread &&
		    place.parent == stored->places[*at].parent)
			continue;
		rc = write_place(index, &place);
		n++;
	}
	return index_end(index, rc);
}

static int
store_greatest(struct index *index, int64_t uid)
{
	sqlite3_stmt *statement = index_prepare(index, SQL_SET_STATE);

	if (statement == NULL)
		return -1;
	index_bind(statement, 1, "threads");
	sqlite3_bind_int64(statement, 2, uid);
	return index_run(index, statement);
}

void
index_thread(struct index *index)
{
	struct threads *threads;
	struct stored stored = { 0 };
	size_t at = 0;
	int rc;

	if (index->file.broken || is_threaded(index) ||
	    !sqlite3_get_autocommit(index->file.db))
		return;
	threads = threads_new();
	rc = read_messages(index, threads, &stored);
	if (rc == 0 && stored.count > 0) {
		threads_settle(threads);
		while (rc == 0 && at < stored.count)
			rc = write_batch(index, threads, &stored, &at);
		if (rc == 0)
			(void)store_greatest(index,
			    threads_place(threads, stored.count - 1).uid);
	}
	free(stored.places);
	threads_free(threads);
}
