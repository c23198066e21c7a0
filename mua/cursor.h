/*
 * cursor.h - the arithmetic of a cursor in a list that scrolls.
 */
#ifndef MUA_CURSOR_H
#define MUA_CURSOR_H

#include <stddef.h>

/* A cursor, and the part of the list that is on the screen. */
struct cursor {
	size_t current;
	size_t top;   /* the first entry shown */
	size_t count; /* entries */
	int height;   /* rows for them, of the last drawing */
};

/* CURRENT moved by STEPS, kept within COUNT entries. */
size_t cursor_move(size_t current, long steps, size_t count);

/*
 * The first entry to show so that CURRENT is among HEIGHT rows: TOP, moved as
 * little as possible, with no empty rows while there are entries for them.
 */
size_t cursor_top(size_t top, size_t current, size_t count, int height);

#endif
