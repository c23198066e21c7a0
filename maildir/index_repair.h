/*
 * index_repair.h - an index examined and made anew, for the operator.
 *
 * All of it is safe while others deliver, read and remove: the file is written
 * as they write it, and replaced only as they replace one that is broken.
 */
#ifndef MAILDIR_INDEX_REPAIR_H
#define MAILDIR_INDEX_REPAIR_H

#include "maildir/index.h"
#include "maildir/survey.h"

/*
 * Tells EAR what is odd about index.sqlite, changing nothing: that it is
 * missing, foreign, damaged, behind the folders, or wrong about a size.
 */
void index_check(const struct maildir *maildir, const struct survey_ear *ear);

/*
 * Makes the index anew from the messages.  Uids and envelopes stay as far as
 * the old file can be read; where it cannot it is set aside and the envelopes
 * are looked for in what was set aside.  0, or -1 (logged).
 */
int index_rebuild(const struct maildir *maildir);

/*
 * Gives the rows of INDEX that have no envelope that of the same message in
 * FILE of the Maildir ROOT, an index too.  How many, -1 when it is none.
 */
int64_t index_adopt(struct index *index, int root, const char *file);

/* How many messages are otherwise in the folders than in the index. */
struct index_difference {
	size_t added;
	size_t moved;
	size_t gone;
};
int index_compare(struct index *index, const struct maildir *maildir,
    struct index_difference *difference_out);

/* index_sync() that reads every message again.  0, or -1. */
int index_refresh(struct index *index, const struct maildir *maildir);

#endif
