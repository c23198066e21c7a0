/*
 * views.h - the views a person meets: the list, a message, its parts.
 */
#ifndef MUA_VIEWS_H
#define MUA_VIEWS_H

#include "mua/ui.h"

/* The list of messages; the first view. */
struct view *index_view_new(struct ui *ui);

/*
 * Opens the current message on the stack, and marks it read.  With
 * FULL_HEADERS it begins with all headers.  Says why when it cannot.
 */
void pager_open(struct ui *ui, bool full_headers);

/* Opens the part tree of the current message on the stack. */
void mime_view_open(struct ui *ui);

/* Opens the list of accounts and other mailboxes on the stack. */
void account_view_open(struct ui *ui);

/* Opens the dialogues with servers on the stack (wire.h). */
void wire_view_open(struct ui *ui);

/*
 * Removes what is marked if the person says so.  Returns whether to go on: not
 * when they thought better of it, or something could not be removed.
 */
bool views_settle_deletions(struct ui *ui);
/* Opens the bytes of the current message and their meaning on the stack. */
void raw_view_open(struct ui *ui);

/* Why the current message cannot be changed; NULL when it can. */
const char *views_blocked_change(struct view *view);

/* The message at hand is gone (ENOENT) or unreadable: says so. */
void views_complain_unreadable(struct ui *ui);

#endif
