/*
 * warning.h - tells a person that the mailbox is nearly full.
 */
#ifndef MDA_WARNING_H
#define MDA_WARNING_H

#include "common/config.h"
#include "common/directory.h"
#include "maildir/maildir.h"

/*
 * OCTETS are in MAILBOX now, whose folders are MAILDIR: with as much of its
 * quota as mda.quota_warning says a message goes there, one a day at most.
 * Trouble is logged and no more.
 */
void warning_consider(const struct config *config,
    const struct mailbox *mailbox, const struct maildir *maildir,
    int64_t octets);

#endif
