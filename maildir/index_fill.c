/*
 * index_fill.c - reads the texts of messages, so that they can be searched.
 *
 * Index and text are compared by base in one pass, as folders and index are
 * (index_sync.c).  Messages are read before the transaction that writes their
 * words, a few at a time; each few are there for good when they are written, so
 * that it may be stopped at any moment and go on another day.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/mem.h"
#include "maildir/index_private.h"
#include "maildir/index_text.h"
#include "maildir/query.h"

enum { BATCH = 100, BATCH_BYTES = 2 * 1024 * 1024 };

/* A message whose text is to be read. */
struct unread {
	char *name;
	bool in_new;
	int64_t uid;
	int64_t octets;
};

struct unread_list {
	struct unread *list;
	size_t count;
	size_t room;
};

struct filling {
	struct index *index;
	struct index_text *text;
	const struct maildir *maildir;
	sqlite3_stmt *row; /* of the index, while they are compared */
	int step;          /* what it said last */
	struct unread_list missing;
	struct index_files gone; /* bases that only the text has */
};

/* One that was read. */
struct batch {
	size_t count;
	size_t bytes;
	const struct unread *messages[BATCH];
	struct message_words words[BATCH];
};

static void
add_missing(struct filling *filling)
{
	struct unread_list *missing = &filling->missing;
	sqlite3_stmt *row = filling->row;

	if (missing->count == missing->room) {
		missing->room = missing->room == 0 ? 64 : missing->room * 2;
		missing->list = xrealloc(missing->list,
		    missing->room * sizeof(missing->list[0]));
	}
	missing->list[missing->count++] = (struct unread){
		.name = xstrdup(db_text(row, 1)),
		.in_new = sqlite3_column_int(row, 2) != 0,
		.uid = sqlite3_column_int64(row, 3),
		.octets = sqlite3_column_int64(row, 4),
	};
}

static void
next_row(struct filling *filling)
{
	filling->step = sqlite3_step(filling->row);
}

/* A document of the text: its turn comes in the rows of the index. */
static int
compare_document(void *arg, const char *base, int64_t octets)
{
	struct filling *filling = arg;
	int order = 1;

	while (filling->step == SQLITE_ROW) {
		order = strcmp(db_text(filling->row, 0), base);
		if (order >= 0)
			break;
		add_missing(filling);
		next_row(filling);
	}
	/* Another size: the file was changed by hand. */
	bool same =
	    order == 0 && sqlite3_column_int64(filling->row, 4) == octets;

	if (!same)
		index_files_add(&filling->gone, false, base);
	if (order == 0 && !same)
		add_missing(filling);
	if (order == 0)
		next_row(filling);
	return 0;
}

static int
compare(struct filling *filling)
{
	int rc;

	filling->row = index_prepare(filling->index, SQL_BASES);
	if (filling->row == NULL)
		return -1;
	next_row(filling);
	rc = index_text_list(filling->text, compare_document, filling);
	while (filling->step == SQLITE_ROW) {
		add_missing(filling);
		next_row(filling);
	}
	if (filling->step != SQLITE_DONE)
		rc = index_failed(filling->index, "compare");
	sqlite3_reset(filling->row);
	return rc;
}

static int
forget_gone(struct filling *filling)
{
	int rc;

	if (filling->gone.count == 0)
		return 0;
	rc = index_text_begin(filling->text);
	for (size_t i = 0; i < filling->gone.count && rc == 0; i++)
		rc = index_text_remove(filling->text,
		    filling->gone.list[i].name);
	return index_text_end(filling->text, rc);
}

static int
newest_first(const void *a, const void *b)
{
	const struct unread *first = a;
	const struct unread *second = b;

	return (first->uid < second->uid) - (first->uid > second->uid);
}

/* Reads from *AT on as many as are written at a time. */
static void
read_batch(struct filling *filling, size_t *at, size_t end, struct batch *batch)
{
	batch->count = 0;
	batch->bytes = 0;
	while (
	    *at < end && batch->count < BATCH && batch->bytes < BATCH_BYTES) {
		const struct unread *message = &filling->missing.list[(*at)++];
		struct message_words *words = &batch->words[batch->count];
		int fd = maildir_open_message(filling->maildir, message->in_new,
		    message->name);

		if (fd == -1)
			continue; /* gone already, or unreadable */
		message_words_read(fd, words);
		close(fd);
		batch->messages[batch->count++] = message;
		batch->bytes += words->body.size;
	}
}

static int
write_batch(struct filling *filling, struct batch *batch)
{
	int rc = batch->count == 0 ? 0 : index_text_begin(filling->text);

	for (size_t i = 0; i < batch->count; i++) {
		if (rc == 0)
			rc = index_text_add(filling->text,
			    batch->messages[i]->name,
			    batch->messages[i]->octets, &batch->words[i]);
		message_words_clear(&batch->words[i]);
	}
	return batch->count == 0 ? 0 : index_text_end(filling->text, rc);
}

/* Reads END of the missing.  How many it came to, or -1. */
static int64_t
fill(struct filling *filling, size_t end, const struct fill_progress *progress)
{
	struct batch batch;
	size_t at = 0;

	while (at < end) {
		read_batch(filling, &at, end, &batch);
		if (write_batch(filling, &batch) == -1)
			return -1;
		if (progress != NULL && !progress->step(progress->arg, at, end))
			break;
	}
	return (int64_t)at;
}

void
index_drop_text(struct index *index)
{
	struct index_text *text = NULL;
	int rc = -1;

	if (index->removed.count > 0)
		text = index_text_open(index->root, false);
	if (text != NULL)
		rc = index_text_begin(text);
	for (size_t i = 0; i < index->removed.count && rc == 0; i++)
		rc = index_text_remove(text, index->removed.list[i].name);
	/* When it fails, the next index_fill_text() will find out. */
	if (text != NULL)
		(void)index_text_end(text, rc);
	index_text_close(text);
	index_files_clear(&index->removed);
}

int64_t
index_fill_text(struct index *index, const struct maildir *maildir,
    size_t limit, const struct fill_progress *progress)
{
	struct filling filling = { .index = index, .maildir = maildir };
	struct unread_list *missing = &filling.missing;
	int64_t left = -1;

	filling.text = index_text_open(index->root, true);
	if (filling.text != NULL && compare(&filling) == 0 &&
	    forget_gone(&filling) == 0) {
		size_t end = limit == 0 || limit > missing->count
		    ? missing->count
		    : limit;

		if (missing->count > 1)
			qsort(missing->list, missing->count,
			    sizeof(missing->list[0]), newest_first);
		left = fill(&filling, end, progress);
		if (left != -1)
			left = (int64_t)missing->count - left;
	}
	index_text_close(filling.text);
	for (size_t i = 0; i < missing->count; i++)
		free(missing->list[i].name);
	free(missing->list);
	index_files_clear(&filling.gone);
	return left;
}
