/*
 * prompt.h - questions in the last row of the screen.
 */
#ifndef MUA_PROMPT_H
#define MUA_PROMPT_H

#include "mua/ui.h"

/*
 * Lets the person edit ANSWER behind QUESTION.  True with Enter; false when
 * they gave up (Esc, Ctrl-C, Ctrl-G, or rubbing out an empty answer).
 */
bool prompt_line(struct ui *ui, const char *question, struct buf *answer);

/* Asks until one of the letters CHOICES is typed; 0 when they gave up. */
int prompt_choice(struct ui *ui, const char *question, const char *choices);

#endif
