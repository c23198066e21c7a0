/*
 * deliver.h - one message into the mailboxes of its recipients.
 *
 * LMTP and the command fill a struct arrival, then call deliver_copies().  A
 * copy is Return-Path, X-Original-To, Delivered-To, in this order, then the
 * message; nothing else is changed in it but Return-Path fields that were there
 * before.
 */
#ifndef MDA_DELIVER_H
#define MDA_DELIVER_H

#include "common/directory.h"
#include "common/reply.h"
#include "maildir/index.h"

struct config;
struct parcel;

struct arrival {
	const struct config *config;
	struct parcel *parcel; /* the caller's */
	int64_t lines;         /* LFs in it */
	/* The envelope, all but the recipient; never NULL. */
	struct delivery envelope;
	/*
	 * Hears each outcome as soon as it is sure, which is before the index
	 * is told of it: the client need not wait for that.  May be NULL.
	 */
	void (*answer)(void *arg, const struct reply *r);
	void *arg;
};

/* Once the message is whole: makes its header ready for the last stop. */
void deliver_prepare(struct arrival *arrival);

/*
 * Puts a copy into MAILBOX.  ORIGINAL is the recipient as it was given at
 * first, printable ASCII.  "250 2.0.0" is only returned when the copy would
 * survive a power cut; with anything else no copy is there.
 */
struct reply deliver_copy(const struct arrival *arrival,
    const struct mailbox *mailbox, const char *original);

/* The same for COUNT mailboxes, no two the same, with few flushes. */
struct target {
	const struct mailbox *mailbox;
	const char *original;
	struct reply reply; /* how it went */
};
void deliver_copies(const struct arrival *arrival, struct target *targets,
    size_t count);

#endif
