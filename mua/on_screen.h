/*
 * on_screen.h - the mua on a terminal, from its first screen to its last.
 */
#ifndef MUA_ON_SCREEN_H
#define MUA_ON_SCREEN_H

#include "mua/mailbox.h"
#include "mua/start.h"

/*
 * Shows *MAILBOX until the person leaves; it may be another one then.  Returns
 * an exit status.
 */
int on_screen(const struct start *start, struct mailbox **mailbox);

#endif
