/*
 * query_words.h - the words of the query language, for who types them.
 */
#ifndef MUA_QUERY_WORDS_H
#define MUA_QUERY_WORDS_H

#include "mua/lines.h"

#include <stdbool.h>

/* "all", or mutt's "." and "~A". */
bool query_words_mean_all(const char *text);

/* A prompt_complete: "fr" is from:, "is:u" is:unread; nothing lists all. */
void query_words_complete(void *arg, struct buf *text, struct lines *choices);

#endif
