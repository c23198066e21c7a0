/*
 * program.h - other programs, started for a part of a message.
 *
 * COMMAND is a line for /bin/sh that the person or a mailcap file has written;
 * nothing of a message is in it.
 */
#ifndef MUA_PROGRAM_H
#define MUA_PROGRAM_H

#include "mua/ui.h"

/* What comes out is kept up to so many bytes. */
enum { PROGRAM_OUTPUT_MAX = 4 * 1024 * 1024 };

/*
 * Runs COMMAND with INPUT and keeps what it writes to both outputs.  Ctrl-C
 * ends it.  Its exit status, 128 and the signal, or -1 when it could not be
 * started (errno).
 */
int program_filter(struct ui *ui, const char *command, const struct buf *input,
    struct buf *output);

/* Gives the terminal to COMMAND until it ends.  Status as above. */
int program_foreground(struct ui *ui, const char *command);

/* Starts COMMAND and leaves it alone, without terminal.  0 or -1. */
int program_background(const char *command);

/* Whether COMMAND ends with 0 within a few seconds; it reads nothing. */
bool program_succeeds(const char *command);

/*
 * A file with CONTENT, 0600, in a folder of this process alone; its name is of
 * our making but for ENDING (".html", or "").  The caller frees the path; NULL
 * with errno.  All are removed with the process.
 */
char *program_file(const struct buf *content, const char *ending);

#endif
