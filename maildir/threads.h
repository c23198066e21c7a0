/*
 * threads.h - which messages belong together, and which answers which.
 *
 * By References and In-Reply-To as RFC 5256's REFERENCES does (Zawinski's
 * algorithm); what these leave apart, by the base subject, but only answers: a
 * weekly mail with the same subject each time is no thread, as in mutt.  Time
 * grows with the number of ids named, whatever they say.
 */
#ifndef MAILDIR_THREADS_H
#define MAILDIR_THREADS_H

#include <stddef.h>
#include <stdint.h>

struct threads;

/* Strings live until threads_add() returns.  Ids without <>. */
struct threads_message {
	int64_t uid; /* more than 0; ascending */
	const char *message_id;
	const char *in_reply_to;
	const char *references; /* blank-separated */
	const char *subject;    /* decoded */
};

struct threads *threads_new(void);
void threads_free(struct threads *threads);

void threads_add(struct threads *threads,
    const struct threads_message *message);

/* After the last one was added. */
void threads_settle(struct threads *threads);

size_t threads_count(const struct threads *threads);

/* What came of message I, counted as they were added. */
struct threads_place {
	int64_t uid;
	int64_t thread; /* uid of the oldest in it */
	/* Uid of the one it answers, or of whom that answered if it is gone;
	 * 0 when there is none of these. */
	int64_t parent;
};
struct threads_place threads_place(struct threads *threads, size_t i);

#endif
