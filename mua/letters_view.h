/*
 * letters_view.h - the drafts, or the outbox, as a list.
 */
#ifndef MUA_LETTERS_VIEW_H
#define MUA_LETTERS_VIEW_H

#include "mua/ui.h"

/*
 * Opens the list of the current account's drafts or, with OUTBOX, of what could
 * not be sent, with the server's last words.  Says so when there is nothing.
 */
void letters_view_open(struct ui *ui, bool outbox);

#endif
