/*
 * folder_times.h - whether a Maildir is as it was.
 *
 * A folder's mtime changes with each name in it.  But file systems count time
 * in steps, so an mtime is believed only when it was more than two seconds old
 * as the folder was read: a later change may carry the same one.
 */
#ifndef MAILDIR_FOLDER_TIMES_H
#define MAILDIR_FOLDER_TIMES_H

#include <stdbool.h>
#include <stdint.h>

struct maildir;

/* mtimes of new/ and cur/ in nanoseconds since 1970; 0 or -1: not known. */
struct folder_times {
	int64_t new;
	int64_t cur;
};

/* Before the folders are read. */
struct folder_times folder_times_read(const struct maildir *maildir);

/* False as well when one is not known. */
bool folder_times_same(struct folder_times a, struct folder_times b);

/* After the folders were read: MTIME, or 0 when it is not to be believed. */
int64_t folder_time_settled(int64_t mtime);

#endif
