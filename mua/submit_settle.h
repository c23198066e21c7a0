/*
 * submit_settle.h - what becomes of a letter that was offered to a server, and
 * the account of how it went.
 */
#ifndef MUA_SUBMIT_SETTLE_H
#define MUA_SUBMIT_SETTLE_H

#include "mua/dial.h"
#include "mua/outbox.h"

#include <stdbool.h>
#include <stddef.h>

struct submission;
struct submit_letter;

/* How it went so far. */
struct tally {
	size_t sent;     /* letters, to all their recipients */
	size_t partly;   /* to some of them */
	size_t kept;     /* to nobody */
	size_t doubtful; /* nobody knows */
	int uncopied;    /* not in Sent: errno, 0 for none */
	bool forgotten;  /* submission->forgets */
	bool reportless; /* a report was asked for, and none will come */
	int status;      /* of the first trouble */
	char why[DIAL_SENTENCE];
};

/* Remembers the first trouble: a status of sysexits.h and a sentence. */
void tally_note(struct tally *tally, int status, const char *why);

/*
 * After the transaction of LETTER: what the server has taken goes to Sent and
 * leaves BOX; whom it has refused stays there as a new item, with its words.
 * Where Sent cannot be written the item stays, as one that was sent.
 */
void submit_settle(const struct submission *submission,
    const struct maildir *box, struct outbox_item *item,
    const struct submit_letter *letter, struct tally *tally);

/* What could not be put into Sent before may be now: tries that. */
void submit_keep_late(const struct submission *submission,
    const struct maildir *box);

#endif
