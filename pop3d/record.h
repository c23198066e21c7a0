/*
 * record.h - what became of which message, for the log and postlab trace.
 *
 *   event=retrieved user=bob@campus.example peer=127.0.0.1 file=UIDL file=UIDL
 *   event=removed   likewise
 *
 * mda logs the same names when it delivers.  A line a message would cost a busy
 * server more than RETR itself; so a person at a prompt sees each at once, and
 * of a program that fetches hundreds in a second several come in one line.
 */
#ifndef POP3D_RECORD_H
#define POP3D_RECORD_H

#include "maildir/listing.h"

#include <stddef.h>
#include <time.h>

struct session;

enum { RECORD_FILES = 12 /* in a line */ };

/* Part of the session; all zero to begin with. */
struct record {
	char files[RECORD_FILES][LISTING_UIDL_SIZE];
	size_t count;
	time_t written; /* the last line */
};

/* Message I has gone out. */
void record_retrieved(struct session *session, int i);

/* maildrop_update() is over: says what it has removed. */
void record_removed(struct session *session);

/* The session ends: writes what is left. */
void record_end(struct session *session);

#endif
