/*
 * contacts.h - the address book: whom a person writes to.
 *
 * A plain file, a line a person, the last one written to first, to be edited
 * with any editor:
 *
 *	Alice Example <alice@campus.example>
 *
 * It fills itself with those that letters are sent to.  Those whose mail lies
 * in the open mailbox are offered too without being in the file.
 */
#ifndef MUA_CONTACTS_H
#define MUA_CONTACTS_H

#include "mua/lines.h"
#include "mua/people.h"

enum { CONTACTS_MAX = 5000 };

/* Appends all that the file at PATH has.  A missing file has none. */
void contacts_read(const char *path, struct people *people);

/*
 * Puts PEOPLE at the beginning of the file, with the names they have now, or
 * that they had.  Durably, mode 0600; missing folders are made.  0 or -1.
 */
int contacts_note(const char *path, const struct people *people);

/*
 * For prompt_line_complete(): ARG is a struct people.  Completes what stands
 * behind the last comma: by the beginning of an address or of a word of a name,
 * whatever the case.
 */
void contacts_complete(void *arg, struct buf *text, struct lines *choices);

#endif
