/*
 * shell_word.h - a text as one word of a command that somebody will copy.
 */
#ifndef ADMIN_SHELL_WORD_H
#define ADMIN_SHELL_WORD_H

/*
 * TEXT as it is where a shell takes it so, else in quotes; what is no printable
 * ASCII as $'\xNN', so it cannot write to the terminal either.  Free it.
 */
char *shell_word(const char *text);

#endif
