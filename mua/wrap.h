/*
 * wrap.h - long lines cut to the width of a screen, at blanks if possible.
 */
#ifndef MUA_WRAP_H
#define MUA_WRAP_H

#include "mua/lines.h"

enum { TAB_WIDTH = 8 };

/* A piece of a line that fits: lines->items[line].text[start .. end). */
struct piece {
	size_t line;
	size_t start;
	size_t end;
};

struct wrapped {
	struct piece *pieces;
	size_t count;
	size_t room;
};

/*
 * Cuts every line of LINES for COLUMNS (at least 1; a character wider than
 * that still gets its own piece).  Replaces what was in WRAPPED.  An empty
 * line is an empty piece.  The blank at which a line is cut is in no piece.
 */
void wrap_lines(const struct lines *lines, int columns,
    struct wrapped *wrapped);

/*
 * What stands before each further piece of a line of this style: a mark where
 * a foreign header or name could else pretend to be a line of its own.
 */
const char *wrap_mark(enum style style);

/* The piece that holds byte OFFSET of LINE, or comes next to it. */
size_t wrap_find(const struct wrapped *wrapped, size_t line, size_t offset);

void wrapped_clear(struct wrapped *wrapped);

#endif
