/*
 * compose.h - the letter before it is sent, as mutt's compose menu shows it.
 */
#ifndef MUA_COMPOSE_H
#define MUA_COMPOSE_H

#include "mua/draft.h"
#include "mua/ui.h"

struct editor;
struct unfinished;

/*
 * Opens DRAFT, which it takes over, on the stack; with EDIT in the editor at
 * once.  A draft that is neither sent nor thrown away is saved in Drafts
 * whatever happens, also when the terminal goes away.
 */
void compose_open(struct ui *ui, struct draft *draft, bool edit);

/*
 * Appends whom a letter may be to, for completion: the address book, and those
 * whose mail is in the open mailbox.
 */
void compose_known(struct ui *ui, struct people *known);

/* --- between compose.c and compose_keys.c ------------------------------- */

struct compose {
	struct view view;
	struct draft *draft;
	size_t current; /* row */
	size_t top;
	int height;
	bool changed; /* something would be lost */
	bool editing; /* the editor is open, and has the text */
	bool unsafe;  /* it was said that it cannot be kept */
	struct unfinished *unfinished;
	bool settled;        /* sent, saved or thrown away */
	struct people known; /* for completion */
};

/*
 * The rows: the fields, the report, a line between, the text, what goes along.
 */
enum compose_row {
	COMPOSE_REPORT = DRAFT_FIELDS,
	COMPOSE_LINE,
	COMPOSE_TEXT,
	COMPOSE_ATTACHMENTS, /* and on */
};

size_t compose_rows(const struct compose *compose);

/* The account that sends DRAFT; NULL for none. */
struct account *compose_account(struct ui *ui, const struct draft *draft);

/* Saves the draft in Drafts; whether it could (said). */
bool compose_save(struct compose *compose);

/* Something was changed: it would be lost, and is kept on disk meanwhile. */
void compose_changed(struct compose *compose);

/* Keeps the letter on disk, with TEXT; complains, once, when it cannot. */
void compose_keep_text(struct compose *compose, const struct buf *text);

/* The same for the editor's text when it is time; see struct editor_owner. */
bool compose_keep(void *compose, const struct editor *editor, bool typed,
    bool idle);

void compose_edit(struct view *view, int key);
extern const struct key_table compose_key_table;

#endif
