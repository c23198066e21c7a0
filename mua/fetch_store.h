/*
 * fetch_store.h - fetched messages into the local Maildir and its index.
 */
#ifndef MUA_FETCH_STORE_H
#define MUA_FETCH_STORE_H

#include "maildir/maildir.h"
#include "mua/pop3_text.h"

#include <stdbool.h>

struct index;

struct fetch_store {
	bool is_open;
	struct maildir maildir;
	struct index *index; /* may be NULL */
	struct maildir_draft draft;
	int error; /* errno of the first failure, 0 for none */
};

/* Opens PATH, or makes it.  0, or -1 with errno. */
int fetch_store_open(struct fetch_store *store, const char *path);
void fetch_store_close(struct fetch_store *store);

/* Begins a message: what TEXT decodes goes into it.  0, or -1 (error). */
int fetch_store_begin(struct fetch_store *store, struct pop3_text *text);

/* Makes it durable and known to the index.  0, or -1 (error). */
int fetch_store_commit(struct fetch_store *store, const struct pop3_text *text);

/* Forgets it. */
void fetch_store_abandon(struct fetch_store *store);

#endif
