/*
 * account_change.h - an account saved or forgotten, on disk and in
 * ui->accounts.
 */
#ifndef MUA_ACCOUNT_CHANGE_H
#define MUA_ACCOUNT_CHANGE_H

#include <stddef.h>

struct account;
struct ui;

/*
 * Saves ACCOUNT in place of the one called OLD; NULL: it is new.  0; -1 with a
 * sentence in WHY.
 */
int account_change(struct ui *ui, const char *old,
    const struct account *account, char *why, size_t size);

/* Takes NAME out of mua.conf.  0; -1 with a sentence in WHY. */
int account_forget(struct ui *ui, const char *name, char *why, size_t size);

#endif
