/*
 * index_row.h - one message as a row of the list, columns chosen by width.
 */
#ifndef MUA_INDEX_ROW_H
#define MUA_INDEX_ROW_H

#include "mua/mailbox.h"
#include "mua/ui.h"

enum { INDEX_FLAGS_SIZE = 4 };

/*
 * Three letters: 'D' marked for removal, else 'N' not read yet, else 'r'
 * replied; '*' tagged, else '!' flagged; 'A' has attachments.
 */
void index_row_flags(const struct mailbox_entry *entry,
    char flags[INDEX_FLAGS_SIZE]);

/*
 * Draws entry AT of the mailbox into ROW of the screen.  Where we are the
 * sender it names who it is to.
 */
void index_row_draw(struct ui *ui, size_t at, int row, enum style style);

#endif
