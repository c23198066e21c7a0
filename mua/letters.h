/*
 * letters.h - what lies in Drafts or in the outbox, for a list of it.
 */
#ifndef MUA_LETTERS_H
#define MUA_LETTERS_H

#include "mua/answer.h"
#include "mua/outbox.h"

struct letter_row {
	char *name;              /* of the file */
	bool in_new;             /* where it is */
	enum outbox_state state; /* of an outbox */
	char *to;                /* decoded and harmless, as the rest */
	char *subject;
	char *words; /* of an outbox: what servers have said, "" for nothing */
};

struct letters {
	struct letter_row *rows; /* the oldest first */
	size_t count;
};

/* Reads the Maildir at PATH; one that is missing holds nothing. */
void letters_read(const char *path, bool outbox, struct letters *letters_out);
void letters_clear(struct letters *letters);

/*
 * The letter ROW as a draft of WRITER.  One of an OUTBOX is saved in DRAFTS
 * first and then leaves the outbox, so that it is in one place at every moment.
 * NULL with a sentence in WHY.
 */
struct draft *letters_draft(const char *path, bool outbox,
    const struct letter_row *row, const struct writer *writer,
    const char *drafts, char *why, size_t size);

/* Removes it, durably.  0 or -1. */
int letters_remove(const char *path, const struct letter_row *row);

#endif
