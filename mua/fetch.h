/*
 * fetch.h - mail from an account's POP3 server into its local Maildir.
 *
 * A message is durable in the Maildir before it is noted as fetched, and noted
 * durably before it is removed from the server; whatever ends a fetch in
 * between, the next one goes on where it was, and at worst a message comes
 * twice.
 */
#ifndef MUA_FETCH_H
#define MUA_FETCH_H

#include "mua/account.h"

#include <stdbool.h>

struct ui;

/*
 * Fetches as a task beside the screen, after asking for the password if need
 * be.  QUIET, for the automatic check: nothing is asked, and only new mail is
 * worth a word.
 */
void fetch_start(struct ui *ui, struct account *account, bool quiet);

/* Whether ACCOUNT is due for its automatic check. */
void fetch_check(struct ui *ui);

/* Without a screen: mua fetch.  An exit status. */
int fetch_batch(struct account *account, bool wire);

#endif
