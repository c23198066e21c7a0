/*
 * copy.h - messages moved between files and Maildirs.
 */
#ifndef MUA_COPY_H
#define MUA_COPY_H

#include "common/buf.h"
#include "maildir/maildir.h"

/*
 * Puts HEADER, whole lines or nothing, and what follows in FD (from its current
 * offset) into BOX as one message.  0 once it would survive a power cut, with
 * its name in NAME_OUT (MAILDIR_NAME_MAX + 1 bytes); -1 with errno.
 */
int copy_into_maildir(const struct maildir *box, const struct buf *header,
    int fd, char *name_out);

/*
 * A file without a name, 0600, that holds HEADER and what follows in FD; at its
 * beginning.  -1 with errno.
 */
int copy_aside(const struct maildir *box, const struct buf *header, int fd);

/* The same in $TMPDIR or /tmp, empty. */
int copy_scratch(void);

#endif
