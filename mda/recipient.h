/*
 * recipient.h - which mailbox an address means.
 *
 * smtpd has resolved aliases before it hands a message over, so nearly always
 * it is the mailbox of just that address.  Other front ends and the command
 * may also name what leads to one mailbox of ours: user+detail, or an alias.
 */
#ifndef MDA_RECIPIENT_H
#define MDA_RECIPIENT_H

#include "common/address.h"
#include "common/directory.h"
#include "common/reply.h"

/*
 * Opens the directory, once in a process and before its sandbox.  0, or -1
 * (logged): recipient_mailbox() then tries again.
 */
int recipient_open_directory(void);

/*
 * Finds the mailbox.  250 2.1.5, 550 5.1.1 when there is none, 451 4.3.0 when
 * the directory cannot be read.
 */
struct reply recipient_mailbox(const struct address *address,
    struct mailbox *mailbox_out);

void recipient_close_directory(void);

#endif
