/*
 * mbox.h - many messages in one file (RFC 4155), read and written.
 *
 * Written is mboxrd: a line that begins with >*From_ gets one more >, and each
 * message one LF more at its end, so that every byte comes back, also of one
 * whose last line is not finished.  What a Maildir knows beside the message
 * goes in front of its header, and is taken off again when it is read:
 *
 *   From zoe@far.example Sun Nov 22 02:13:17 2026
 *   X-Postlab-File: cur/1795313597.M1P2Q3.mail,S=1201,W=1240:2,S
 *   Status: RO
 *   X-Status: AF
 *
 * Read are also the files of procmail, mutt and others: there Status and
 * X-Status are looked for in all of the header.
 */
#ifndef MAILDIR_MBOX_H
#define MAILDIR_MBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "maildir/maildir.h"

enum { MBOX_SENDER_MAX = 320, MBOX_FOLDER_MAX = 200 };

/* How lines that begin with From_ were quoted. */
enum mbox_form {
	MBOX_RD, /* >*From_ got one > more */
	MBOX_O,  /* From_ got one, >From_ none */
	MBOX_CL, /* not at all: Content-Length tells where a message ends */
};

/* What a message in an mbox has beside its bytes. */
struct mbox_message {
	int64_t date; /* of the From_ line, in UTC */
	char sender[MBOX_SENDER_MAX + 1];
	bool old; /* was seen by a program: cur/ */
	char
	    flags[MAILDIR_FLAGS_MAX + 1]; /* as in a Maildir name, not sorted */
	/* Of X-Postlab-File; "" without.  From anybody, but a plain name. */
	char
	    folder[MBOX_FOLDER_MAX + 1]; /* ".Sent"; "" is the mailbox itself */
	char name[MAILDIR_NAME_MAX + 1];
};

/* Takes bytes; 0, or -1 for trouble. */
typedef int mbox_sink(void *arg, const char *data, size_t size);

struct mbox;

/* FILE stays the caller's. */
struct mbox *mbox_new(FILE *file, enum mbox_form form);
void mbox_free(struct mbox *mbox);

enum mbox_result {
	MBOX_END,
	MBOX_MESSAGE, /* read whole */
	MBOX_NONE,    /* the file does not begin as an mbox does */
	MBOX_TROUBLE, /* the file cannot be read, or SINK failed */
};

/* Reads the next message into SINK. */
enum mbox_result mbox_read(struct mbox *mbox, mbox_sink *sink, void *arg,
    struct mbox_message *message_out);

/*
 * Appends the message readable from FD to TO.  0, or -1 with errno; what was
 * written of it is then in TO.
 */
int mbox_write(FILE *to, int fd, const struct mbox_message *message);

/* Whether LINE is "From sender date"; then its sender and date. */
bool mbox_from_line(const char *line, struct mbox_message *message_out);

/*
 * Whether the file at PATH is an mbox with more than one message: it begins
 * with a line "From sender date", and so does a paragraph further on.
 */
bool mbox_has_several(const char *path);

#endif
