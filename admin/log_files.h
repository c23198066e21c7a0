/*
 * log_files.h - the log of a host, to be searched.
 *
 * Every file in log/ with lines of ours in it: postlab.log and what logrotate
 * has made of it, compressed by gzip or not.  They may be gigabytes, so nothing
 * is kept of them: a search reads them from the oldest to the newest and shows
 * its caller the lines that hold a string.  They stay open, so who opened them
 * may give up the right to.
 */
#ifndef ADMIN_LOG_FILES_H
#define ADMIN_LOG_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_file {
	char *name; /* in its folder */
	int fd;
	int64_t begin; /* of its first line, milliseconds since 1970 */
};

struct log_files {
	struct log_file *files; /* oldest first */
	size_t count;
	char **unread; /* names of what is packed in another way, or closed */
	size_t unread_count;
};

/* Looks into log/ in the current folder. */
void log_files_open(struct log_files *files_out);

/*
 * The log of another host: PATH is a state folder, a folder of logs, or a log
 * file.  0; -1 when it is none of these (logged).
 */
int log_files_open_other(const char *path, struct log_files *files_out);
void log_files_close(struct log_files *files);

/* What to look for. */
struct log_search {
	const char *needle; /* bytes of the line as it is written */
	bool any_case;
	/* LINE is without its LF, a string, and lives until this returns. */
	void (*each)(void *arg, const char *line, size_t size);
	void *arg;
};

void log_files_search(const struct log_files *files,
    const struct log_search *search);

#endif
