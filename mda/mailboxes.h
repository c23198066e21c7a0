/*
 * mailboxes.h - the mailboxes a worker has open.
 *
 * A worker keeps the last few open, with their indexes, so that a busy mailbox
 * costs no open a message.  Whoever else works on the mailbox may remove or
 * replace it, or its index, at any time: that is looked at before each use.
 */
#ifndef MDA_MAILBOXES_H
#define MDA_MAILBOXES_H

#include "common/directory.h"
#include "common/reply.h"
#include "maildir/index.h"
#include "maildir/maildir.h"

#include <stdint.h>

/* A mailbox stays valid until so many others were asked for. */
enum { MAILBOXES_OPEN = 40 };

struct open_mailbox;

/*
 * The mailbox in FOLDER (relative to the state folder), made durably when it
 * is missing.  NULL when it can be neither opened nor made (logged).  Not
 * the caller's to free.
 */
struct open_mailbox *mailboxes_get(const char *folder);

/* Its directories. */
const struct maildir *mailboxes_maildir(const struct open_mailbox *box);

/*
 * Whether MORE octets still fit into BOX, which is MAILBOX: 250; 452 4.2.2 now
 * not; 552 5.2.2 never, they are more than its quota.  Counts from the sizes in
 * the file names.
 */
struct reply mailboxes_check_room(struct open_mailbox *box,
    const struct mailbox *mailbox, int64_t more);

/*
 * The folder of BOX, which is MAILBOX, that mail for ORIGINAL goes to
 * (subfolder.h); BOX itself when there is none.
 */
struct open_mailbox *mailboxes_subfolder(struct open_mailbox *box,
    const struct mailbox *mailbox, const char *original);

/* So many octets more count for its quota.  Returns all of them now. */
int64_t mailboxes_add_usage(struct open_mailbox *box, int64_t octets);

/* Its folder, relative to the state folder. */
const char *mailboxes_folder(const struct open_mailbox *box);

/*
 * Tells the index of the message just committed as new/NAME; FD reads it.
 * Trouble with the index is not the message's.
 */
void mailboxes_delivered(struct open_mailbox *box, const char *name, int fd,
    const struct delivery *delivery);

/* Closes this one: something is wrong with it. */
void mailboxes_forget(struct open_mailbox *box);

/* Closes all. */
void mailboxes_close(void);

#endif
