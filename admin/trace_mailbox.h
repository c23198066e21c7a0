/*
 * trace_mailbox.h - what the mailboxes know: their indexes, and where a message
 * is now.
 */
#ifndef ADMIN_TRACE_MAILBOX_H
#define ADMIN_TRACE_MAILBOX_H

#include "admin/trace_message.h"
#include "maildir/index.h"

/* A message in the mailbox of LOGIN. */
struct trace_row {
	const char *login;
	const char *folder;
	const struct index_entry *entry;
	char file[LISTING_UIDL_SIZE]; /* its lasting name */
};

/* Calls EACH for every row of every index there is; makes none. */
void trace_mailboxes(void (*each)(void *arg, const struct trace_row *row),
    void *arg);

/* Looks where the copies of all messages are now. */
void trace_locate(struct trace *trace);

#endif
