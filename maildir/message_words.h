/*
 * message_words.h - what a search finds in a message beside what the index
 * lists of it.
 */
#ifndef MAILDIR_MESSAGE_WORDS_H
#define MAILDIR_MESSAGE_WORDS_H

#include "common/buf.h"

/* All UTF-8. */
struct message_words {
	struct buf cc;
	struct buf body;  /* of all text parts; HTML without its tags */
	struct buf files; /* names, one a line */
};

/*
 * Reads the message in FD (from its start, whatever the offset): its first
 * 8 MiB, of text the first MiB.  Never fails; clear it.
 */
void message_words_read(int fd, struct message_words *words_out);
void message_words_clear(struct message_words *words);

#endif
