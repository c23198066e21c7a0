/*
 * typing.h - the keys a person types, also those typed during a long work.
 */
#ifndef MUA_TYPING_H
#define MUA_TYPING_H

#include <stdbool.h>

struct terminal;

enum { TYPING_AHEAD_MAX = 64 /* keys that are kept; more are lost */ };

struct typing {
	int ahead[TYPING_AHEAD_MAX];
	int count;
};

/* The next key, or K_NOTHING after SECONDS, as terminal->read_key. */
int typing_next(struct typing *typing, struct terminal *terminal, int seconds);

/*
 * During a long work: whether Ctrl-C or Esc was typed, or TERMINAL is gone.
 * What else was typed is kept for typing_next().
 */
bool typing_breaks_off(struct typing *typing, struct terminal *terminal);

/* Before a question that nobody has seen yet: what was typed is no answer. */
void typing_forget(struct typing *typing);

#endif
