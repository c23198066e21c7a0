/*
 * check_box.h - a Maildir "box" in a folder of its own, for tests.
 *
 * box_open and box_close are a fixture.
 */
#ifndef TESTS_CHECK_BOX_H
#define TESTS_CHECK_BOX_H

#include "maildir/index.h"

extern struct maildir box;
extern char box_name[MAILDIR_NAME_MAX + 1]; /* of the last delivery */

void box_open(void);
void box_close(void);

/* Delivers TEXT as mda does, and tells INDEX unless it is NULL. */
void box_deliver(struct index *index, const char *text,
    const struct delivery *delivery);

/* From now on this process has the rights of an mda worker.  0, or -1. */
int box_confine(void);

/* Puts a file there as another program would: "cur/NAME". */
void box_put(const char *place, const char *text);

/*
 * Waits until nothing has changed in the folders for as long as their times
 * need to be believed: two seconds.
 */
void box_settle(void);

/* Whether FOLDER's times are younger than that. */
bool box_has_just_changed(int folder);

/* What the index lists, "new/NAME[FLAGS] " each, in a static buffer. */
const char *box_contents(struct index *index);

/* The octets it lists, "10 77 ", in a static buffer. */
const char *box_sizes(struct index *index);

int box_count(struct index *index);

#endif
