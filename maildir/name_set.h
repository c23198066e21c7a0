/*
 * name_set.h - the messages of a mailbox by their base, for a quick look-up.
 */
#ifndef MAILDIR_NAME_SET_H
#define MAILDIR_NAME_SET_H

#include "maildir/maildir.h"

/* All zero to begin with. */
struct name_set {
	struct name_entry *entries;
	size_t count;
	size_t room; /* a power of two, or 0 */
};

/* Adds it, unless its base is there.  Whether it was added. */
bool name_set_add(struct name_set *set, bool in_new, const char *name);

/* The name with the same base, and where it is; NULL without. */
const char *name_set_find(const struct name_set *set, const char *name,
    bool *in_new_out);

/* Adds all messages of MAILDIR.  0, or -1 (logged). */
int name_set_load(struct name_set *set, const struct maildir *maildir);

void name_set_clear(struct name_set *set);

#endif
