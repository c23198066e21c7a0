/*
 * words.h - text broken into words as the full-text search breaks it.
 *
 * By FTS5's own tokenizer (unicode61): letters and digits of all scripts make
 * words, without case and without accents.  So a header that is compared here
 * and a text that FTS5 has read follow the same rules.
 */
#ifndef MAILDIR_WORDS_H
#define MAILDIR_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Given to FTS5 for its tables, too. */
#define WORDS_TOKENIZER "unicode61"
#define WORDS_REMOVE_DIACRITICS "2"

enum { PHRASE_WORDS_MAX = 32 };

/* Words that follow one another. */
struct phrase {
	char *words[PHRASE_WORDS_MAX];
	size_t count;
	bool begins; /* of the last word the beginning is enough */
};

struct word_breaker;

/* Never NULL.  For one process: not carried across fork(). */
struct word_breaker *word_breaker_new(void);
void word_breaker_free(struct word_breaker *breaker);

/*
 * Breaks TEXT.  False when it has more words than a phrase may have; the
 * phrase is to be cleared all the same.
 */
bool phrase_read(struct word_breaker *breaker, const char *text, bool begins,
    struct phrase *phrase_out);
void phrase_clear(struct phrase *phrase);

/* Whether TEXT has the words of PHRASE in a row.  One of no words is nowhere.
 */
bool phrase_is_in(struct word_breaker *breaker, const struct phrase *phrase,
    const char *text);

#endif
