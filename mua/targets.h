/*
 * targets.h - the messages that an operation is for.
 */
#ifndef MUA_TARGETS_H
#define MUA_TARGETS_H

#include "mua/ui.h"

/*
 * Entries of the mailbox, in the order of the list: all shown that are tagged
 * while ui->on_tagged (the key came behind ";"), else the current message.
 * Valid until the mailbox is loaded again; clear with targets_clear().
 */
struct targets {
	size_t *items;
	size_t count;
};

void targets_find(const struct ui *ui, struct targets *targets_out);
void targets_clear(struct targets *targets);

/* All messages of the thread that the current one is in. */
void targets_thread(const struct ui *ui, struct targets *targets_out);

/* "the message" or "7 messages", appended to TO. */
void targets_name(const struct targets *targets, struct buf *to);

#endif
