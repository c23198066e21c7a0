/*
 * mbox.h - a file with many messages, which is no mailbox of ours.
 */
#ifndef MUA_MBOX_H
#define MUA_MBOX_H

#include <stdbool.h>

/*
 * Whether the file at PATH is an mbox with more than one message: it begins
 * with a line "From sender date", and so does a paragraph further on.
 */
bool mbox_has_several(const char *path);

#endif
