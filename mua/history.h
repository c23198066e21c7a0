/*
 * history.h - what was answered before, a list for each question.
 */
#ifndef MUA_HISTORY_H
#define MUA_HISTORY_H

#include <stddef.h>

struct history_item {
	char *question;
	char *answer;
};

/* The oldest first.  All zero is an empty one. */
struct history {
	struct history_item *items;
	size_t count;
};

/* Remembers ANSWER, unless it is empty; one given before becomes the last. */
void history_add(struct history *history, const char *question,
    const char *answer);

/*
 * The answer to QUESTION next before, or after, place *AT, which moves to it;
 * the place history->count is behind all of them.  NULL, and *AT stays (the
 * older one) or is history->count (the newer one), when there is none.
 */
const char *history_older(const struct history *history, const char *question,
    size_t *at);
const char *history_newer(const struct history *history, const char *question,
    size_t *at);

void history_clear(struct history *history);

#endif
