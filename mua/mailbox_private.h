/*
 * mailbox_private.h - what the files of the model share, and nobody else.
 */
#ifndef MUA_MAILBOX_PRIVATE_H
#define MUA_MAILBOX_PRIVATE_H

#include "mua/mailbox.h"

/*
 * Fills in what a list shows, from a message's own words: strings are copied
 * into ARENA.  Without a DATE it is the time of arrival.
 */
struct mailbox_words {
	const char *from;
	const char *to;
	const char *subject;
	int64_t date;
	int attachments;
};
void mailbox_summarise(struct arena *arena, struct mailbox_entry *entry,
    const struct mailbox_words *words);

#endif
