/*
 * screen_keys.h - the keys of curses as those of keys.h; for screen.c alone.
 */
#ifndef MUA_SCREEN_KEYS_H
#define MUA_SCREEN_KEYS_H

#include <wchar.h>

/* A KEY_ code of curses; K_OTHER for one we do not know. */
int screen_function_key(int code);

/* A character that was typed. */
int screen_character(wint_t c);

/*
 * One of a pasted text: a line end in it is none typed, and nothing else is a
 * command.
 */
int screen_pasted_character(wint_t c);

#endif
