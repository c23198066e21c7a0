/*
 * mailbox.h - the model: the messages of one Maildir, or of one file.
 *
 * Entries are in order of arrival; the number a person sees is the place in it,
 * from 1, however the list is sorted.  What the list shows, and in which order,
 * is in rows (mailbox_rows.h).
 *
 * From a good index a list of any length is loaded without opening a message;
 * without one, what the list shows is read from the message when it is first
 * asked for (mailbox_entry).  Marks live here only, until mailbox_purge().
 */
#ifndef MUA_MAILBOX_H
#define MUA_MAILBOX_H

#include "maildir/folder_times.h"
#include "maildir/index.h"
#include "maildir/maildir.h"
#include "maildir/message.h"
#include "mua/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Strings are the mailbox's, until the next load. */
struct mailbox_entry {
	const char *name; /* of the file, as last seen */
	uint64_t flags;   /* see mailbox_has_flag() */
	int64_t uid;      /* in the index; without one its number */
	int64_t thread;   /* uid of its thread's oldest message; 0 unknown */
	int64_t parent;   /* uid of the message that it answers; 0 none */
	int64_t octets;   /* with CRLF, as POP3 counts; a file's as stored */
	int64_t received; /* seconds since 1970; 0 unknown */
	uint32_t row;     /* in mailbox->rows, or MAILBOX_NO_ROW */
	bool in_new;
	bool refers;     /* it names ids of others; known with parent */
	bool deleted;    /* marked for removal */
	bool tagged;     /* marked for an operation on many */
	bool limited;    /* not shown: the limit leaves it out */
	bool collapsed;  /* what answers it is not shown */
	bool fresh;      /* came with the last load, and not with the first */
	bool summarised; /* the following are there */
	int attachments;
	int64_t date; /* of the Date field; received without one */
	const char *from;
	const char *to;
	const char *subject;
};

#define MAILBOX_NO_ROW UINT32_MAX

enum sort {
	SORT_ARRIVAL,
	SORT_DATE,
	SORT_FROM,
	SORT_SUBJECT,
	SORT_SIZE,
	SORT_THREADS,
};

struct mailbox {
	char *path;
	bool is_file; /* one message in a file, nothing can be changed */
	struct maildir maildir;
	struct index *index; /* may be NULL */
	struct mailbox_entry *entries;
	size_t count;
	size_t current;  /* stays on its message when the mailbox is reloaded */
	size_t arrivals; /* messages that came while it was open */
	struct folder_times seen; /* when loaded */
	time_t loaded;            /* 0: never yet */
	bool doubtful; /* something may have come unseen: look again soon */
	bool whole;    /* all are summarised, and their threads known */
	struct arena arena; /* strings of the entries */
	enum sort sort;     /* change them with mailbox_rows.h */
	bool reverse;
	uint32_t *rows; /* entries in the order in which they are shown */
	size_t row_count;
	struct thread_node *threads; /* one an entry; with SORT_THREADS only */
};

/*
 * Opens the Maildir, or the file with a single message, at PATH; entries come
 * with mailbox_load().  NULL when it is neither: WHY is then a sentence.
 */
struct mailbox *mailbox_open(const char *path, char *why, size_t size);
void mailbox_close(struct mailbox *mailbox);

/* Whether PATH has the folders of a Maildir. */
bool mailbox_is_maildir(const char *path);

/*
 * Reads what is there, keeping marks, order, limit and the current message; the
 * first time, the current one is the first unread one, or the last.  What has
 * come is not limited: it is shown.  0 or -1.
 */
int mailbox_load(struct mailbox *mailbox);

/* Whether it looks different from when it was loaded.  Two calls of stat(). */
bool mailbox_changed(const struct mailbox *mailbox);

/* For after a change of our own: what is there now has been seen. */
void mailbox_note_times(struct mailbox *mailbox);

/* Entry I with its summary.  Valid until the next load. */
const struct mailbox_entry *mailbox_entry(struct mailbox *mailbox, size_t i);

/* The entry with that uid in the index; NULL for none. */
struct mailbox_entry *mailbox_by_uid(const struct mailbox *mailbox,
    int64_t uid);

/* Maildir's letters: S seen, R replied, F flagged, T trashed. */
bool mailbox_has_flag(const struct mailbox_entry *entry, char flag);

/* The letters of FLAGS as a set of them. */
uint64_t mailbox_flags(const char *flags);

/* And back: the letters of a set, sorted. */
void mailbox_name_flags(uint64_t set, char flags[MAILDIR_FLAGS_MAX + 1]);

/* Sets or takes away FLAG and moves the message to cur/.  0 or -1. */
int mailbox_set_flag(struct mailbox *mailbox, size_t i, char flag, bool set);

/*
 * Opens the message.  NULL, with errno, when it is gone or unreadable.  Or its
 * file for reading: -1 then; the caller closes it.
 */
struct message *mailbox_message(struct mailbox *mailbox, size_t i);
int mailbox_message_fd(struct mailbox *mailbox, size_t i);

/* Marks it for removal, or not. */
void mailbox_mark_deleted(struct mailbox *mailbox, size_t i, bool deleted);
size_t mailbox_deleted(const struct mailbox *mailbox);
size_t mailbox_unread(const struct mailbox *mailbox);

/*
 * Removes what is marked, durably.  Returns how many could not be; those stay,
 * with their mark.
 */
size_t mailbox_purge(struct mailbox *mailbox);

#endif
