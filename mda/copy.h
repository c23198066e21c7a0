/*
 * copy.h - one message on its way into one mailbox.
 *
 *	copy_begin()    fields put in front, room looked for, a draft written
 *	copy_commit()   or maildir_batch.h, for several at once
 *	copy_answer()   the log, and who waits for the answer
 *	copy_end()      the index, the warning of a full mailbox; memory
 */
#ifndef MDA_COPY_H
#define MDA_COPY_H

#include "common/buf.h"
#include "common/directory.h"
#include "common/reply.h"
#include "maildir/index.h"
#include "maildir/maildir.h"
#include "mda/deliver.h"

struct open_mailbox;

struct copy {
	const struct arrival *arrival;
	const struct mailbox *mailbox;
	struct open_mailbox *counts; /* the mailbox */
	struct open_mailbox *box;    /* where it is: that, or a subfolder */
	struct delivery delivery;
	struct buf front; /* the fields put before the message */
	int64_t front_lines;
	int64_t size;
	struct maildir_draft draft; /* its fd is -1 without one */
	int fd;                     /* reads it once it is stored */
	char name[MAILDIR_NAME_MAX + 1];
	struct reply reply; /* 250: so far all went well */
};

/*
 * Writes the draft: reply is 250, and name the one it shall have; or reply
 * says why not.  AGAIN: a folder that has vanished was made anew already.
 * Whatever the reply, copy_end() follows at last.
 */
void copy_begin(struct copy *copy, const struct arrival *arrival,
    const struct mailbox *mailbox, const char *original);

/* Two flushes; reply is 250 once the copy would survive a power cut. */
void copy_commit(struct copy *copy);

/* What errno says of a copy that could not be stored becomes its reply. */
void copy_fail(struct copy *copy);

void copy_answer(const struct copy *copy);
void copy_end(struct copy *copy);

#endif
