/*
 * maildrop.h - the messages of one session, fixed at login (RFC 1939 4 and 5).
 *
 * What arrives meanwhile is not seen; what is marked deleted is removed by
 * maildrop_update() and by nothing else.  While it is open nobody else has it:
 * an flock(2), which ends with the process at the latest.
 */
#ifndef POP3D_MAILDROP_H
#define POP3D_MAILDROP_H

#include "maildir/listing.h"
#include "maildir/maildir.h"

#include <stdbool.h>
#include <stdint.h>

struct maildrop {
	struct maildir maildir;
	int lock;   /* -1 when not held */
	char *name; /* of its owner, for replies */
	struct listing listing;
	bool *deleted;  /* one a message */
	int left;       /* messages not deleted */
	int64_t octets; /* of them */
};

enum maildrop_load {
	MAILDROP_OK,
	MAILDROP_IN_USE,   /* another session has it */
	MAILDROP_TOO_SOON, /* after the last login */
	MAILDROP_ERROR,    /* logged */
};

/*
 * Opens the Maildir FOLDER, making it when it is missing, and nothing more:
 * what needs no rights beyond it is maildrop_load().  MAILDROP is zero, or was
 * left, with this FOLDER.  0, or -1 (logged).
 */
int maildrop_open(struct maildrop *maildrop, const char *folder,
    const char *name);

/*
 * Locks it, waiting a moment for a session just ending, and looks into it;
 * unless it was locked less than DELAY seconds ago (RFC 2449 6.5).
 */
enum maildrop_load maildrop_load(struct maildrop *maildrop, int delay);

/* Whether the lock's file was removed: its owner may not have it any more. */
bool maildrop_is_closed(const struct maildrop *maildrop);

void maildrop_delete(struct maildrop *maildrop, int i);
void maildrop_reset(struct maildrop *maildrop);

/*
 * Removes what is marked, durably, and lets the lock go.  0; -1 when some of it
 * is still there (logged).
 */
int maildrop_update(struct maildrop *maildrop);

/* The size of message I, which is not deleted, turned out to be OCTETS. */
void maildrop_correct(struct maildrop *maildrop, int i, int64_t octets);

/* Opens message I for reading.  -1 with errno ENOENT when it is gone. */
int maildrop_open_message(const struct maildrop *maildrop, int i);

/* Lets lock and Maildir go, and keeps what may serve the next session. */
void maildrop_leave(struct maildrop *maildrop);

void maildrop_close(struct maildrop *maildrop);

#endif
