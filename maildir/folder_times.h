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

/* Nanoseconds since 1970; mtimes of new/ and cur/, 0 or -1: not known. */
struct folder_times {
	int64_t new;
	int64_t cur;
	/* 0 where the two above come from a file. */
	int64_t changed_new; /* ctimes, which nobody can set back */
	int64_t changed_cur;
	int64_t read; /* when these were */
};

/* Before the folders are read. */
struct folder_times folder_times_read(const struct maildir *maildir);

/* False as well when one is not known. */
bool folder_times_same(struct folder_times a, struct folder_times b);

/* The same, and nobody has set an mtime back (rsync, touch) either. */
bool folder_times_untouched(struct folder_times a, struct folder_times b);

/* Once the folders were read: with 0 for an mtime not to be believed. */
struct folder_times folder_times_settled(struct folder_times times);

#endif
