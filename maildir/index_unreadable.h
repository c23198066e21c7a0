/*
 * index_unreadable.h - the messages in the folders that could not be read.
 *
 * They have no row.  The index remembers them by name, so that they can be
 * looked at again, these alone, while the folders are as they were; and when
 * that was told, so that the log says it once a day.
 */
#ifndef MAILDIR_INDEX_UNREADABLE_H
#define MAILDIR_INDEX_UNREADABLE_H

#include "maildir/index_files.h"

struct index;

struct index_unreadable {
	struct index_files files; /* sorted by index_unreadable_sort() */
	int64_t told;             /* seconds since 1970, 0: never */
};

/* What INDEX remembers.  0, or -1 and it is empty; clear it. */
int index_unreadable_read(struct index *index,
    struct index_unreadable *unreadable_out);

/* Within a transaction: remembers FILES, told now.  0, or -1. */
int index_unreadable_write(struct index *index,
    const struct index_files *files);

void index_unreadable_sort(struct index_files *files);

/* Whether these are the same files; both sorted. */
bool index_unreadable_same(const struct index_files *a,
    const struct index_files *b);

/* Whether it was not told within a day. */
bool index_unreadable_is_due(const struct index_unreadable *unreadable);

/* That one of the sorted FILES, or NULL. */
const struct index_file *index_unreadable_find(const struct index_files *files,
    const struct index_file *file);

/* Tells the log how many there are, and of the first which and why. */
void index_unreadable_tell(const struct index *index,
    const struct index_files *files);

#endif
