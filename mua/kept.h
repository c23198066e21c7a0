/*
 * kept.h - the envelope of a message as the mailbox's index has kept it.
 */
#ifndef MUA_KEPT_H
#define MUA_KEPT_H

#include "mua/mailbox.h"
#include "mua/windows.h"

/* Asks the index about message I; what it does not know is "". */
void kept_find(struct mailbox *mailbox, size_t i,
    struct kept_envelope *kept_out);
void kept_clear(struct kept_envelope *kept);

#endif
