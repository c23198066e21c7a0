/*
 * lines.h - text made for reading: lines, each with a style.
 *
 * What render.c makes of a message and what help is made of.  A line is as
 * long as it is; wrap.c cuts it to a screen.  Everything in it is harmless
 * for a terminal: lines_add() sees to that.
 */
#ifndef MUA_LINES_H
#define MUA_LINES_H

#include "common/buf.h"
#include "mua/screen_text.h"

#include <stdbool.h>

struct line {
	char *text;
	size_t size;
	size_t label;  /* so many bytes at the start are a name, shown apart */
	size_t repeat; /* so many begin each of its further rows too: "> " */
	int hang;      /* columns by which its further rows are indented */
	bool flows;    /* a paragraph: cut it for any reader */
	enum style style;
};

struct lines {
	struct line *items;
	size_t count;
	size_t room;
};

/*
 * Appends TEXT, through text_safe(), as one line or, at its line ends (LF or
 * CRLF), as several.  A line end at the very end begins no further line.
 */
void lines_add(struct lines *lines, enum style style, const char *text,
    size_t size);

/* Appends one line; FMT's arguments may be foreign bytes. */
void lines_printf(struct lines *lines, enum style style, const char *fmt, ...)
    PRINTF(3, 4);

/* The last line added begins with a label of SIZE bytes. */
void lines_label(struct lines *lines, size_t size);

/* The first SIZE bytes of the last line added begin each of its rows. */
void lines_repeat(struct lines *lines, size_t size);

/* The last line added is a paragraph, cut also where no screen asks for it. */
void lines_flow(struct lines *lines);

/* The last line added, when it must be cut, goes on below COLUMN. */
void lines_hang(struct lines *lines, int column);

void lines_clear(struct lines *lines);

#endif
