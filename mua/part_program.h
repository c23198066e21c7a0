/*
 * part_program.h - a part of a message given to another program.
 */
#ifndef MUA_PART_PROGRAM_H
#define MUA_PART_PROGRAM_H

#include "maildir/message.h"
#include "mua/ui.h"

/*
 * Asks for a command and gives it the content of part I, decoded; what it
 * writes is opened on the stack.
 */
void part_pipe(struct ui *ui, struct message *message, size_t i);

/* Shows part I by the program that a mailcap file names for it. */
void part_open(struct ui *ui, struct message *message, size_t i);

/*
 * Gives INPUT to COMMAND, a line for the shell that the person has written, and
 * opens what it writes on the stack, called TITLE.
 */
void program_view(struct ui *ui, const char *command, const struct buf *input,
    const char *title);

#endif
