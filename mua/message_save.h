/*
 * message_save.h - s and C: messages into another folder.
 */
#ifndef MUA_MESSAGE_SAVE_H
#define MUA_MESSAGE_SAVE_H

#include "mua/ui.h"

/*
 * Asks for a folder and adds the targets (targets.h) to it.  Unless COPY they
 * are marked for removal here, once they are there.  Whether it was done.
 */
bool message_save(struct ui *ui, bool copy);

#endif
