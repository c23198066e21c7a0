/*
 * external_editor.h - the person's own editor, for a while in our place.
 */
#ifndef MUA_EXTERNAL_EDITOR_H
#define MUA_EXTERNAL_EDITOR_H

#include "mua/ui.h"

/* $VISUAL, or else $EDITOR; NULL when neither says anything. */
const char *external_editor(void);

/*
 * Lets the editor change TEXT: in a file with mode 0600 in a folder of its own
 * that nobody else can enter, below $TMPDIR or /tmp.  What the file holds at
 * the end is taken, also when the editor has failed: then false, and WHY is a
 * sentence.  What cannot be read back changes nothing, and its file stays.
 */
bool external_editor_run(struct ui *ui, struct buf *text, char *why,
    size_t size);

#endif
