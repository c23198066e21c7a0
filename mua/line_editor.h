/*
 * line_editor.h - one line of text being edited: the keys, and the cursor.
 */
#ifndef MUA_LINE_EDITOR_H
#define MUA_LINE_EDITOR_H

#include "common/buf.h"

enum editor_key {
	CTRL_A = 0x01, /* to the beginning */
	CTRL_B = 0x02, /* a character to the left */
	CTRL_D = 0x04, /* remove the character here */
	CTRL_E = 0x05, /* to the end */
	CTRL_F = 0x06, /* a character to the right */
	CTRL_G = 0x07, /* give up */
	CTRL_K = 0x0b, /* remove what is behind the cursor */
	CTRL_N = 0x0e, /* a later line of the history */
	CTRL_P = 0x10, /* an earlier one */
	CTRL_U = 0x15, /* remove what is before the cursor */
	CTRL_W = 0x17, /* remove the word before it */
};

struct line_editor {
	struct buf *text; /* the caller's; valid UTF-8 */
	size_t cursor;    /* offset of a character in it, or its end */
};

/* One key of editing; whatever is none of them changes nothing. */
void line_editor_key(struct line_editor *editor, int key);

/* Replaces the text before the cursor, or all of it with the cursor behind. */
void line_editor_replace(struct line_editor *editor, const struct buf *before);
void line_editor_set(struct line_editor *editor, const char *text);

#endif
