/*
 * raw_panes.h - a line of a message drawn in the panes of the raw window.
 *
 * A wide screen has three: what the line is part of, its bytes, its meaning;
 * one of 60 columns two, a narrow one one.  TURN goes on to the others.
 */
#ifndef MUA_RAW_PANES_H
#define MUA_RAW_PANES_H

#include "mua/anatomy.h"
#include "mua/cursor.h"
#include "mua/screen_text.h"

/* Where somebody looks. */
struct raw_place {
	struct cursor cursor; /* entries are lines */
	int shift; /* columns of bytes and meanings that are not shown */
	int turn;
};

void raw_panes_line(const struct anatomy *anatomy,
    const struct raw_place *place, size_t line, struct screen_text *screen,
    int row);

/* All about the line at the cursor, in at most ROWS rows from ROW on. */
void raw_panes_detail(const struct anatomy *anatomy,
    const struct raw_place *place, struct screen_text *screen, int row,
    int rows);

#endif
