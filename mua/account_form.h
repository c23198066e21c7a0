/*
 * account_form.h - a form to fill in: a new account, or one to change.
 */
#ifndef MUA_ACCOUNT_FORM_H
#define MUA_ACCOUNT_FORM_H

#include "mua/ui.h"

/* Opens it on the stack, for the account NAME of mua.conf; NULL: a new one. */
void account_form_open(struct ui *ui, const char *name);

/*
 * The form alone on the screen, for who begins with nothing.  True when an
 * account was saved.
 */
bool account_form_run(struct terminal *terminal, struct account_list *accounts);

#endif
