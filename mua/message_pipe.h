/*
 * message_pipe.h - |: messages, as stored, to a command.
 */
#ifndef MUA_MESSAGE_PIPE_H
#define MUA_MESSAGE_PIPE_H

#include "mua/ui.h"

/*
 * Asks for a command and gives it the targets (targets.h), their bytes one
 * after the other; what it writes is opened on the stack.
 */
void message_pipe(struct ui *ui);

#endif
