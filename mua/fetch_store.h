/*
 * fetch_store.h - fetched messages into the local Maildir and its index.
 */
#ifndef MUA_FETCH_STORE_H
#define MUA_FETCH_STORE_H

#include "maildir/maildir.h"
#include "mua/pop3_text.h"

#include <stdbool.h>

struct index;

struct store {
	bool is_open;
	struct maildir maildir;
	struct index *index; /* may be NULL */
	struct maildir_draft draft;
	int error; /* errno of the first failure, 0 for none */
};

/* Opens PATH, or makes it.  0, or -1 with errno. */
int store_open(struct store *store, const char *path);
void store_close(struct store *store);

/* Begins a message: what TEXT decodes goes into it.  0, or -1 (error). */
int store_begin(struct store *store, struct pop3_text *text);

/* Makes it durable and known to the index.  0, or -1 (error). */
int store_commit(struct store *store, const struct pop3_text *text);

/* Forgets it. */
void store_abandon(struct store *store);

#endif
