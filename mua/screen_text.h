/*
 * screen_text.h - one screenful as data: text, styles and the cursor.
 *
 * Views draw into it and know nothing of a terminal; screen.c shows it, tests
 * read it.  A row is filled from left to right.  What is added is cut at the
 * right edge, whole characters only; tabs become blanks; whatever has no width
 * becomes U+FFFD, so that no control character can be in a row.
 */
#ifndef MUA_SCREEN_TEXT_H
#define MUA_SCREEN_TEXT_H

#include "common/buf.h"

#include <stddef.h>

/* What a piece of text is; screen.c decides how that looks. */
enum style {
	STYLE_NORMAL,
	STYLE_BAR,      /* help line and status line */
	STYLE_SELECTED, /* the row the cursor is on */
	STYLE_NEW,      /* an unread message in the list */
	STYLE_DELETED,  /* a message marked for removal */
	STYLE_LABEL,    /* a header's name, a key in the help */
	STYLE_HEADER,
	STYLE_QUOTE,
	STYLE_QUOTE_2, /* a quote in the quote */
	STYLE_QUOTE_3, /* and in that */
	STYLE_SIGNATURE,
	STYLE_PART,  /* our line about a part or an attachment */
	STYLE_FAULT, /* our line about what is wrong */
	STYLE_MATCH, /* what a search found */
	STYLE_ERROR, /* a message to the person: it did not work */
	STYLE_COUNT,
};

struct screen_row {
	struct buf text;
	struct buf styles; /* one enum style a byte of text */
	int used;          /* columns */
	int marks;         /* that combine with the last character */
};

struct screen_text {
	int rows;
	int columns;
	struct screen_row *lines;
	int cursor_row;
	int cursor_column;
};

/* Makes it empty and of this size (at least 1 by 1). */
void screen_text_reset(struct screen_text *screen, int rows, int columns);
void screen_text_clear(struct screen_text *screen);

/* Makes ROW empty, for what shall cover it. */
void screen_clear_row(struct screen_text *screen, int row);

/* Appends to ROW; a row that is not on the screen swallows it. */
void screen_add(struct screen_text *screen, int row, enum style style,
    const char *text);
void screen_add_bytes(struct screen_text *screen, int row, enum style style,
    const char *text, size_t size);

/* Appends TEXT as a field of COLUMNS, cut or filled with blanks. */
void screen_field(struct screen_text *screen, int row, enum style style,
    const char *text, int columns);

/* Fills ROW with C up to COLUMN. */
void screen_fill(struct screen_text *screen, int row, enum style style, char c,
    int column);

#endif
