/*
 * history.c - what was answered before.  A session's worth of it, and no file:
 * what somebody has searched for is nobody's business tomorrow.
 */
#include "mua/history.h"

#include "common/mem.h"

#include <stdlib.h>
#include <string.h>

enum { HISTORY_MAX = 200 };

static void
remove_item(struct history *history, size_t at)
{
	free(history->items[at].question);
	free(history->items[at].answer);
	history->count--;
	memmove(&history->items[at], &history->items[at + 1],
	    (history->count - at) * sizeof(*history->items));
}

void
history_add(struct history *history, const char *question, const char *answer)
{
	if (*answer == '\0')
		return;
	if (history->items == NULL)
		history->items =
		    xcalloc(HISTORY_MAX + 1, sizeof(*history->items));
	for (size_t i = 0; i < history->count; i++) {
		const struct history_item *item = &history->items[i];

		if (strcmp(item->question, question) == 0 &&
		    strcmp(item->answer, answer) == 0) {
			remove_item(history, i);
			break;
		}
	}
	if (history->count == HISTORY_MAX)
		remove_item(history, 0);
	history->items[history->count++] = (struct history_item){
		.question = xstrdup(question),
		.answer = xstrdup(answer),
	};
}

const char *
history_older(const struct history *history, const char *question, size_t *at)
{
	for (size_t i = *at; i > 0; i--) {
		if (strcmp(history->items[i - 1].question, question) == 0) {
			*at = i - 1;
			return history->items[i - 1].answer;
		}
	}
	return NULL;
}

const char *
history_newer(const struct history *history, const char *question, size_t *at)
{
	for (size_t i = *at + 1; i < history->count; i++) {
		if (strcmp(history->items[i].question, question) == 0) {
			*at = i;
			return history->items[i].answer;
		}
	}
	*at = history->count;
	return NULL;
}

void
history_clear(struct history *history)
{
	while (history->count > 0)
		remove_item(history, history->count - 1);
	free(history->items);
	*history = (struct history){ 0 };
}
