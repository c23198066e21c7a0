/*
 * screen_keys.h - the keys of curses as those of keys.h; for screen.c alone.
 */
#ifndef MUA_SCREEN_KEYS_H
#define MUA_SCREEN_KEYS_H

#include <curses.h>
#include <wchar.h>

/* Codes of our own, above those of curses: the marks around a pasted text. */
enum { PASTE_BEGIN = KEY_MAX + 1, PASTE_END };

/*
 * Teaches curses, once it has begun, what descriptions of terminals lack: those
 * marks; and an arrow and its like with Shift, Alt or Ctrl, which is that key.
 * Else the letters of such a sequence would count as typed.
 */
void screen_define_keys(void);

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
