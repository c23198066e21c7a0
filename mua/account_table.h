/*
 * account_table.h - every key of mua.conf, declared once.
 *
 * Private to account*.c.  The rows are those of common/config_table.h; a key of
 * the section "account" is a member of struct account, one of "mua" a member
 * of struct account_list.
 */
#ifndef MUA_ACCOUNT_TABLE_H
#define MUA_ACCOUNT_TABLE_H

#include "common/config_table.h"

extern const struct config_key account_keys[];
extern const size_t account_key_count;

/* The row of SECTION ("mua" or "account") and NAME, or NULL. */
const struct config_key *account_find_key(const char *section,
    const char *name);

/* Gives the keys of SECTION, all zero at BASE, their fallbacks. */
void account_set_fallbacks(const char *section, void *base);

/* Frees the strings of the keys of SECTION at BASE. */
void account_clear_keys(const char *section, void *base);

#endif
