/*
 * restore.h - which mailboxes of a backup are wanted.
 */
#ifndef ADMIN_RESTORE_H
#define ADMIN_RESTORE_H

#include "admin/backup.h"

/* Folders as "mail/campus.example/alice/"; none: everything. */
struct restore_choice {
	char **folders;
	size_t count;
};

/*
 * ADDRESSES up to NULL, as they are in the backup: without @ in the domain it
 * was made in.  An exit status; what is wrong has been said.
 */
int restore_choose(const struct backup_contents *contents, char **addresses,
    struct restore_choice *choice_out);
bool restore_is_wanted(const struct restore_choice *choice, const char *path);
void restore_choice_clear(struct restore_choice *choice);

#endif
