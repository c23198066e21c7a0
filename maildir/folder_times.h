/*
 * folder_times.h - whether a Maildir is as it was.
 *
 * A folder's mtime and ctime change with each name in it.  An mtime can be set
 * back, as rsync -a, cp -a and tar do who restore a mailbox; a ctime cannot.
 *
 * File systems count time in steps, so times are believed only when they were
 * more than two seconds old as the folder was read: a later change may carry
 * the same ones.
 */
#ifndef MAILDIR_FOLDER_TIMES_H
#define MAILDIR_FOLDER_TIMES_H

#include <stdbool.h>
#include <stdint.h>

struct maildir;

/* When a folder was changed, in nanoseconds since 1970. */
struct folder_time {
	int64_t modified; /* mtime; 0 or -1: not known */
	int64_t changed;  /* ctime */
};

struct folder_times {
	struct folder_time new;
	struct folder_time cur;
	int64_t read; /* when these were, 0 where they come from a file */
};

/* Before the folders are read. */
struct folder_times folder_times_read(const struct maildir *maildir);

/* False as well when one is not known. */
bool folder_time_same(struct folder_time a, struct folder_time b);
bool folder_times_same(struct folder_times a, struct folder_times b);

/* Once the folders were read: those not to be believed are not known. */
struct folder_times folder_times_settled(struct folder_times times);

#endif
