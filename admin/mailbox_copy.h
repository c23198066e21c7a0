/*
 * mailbox_copy.h - a Maildir with its subfolders written as one mbox, and an
 * mbox stored in a Maildir.
 */
#ifndef ADMIN_MAILBOX_COPY_H
#define ADMIN_MAILBOX_COPY_H

#include <stdint.h>
#include <stdio.h>

#include "admin/mailbox.h"
#include "maildir/mbox.h"

/*
 * Writes all messages of the Maildir ROOT and of its subfolders (".Sent") to
 * TO, of each folder the oldest first.  Messages that are removed meanwhile are
 * left out.  0; -1 when one cannot be read, or TO not be written (said).
 */
int mailbox_write(FILE *to, const struct maildir *root,
    struct progress *progress);

/* What became of the messages of an import. */
struct import_tally {
	int64_t stored;
	int64_t octets; /* of these */
	int64_t known;  /* were there already, byte for byte */
};

/*
 * Stores the messages of FROM in ROOT, each durably.  What is there already is
 * left out, nothing is replaced.  An exit status; what is wrong has been said.
 * What was stored stays, and to do it again does the rest.
 */
int mailbox_store(FILE *from, enum mbox_form form, const struct maildir *root,
    struct progress *progress, struct import_tally *tally_out);

#endif
