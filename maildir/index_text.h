/*
 * index_text.h - index.sqlite.text: the words of the messages.
 *
 * As much a cache as the index, and known by the base of the names, so it stays
 * good when the index is made anew.  Calls fail quietly when the file cannot be
 * used now; damage is found and the file set aside when it is closed.
 */
#ifndef MAILDIR_INDEX_TEXT_H
#define MAILDIR_INDEX_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "maildir/message_words.h"

struct index_text;

/* Opens the file of the Maildir ROOT, and makes it if CREATE.  NULL without. */
struct index_text *index_text_open(int root, bool create);
void index_text_close(struct index_text *text);

/* Changes between these two are one.  0, or -1. */
int index_text_begin(struct index_text *text);
int index_text_end(struct index_text *text, int rc);

/* The message with the base of NAME; known already is no matter.  0, or -1. */
int index_text_add(struct index_text *text, const char *name, int64_t octets,
    const struct message_words *words);
int index_text_remove(struct index_text *text, const char *name);

/*
 * Calls EACH for all that was read, in the order of the bases (as bytes), until
 * it returns other than 0; returns that, or -1.
 */
int index_text_list(struct index_text *text,
    int (*each)(void *arg, const char *base, int64_t octets), void *arg);

/* The bases of messages that the FTS5 expression MATCH finds, likewise. */
int index_text_find(struct index_text *text, const char *match,
    int (*each)(void *arg, const char *base), void *arg);

#endif
