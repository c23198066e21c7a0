/*
 * write_keys.h - the keys with which letters are begun: in the list and in a
 * message.  They act on the mailbox's current message.
 */
#ifndef MUA_WRITE_KEYS_H
#define MUA_WRITE_KEYS_H

#include "mua/keys.h"

extern const struct key_table write_keys;

#endif
