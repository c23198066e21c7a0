/*
 * mailbox.h - what the verbs of postlab mailbox share.
 */
#ifndef ADMIN_MAILBOX_H
#define ADMIN_MAILBOX_H

#include "common/directory.h"

#include <stdint.h>

/*
 * Enters the state folder and calls WORK for the mailbox WHO, an address or
 * "all".  WORK returns an exit status; the first that is not EX_OK is returned,
 * after all, or one of its own.
 */
int mailbox_each(const char *who,
    int (*work)(void *arg, const struct mailbox *mailbox), void *arg);

/*
 * A line of progress on standard error once a second, when that is a terminal
 * and it takes long: what was done, of how much (0: nobody knows).
 */
struct progress {
	const char *what; /* "read" */
	int64_t total;
	int64_t messages;
	int64_t octets;
	int64_t next; /* when the next line is due; 0 to begin with */
	bool shown;
};
void progress_add(struct progress *progress, int64_t octets);
void progress_end(struct progress *progress);

/* The verbs. */
int mailbox_check(int argc, char **argv);   /* mailbox_check.c */
int mailbox_reindex(int argc, char **argv); /* mailbox_check.c */
int mailbox_export(int argc, char **argv);  /* mailbox_export.c */
int mailbox_import(int argc, char **argv);  /* mailbox_import.c */
int mailbox_search(int argc, char **argv);  /* mailbox_search.c */

#endif
