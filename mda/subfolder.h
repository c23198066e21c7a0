/*
 * subfolder.h - mail for user+detail, in the Maildir++ folder .detail.
 *
 * Only a folder that is there: anybody in the world may write to any detail,
 * and must not make folders.  The person makes it, with any program that knows
 * Maildir++ (an IMAP server, maildirmake -f).
 */
#ifndef MDA_SUBFOLDER_H
#define MDA_SUBFOLDER_H

#include "common/address.h"
#include "maildir/maildir.h"

#include <stdbool.h>

enum { SUBFOLDER_MAX = 66 }; /* with its dot and NUL */

/*
 * The folder of MAILDIR that ORIGINAL, the recipient as it was given at first,
 * names with what stands behind its '+': "lists.linux" is .lists.linux,
 * letters in any case.  LOGIN is the mailbox: an address that is just that
 * names no folder, even with a '+'.  Nor do the details drafts, outbox and
 * sent: the person's own letters are there.  False when there is none; else
 * its name in NAME.
 */
bool subfolder_find(const struct maildir *maildir, const char *login,
    const char *original, char name[SUBFOLDER_MAX]);

/* Calls EACH for every folder of MAILDIR, by name with its dot. */
void subfolder_each(const struct maildir *maildir,
    void (*each)(void *arg, const char *name), void *arg);

#endif
