/*
 * index_row.h - one message as a row of the list, columns chosen by width.
 */
#ifndef MUA_INDEX_ROW_H
#define MUA_INDEX_ROW_H

#include "mua/mailbox.h"
#include "mua/screen_text.h"

enum { INDEX_FLAGS_SIZE = 4 };

/*
 * Three letters: 'D' marked for removal, else 'N' not read yet, else 'r'
 * replied; '!' flagged; 'A' has attachments.
 */
void index_row_flags(const struct mailbox_entry *entry,
    char flags[INDEX_FLAGS_SIZE]);

/* Draws entry NUMBER (from 1) of COUNT into ROW, in full width. */
void index_row_draw(const struct mailbox_entry *entry, size_t number,
    struct screen_text *screen, int row, enum style style);

#endif
