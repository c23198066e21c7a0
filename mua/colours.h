/*
 * colours.h - which colour each kind of text has, as a person wants it.
 */
#ifndef MUA_COLOURS_H
#define MUA_COLOURS_H

#include "mua/screen_text.h"

#include <stdbool.h>

/* ECMA-48's numbers of colours; 1 to 7, and: */
enum { COLOUR_OWN = -1, COLOUR_UNSAID = -2 };

/*
 * Reads "quote=green new=yellow error=default": a style and red, green, yellow,
 * blue, magenta, cyan, white or default, the terminal's own.  What is not named
 * is COLOUR_UNSAID.  False when it makes no sense: WHY is then a sentence.
 */
bool colours_read(const char *text, short colours_out[STYLE_COUNT], char *why,
    size_t size);

#endif
