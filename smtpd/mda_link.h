/*
 * mda_link.h - the LMTP connection of this process to mda.
 *
 * It is kept for a moment after a hand-over: to connect, to be accepted and to
 * greet costs both sides as much as the message does, and under load the next
 * one comes at once.  mda closes it soon after (mda/lmtp.c), so that a client
 * who stays connected and says nothing holds no worker of mda.
 */
#ifndef SMTPD_MDA_LINK_H
#define SMTPD_MDA_LINK_H

#include "common/config.h"
#include "common/smtp_client.h"

#include <stdint.h>

/* When a hand-over that begins now must be over: milliseconds. */
int64_t mda_link_deadline(const struct config *config);

/*
 * A greeted connection: the one that was kept, if it is fresh and still stands,
 * else a new one.  It fails past DEADLINE.  NULL: there is none to be had, and
 * *FAULT_OUT, a 4xx, says why.
 */
struct smtp_client *mda_link_take(const struct config *config, int64_t deadline,
    struct reply *fault_out);

/*
 * After the hand-over: keeps it, or with a QUIT closes it.  It is to be kept
 * only behind a message that mda took: then mda knows that it need not wait.
 */
void mda_link_keep(void);
void mda_link_close(void);

/*
 * Whether the connection was a kept one that broke at once, before mda was
 * asked to take the message: it had gone, and a new one may serve.
 */
bool mda_link_was_gone(void);

#endif
