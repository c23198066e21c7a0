/*
 * index_files.h - lists of the files of a Maildir, for the index.
 */
#ifndef MAILDIR_INDEX_FILES_H
#define MAILDIR_INDEX_FILES_H

#include "maildir/maildir.h"

struct index_file {
	char *name;
	bool in_new;
	int why;         /* errno of one that could not be read */
	int64_t changed; /* its ctime, 0: it could not even be opened */
	int64_t arrival; /* for index_files_sort() */
};

struct index_files {
	struct index_file *list;
	size_t count;
	size_t room;
};

/* Appends a file; the name is copied. */
void index_files_add(struct index_files *files, bool in_new, const char *name);

/* Makes it empty and frees all. */
void index_files_clear(struct index_files *files);

/* Sorts by base; a message that was seen twice stays once. */
void index_files_settle(struct index_files *seen);

/* Sorts by arrival. */
void index_files_sort(struct index_files *files);

#endif
