/*
 * scroller.h - a window onto lines: place, movement, search.
 */
#ifndef MUA_SCROLLER_H
#define MUA_SCROLLER_H

#include "mua/screen_text.h"
#include "mua/wrap.h"

#include <stdbool.h>

struct scroller {
	struct lines lines;
	struct wrapped wrapped;
	int columns;  /* what it is wrapped for; 0: not yet */
	int height;   /* rows of the last drawing */
	size_t top;   /* the first piece shown */
	size_t share; /* go there when it is wrapped: thousandths of the text */
	bool has_hit; /* a search found something, at: */
	size_t hit_line;
	size_t hit_offset;
};

/* Takes over the lines of LINES and shows their beginning. */
void scroller_set(struct scroller *scroller, struct lines *lines);
void scroller_clear(struct scroller *scroller);

/* Draws below the help line.  MATCH ("" for none) is marked where it occurs. */
void scroller_draw(struct scroller *scroller, struct screen_text *screen,
    const char *match);

/* Moves by COUNT rows, as far as there is text.  Whether it moved. */
bool scroller_move(struct scroller *scroller, long count);
void scroller_move_to_end(struct scroller *scroller);

enum found { FOUND_NOT, FOUND, FOUND_FROM_TOP };

/*
 * Goes to NEEDLE: with AGAIN to the next one behind the last hit, as long as
 * that is on the screen.  Starts over at the top when there is none below.
 */
enum found scroller_find(struct scroller *scroller, const char *needle,
    bool again);

/* "(all)", "(end)" or "(45%)", appended to TO. */
void scroller_position(const struct scroller *scroller, struct buf *to);

#endif
