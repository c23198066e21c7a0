/*
 * mailbox_rows.h - what the list shows, and in which order.
 *
 * Without any of this all entries are rows, in order of arrival.  A message
 * that is limited away or in a collapsed thread has no row.  The current
 * message always has one as long as there are any.
 */
#ifndef MUA_MAILBOX_ROWS_H
#define MUA_MAILBOX_ROWS_H

#include "mua/mailbox.h"

/* How long work gets on; false stops it. */
typedef bool mailbox_step(void *arg, size_t done, size_t total);

/*
 * Reads all that an order needs: what the list shows of each message, and the
 * threads.  Takes its time without an index.  False when STEP stopped it.
 */
bool mailbox_read_all(struct mailbox *mailbox, mailbox_step *step, void *arg);

/* Makes the rows anew, after sort, reverse or a mark that counts changed. */
void mailbox_arrange(struct mailbox *mailbox);

/* The row of the current message. */
size_t mailbox_row(const struct mailbox *mailbox);

/* Moves the current message by so many rows.  Whether it moved. */
bool mailbox_move(struct mailbox *mailbox, long steps);

/*
 * The entry in the row before or after that of entry AT, by DIRECTION (-1, 1),
 * in TO_OUT.  False at the end.
 */
bool mailbox_neighbour(const struct mailbox *mailbox, size_t at, long direction,
    size_t *to_out);

#endif
