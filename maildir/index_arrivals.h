/*
 * index_arrivals.h - rows for messages that have none.
 */
#ifndef MAILDIR_INDEX_ARRIVALS_H
#define MAILDIR_INDEX_ARRIVALS_H

#include "maildir/index_private.h"
#include "maildir/index_unreadable.h"

struct index_arrivals {
	struct index *index;
	const struct maildir *maildir;
	enum index_sql sql;            /* how to write a row */
	struct index_files files;      /* the messages */
	struct index_unreadable known; /* what could not be read before */
	struct index_files failed;     /* nor now */
	bool thorough;                 /* none of those known is left out */
};

/*
 * Reads the messages, the oldest first, and writes their rows.  Those that
 * cannot be read are in FAILED then.  0, or -1.
 */
int index_arrivals_add(struct index_arrivals *arrivals);

void index_arrivals_clear(struct index_arrivals *arrivals);

#endif
