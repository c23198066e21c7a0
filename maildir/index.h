/*
 * index.h - the mailbox's index.sqlite: a cache, and the envelope.
 *
 * It may be missing, locked, cut, foreign or on a full disk at any moment:
 * every call then says so by its return value and the caller goes on without.
 * Nothing is lost but speed and the envelope columns; the index comes back by
 * index_sync().  It is never flushed, so it costs a delivery no fsync; after a
 * power cut it is examined before it is used.
 */
#ifndef MAILDIR_INDEX_H
#define MAILDIR_INDEX_H

#include "maildir/maildir.h"

struct index;

/* What most systems forget after delivery.  Strings may be "". */
struct delivery {
	const char *sender;    /* MAIL FROM, "" for <> */
	const char *recipient; /* as given in RCPT TO (X-Original-To) */
	const char *helo;
	const char *peer; /* client address */
	const char *login;
	const char *protocol; /* ESMTPSA ... */
	const char *tls;      /* version and cipher, as in Received */
	const char *queue_id;
};

/* One message as stored in the index. */
struct index_entry {
	int64_t uid;      /* ascending in order of arrival */
	const char *name; /* file name as last seen, with flags */
	bool in_new;
	int64_t octets;   /* with CRLF: POP3's size */
	int64_t received; /* seconds since 1970 */
	int64_t date;     /* of the Date field */
	const char *flags;
	const char *from;
	const char *to;
	const char *subject;
	const char *message_id;
	const char *in_reply_to; /* all three ids without <> */
	const char *references;  /* blank-separated */
	int64_t thread;          /* uid of the oldest message of its thread */
	int64_t parent; /* uid of the message above it there, 0 without */
	int attachments;
	struct delivery delivery;
};

/*
 * Opens or makes index.sqlite in MAILDIR.  A file that is no index of ours or
 * is broken is set aside (index.sqlite.bad) and a new one made.  NULL when it
 * cannot be used at all now; logged once.
 */
struct index *index_open(const struct maildir *maildir);
void index_close(struct index *index);

/*
 * Whether INDEX is still what is found in its Maildir.  When not, somebody has
 * put its files away: close it and open it again.
 */
bool index_is_there(const struct index *index);

/*
 * Whether a call has failed because of damage in it.  It is mended, or set
 * aside, when INDEX is closed.
 */
bool index_is_damaged(const struct index *index);

/*
 * Adds the message just committed as new/NAME, whose content is readable from
 * FD.  0, or -1: no matter, index_sync() will find it.
 */
int index_add(struct index *index, const char *name, int fd,
    const struct delivery *delivery);

/*
 * Makes the index say what new/ and cur/ hold.  Cheap when their mtime has not
 * changed since.  0, or -1.
 */
int index_sync(struct index *index, const struct maildir *maildir);

/*
 * Whether there were messages that it could not read; the next one looks for
 * them again.
 */
bool index_is_blind(const struct index *index);

/*
 * Calls EACH in order of uid until it returns other than 0; returns that.
 * Strings live until EACH returns.
 */
int index_list(struct index *index,
    int (*each)(void *arg, const struct index_entry *entry), void *arg);

/*
 * The one message with the base of NAME: calls EACH and returns what it
 * returns; 0 when there is none.
 */
int index_find(struct index *index, const char *name,
    int (*each)(void *arg, const struct index_entry *entry), void *arg);

/*
 * As index_list() with uid, name, in_new, octets and received alone, which is
 * faster.
 */
int index_list_sizes(struct index *index,
    int (*each)(void *arg, const struct index_entry *entry), void *arg);

/*
 * Tells it what the caller just did: the base of NAME now has these.  Many in
 * a row are faster between index_begin() and index_commit(); others cannot
 * write meanwhile.
 */
int index_begin(struct index *index);
int index_commit(struct index *index);
int index_removed(struct index *index, const char *name);
int index_renamed(struct index *index, bool in_new, const char *name);

#endif
