/*
 * screen.h - the real terminal, by ncursesw.  Nothing else knows curses.
 *
 * While it is open, what the process writes to standard error is kept and
 * comes out when it is closed, so that log lines do not spoil the screen.
 */
#ifndef MUA_SCREEN_H
#define MUA_SCREEN_H

#include "mua/ui.h"

/*
 * Takes over the terminal on standard input and output.  NULL when there is
 * none or its type is unknown: WHY is then a sentence.
 */
struct terminal *screen_open(const char **why);

/* Colours as a person wants them (colours.h). */
void screen_use_colours(const short colours[STYLE_COUNT]);

/* Clicks and the wheel become keys. */
void screen_use_mouse(void);

/* Gives the terminal back as it was.  NULL is allowed. */
void screen_close(struct terminal *terminal);

#endif
