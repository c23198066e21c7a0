/*
 * rounds_look.h - looking at one envelope: the part of rounds.h that reads and
 * judges it.
 */
#ifndef SMTPD_ROUNDS_LOOK_H
#define SMTPD_ROUNDS_LOOK_H

#include "smtpd/rounds.h"

/* Milliseconds, as in the schedule. */
enum { SECOND = 1000, SOON = SECOND };

/* ID is to be looked at in WAIT milliseconds. */
void rounds_look_in(struct rounds *r, const char *id, int64_t wait);

/*
 * Takes the lock of ITEM's envelope, which is in no line and not at work, and
 * begins what it needs; its errand, if it has one, goes on or is over.
 */
void rounds_look_at(struct rounds *r, struct schedule_item *item);

void rounds_close_errand(struct rounds *r, struct schedule_item *item);

/* All is done about ITEM: its files are removed. */
void rounds_remove(struct rounds *r, struct schedule_item *item);

/* The files of ITEM are gone: that was the operator. */
void rounds_forget_deleted(struct rounds *r, struct schedule_item *item);

#endif
