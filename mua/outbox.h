/*
 * outbox.h - letters that wait to be sent, one file each, in a Maildir.
 *
 * A file begins with lines of our own, the envelope, and the message as it will
 * leave stands behind them:
 *
 *	X-Mua-Sender: bob@campus.example
 *	X-Mua-Recipient: alice@far.example
 *	X-Mua-Recipient: carol@far.example 450 4.2.0 come back tomorrow
 *	X-Mua-Report: yes
 *	X-Mua-Bcc: Dave <dave@far.example>
 *	From: Bob <bob@campus.example>
 *	...
 *
 * What is in new/ waits.  It is moved to cur/ before the first byte of it is
 * offered to a server, and removed once the server has taken it.  So what is
 * found in cur/ is doubtful: the answer of a server was lost, or a mua was
 * killed at the wrong moment.  Only a person can decide to send it again.
 *
 * What is in cur/ with the flag S (":2,S") has left, but could not be put into
 * Sent: the copy is kept here, by a rename, which needs no room on the disk. It
 * is never sent again, and goes to Sent as soon as that can be written.
 */
#ifndef MUA_OUTBOX_H
#define MUA_OUTBOX_H

#include "maildir/maildir.h"
#include "mua/people.h"

#include <stdbool.h>

struct outbox_recipient {
	char *address;
	char *words; /* what the server said last: "450 4.2.0 later", or "" */
};

enum outbox_state { OUTBOX_WAITING, OUTBOX_DOUBTFUL, OUTBOX_SENT };

struct outbox_item {
	char *name; /* of the file */
	enum outbox_state state;
	char *sender;
	struct outbox_recipient *recipients;
	size_t count;
	bool wants_report;
	char *bcc; /* the field's value, "" without */
};

/* Makes an empty one; frees what one holds. */
void outbox_item_init(struct outbox_item *item);
void outbox_item_clear(struct outbox_item *item);
void outbox_item_add(struct outbox_item *item, const char *address,
    const char *words);

/*
 * Puts the message in FD (from its current offset) into BOX.  0 once it would
 * survive a power cut, with its name in NAME_OUT (MAILDIR_NAME_MAX + 1 bytes);
 * -1 with errno.
 */
int outbox_put(const struct maildir *box, const struct outbox_item *item,
    int fd, char *name_out);

/* What a file that lies in new/ or in cur/, with that name, is. */
enum outbox_state outbox_state(bool in_new, const char *name);

/*
 * Reads the envelope of the file NAME; the descriptor returned stands at the
 * beginning of the message.  -1 with errno; EBADMSG: it is none of ours.
 */
int outbox_open(const struct maildir *box, enum outbox_state state,
    const char *name, struct outbox_item *item_out);

/*
 * The names of all that is in BOX; the caller frees them and the list.  First
 * those that wait, the oldest first, then the doubtful, then those that were
 * sent.
 */
struct outbox_names {
	char **names;
	size_t waiting;
	size_t doubtful;
	size_t sent;
};
int outbox_list(const struct maildir *box, struct outbox_names *names_out);
void outbox_names_clear(struct outbox_names *names);

/* Makes the item what STATE says, durably.  0 or -1. */
int outbox_mark(const struct maildir *box, struct outbox_item *item,
    enum outbox_state state);

/* Removes the item, durably. */
int outbox_remove(const struct maildir *box, const struct outbox_item *item);

/*
 * One mua at a time may send from BOX: a lock, -1 when another has it; close()
 * gives it back.
 */
int outbox_lock(const struct maildir *box);

#endif
