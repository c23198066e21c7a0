/*
 * mbox_label.h - what stands in front of a message in an mbox of ours, and the
 * Status fields of others.
 */
#ifndef MAILDIR_MBOX_LABEL_H
#define MAILDIR_MBOX_LABEL_H

#include "maildir/mbox.h"

#define MBOX_LABEL "X-Postlab-File: "

/* Writes the From_ line and the label of MESSAGE. */
void mbox_label_write(FILE *to, const struct mbox_message *message);

/*
 * If LINE is X-Postlab-File with a place that can be: true, and folder and name
 * are in MESSAGE.
 */
bool mbox_label_read(const char *line, struct mbox_message *message);

/* If LINE is Status or X-Status: true, and what it says is in MESSAGE. */
bool mbox_status_read(const char *line, struct mbox_message *message);

#endif
