/*
 * folder.h - where messages are saved to: another Maildir, or an mbox.
 */
#ifndef MUA_FOLDER_H
#define MUA_FOLDER_H

#include "mua/mailbox.h"

enum folder_kind {
	FOLDER_MISSING,
	FOLDER_MAILDIR,
	FOLDER_MBOX,  /* also an empty file */
	FOLDER_OTHER, /* something that is no folder of mail */
};

/* What is at PATH. */
enum folder_kind folder_look(const char *path);

struct folder;

/*
 * Opens the folder at PATH; one that is missing is made, 0700 or 0600.  NULL
 * with errno when it cannot.
 */
struct folder *folder_open(const char *path, enum folder_kind kind);

/*
 * Adds entry I of MAILBOX with its flags.  0, or -1 with errno: then nothing of
 * it is in the folder.  In a Maildir it would survive a power cut at once, in
 * an mbox once folder_close() has said 0.
 */
int folder_add(struct folder *folder, struct mailbox *mailbox, size_t i);

/* 0, or -1 with errno; frees it in any case.  NULL is allowed. */
int folder_close(struct folder *folder);

#endif
