/*
 * query.h - what a person looks for: a small language, and the search.
 *
 *   from:anna subject:"annual report" after:2026-01 -is:read
 *
 *   word "some words"        in From, To, Cc, Subject, the text or a file name
 *   from: to: cc: subject: body: file:    the same in one place
 *   id:                      the Message-Id, whole
 *   has:attachment           is:unread read flagged replied forwarded deleted
 *                            draft new
 *   before: after: on:       2026, 2026-11, 2026-11-22, today, yesterday, or
 *                            3d 2w 6m 1y ago; after: with that day, before:
 *                            without
 *   larger: smaller:         octets, or 10k, 2M
 *   not x, -x, !x    x y, x and y    x or y, x | y    (x y)
 *
 * A word is found where one begins with it, in quotes only whole; case and
 * accents do not matter (maildir/words.h).
 */
#ifndef MAILDIR_QUERY_H
#define MAILDIR_QUERY_H

#include "maildir/index.h"

struct query;

/* Reads TEXT.  NULL when it cannot be understood: WHY is then a sentence. */
struct query *query_parse(const char *text, char *why, size_t size);
void query_free(struct query *query);

/*
 * Whether it asks for something that only the message itself tells: Cc, text,
 * names of files.  index_fill_text() should come before the search then.
 */
bool query_reads_text(const struct query *query);

/*
 * Whether the message that ENTRY describes is what is looked for, as far as
 * the entry tells: for mailboxes without an index.
 */
bool query_match(const struct query *query, const struct index_entry *entry);

/*
 * Calls EACH for every message found, in order of uid, until it returns other
 * than 0; returns that.  -1 on trouble.  Messages whose text was not yet read
 * (index_fill_text) are found by their header.
 */
int index_search(struct index *index, const struct query *query,
    int (*each)(void *arg, int64_t uid), void *arg);

/* How the reading of texts gets on; false stops it. */
struct fill_progress {
	bool (*step)(void *arg, size_t done, size_t total);
	void *arg;
};

/*
 * Reads the texts of messages that were not yet read, the newest first, at
 * most LIMIT of them (0: all).  PROGRESS (may be NULL) hears of each few.
 * What was read is kept when it is stopped, or the process is.  Returns how
 * many are left to be read, or -1 on trouble: then header fields are found all
 * the same.  Deliveries never wait for it.
 */
int64_t index_fill_text(struct index *index, const struct maildir *maildir,
    size_t limit, const struct fill_progress *progress);

#endif
