/*
 * mail_keys.h - keys for where mail comes from: fetch, accounts.
 */
#ifndef MUA_MAIL_KEYS_H
#define MUA_MAIL_KEYS_H

#include "mua/keys.h"

extern const struct key_table mail_keys;

#endif
