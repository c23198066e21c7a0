/*
 * keys.h - keys, and the tables that say what they do.
 *
 * A key table is to the mua what the command table is to a server (STYLE.md
 * rule 24): one row an operation, with its keys, its precondition, its handler
 * and the text that help shows.  The help line and the help page are made from
 * the tables, so they cannot be wrong.
 */
#ifndef MUA_KEYS_H
#define MUA_KEYS_H

#include "common/buf.h"
#include "mua/lines.h"

/*
 * A key is a character (a Unicode code point; Ctrl-X is 0x18), or one of
 * these.
 */
enum key {
	K_NOTHING = 0,   /* none came in time */
	K_CANCEL = 0x03, /* Ctrl-C */
	K_TAB = 0x09,
	K_REDRAW = 0x0c, /* Ctrl-L */
	K_RETURN = 0x0d,
	K_ESCAPE = 0x1b,
	K_BEYOND_UNICODE = 0x110000,
	K_ARROW_UP,
	K_ARROW_DOWN,
	K_ARROW_LEFT,
	K_ARROW_RIGHT,
	K_PAGE_UP,
	K_PAGE_DOWN,
	K_FIRST,  /* Home */
	K_LAST,   /* End */
	K_RUBOUT, /* Backspace, DEL, Ctrl-H */
	K_DELETE,
	K_HELP,          /* F1 */
	K_RESIZED,       /* the terminal has a new size */
	K_GONE,          /* the terminal is gone */
	K_PASTED_RETURN, /* a line end within a pasted text */
	K_WHEEL_UP,
	K_WHEEL_DOWN,
	K_CLICK, /* the mouse, at terminal->click_row */
	K_OTHER, /* one we do not know */
};

/* Esc before a character: K_META | 'v'. */
enum { K_META = 0x400000 };

struct view;

enum { BINDING_KEYS = 9 };

struct binding {
	const char *operation;  /* its name: "delete" */
	int keys[BINDING_KEYS]; /* 0 ends them */
	/* Precondition: why it cannot be done now, or NULL.  NULL: always. */
	const char *(*blocked)(struct view *view);
	void (*run)(struct view *view, int key);
	const char *label; /* in the help line, or NULL */
	const char *help;  /* one line in the help page */
};

struct key_table {
	const char *title;
	const struct binding *bindings;
	size_t count;
};

/* The binding of KEY in TABLES (NULL ends them), the first that has it. */
const struct binding *keys_find(const struct key_table *const *tables, int key);

/* "Enter", "PgDn", "^L", "q"; appended to TO. */
void keys_name(int key, struct buf *to);

/*
 * The help line: "q:Quit d:Delete ...", whole items that fit into COLUMNS,
 * with "?:Help" always the last of them.
 */
void keys_help_line(const struct key_table *const *tables, int columns,
    struct buf *to);

/* The help page: a line a binding, with all its keys. */
void keys_help_page(const struct key_table *const *tables, struct lines *lines);

#endif
