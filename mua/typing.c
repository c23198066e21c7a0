/*
 * typing.c - a short queue between the terminal and who reads keys.
 */
#include "mua/typing.h"

#include "mua/keys.h"
#include "mua/ui.h"

#include <string.h>

int
typing_next(struct typing *typing, struct terminal *terminal, int seconds)
{
	int key = typing->ahead[0];

	if (typing->count == 0)
		return terminal->read_key(terminal, seconds);
	typing->count--;
	memmove(typing->ahead, typing->ahead + 1,
	    (size_t)typing->count * sizeof(*typing->ahead));
	return key;
}

bool
typing_breaks_off(struct typing *typing, struct terminal *terminal)
{
	int key = terminal->read_key(terminal, 0);

	if (key == K_CANCEL || key == K_ESCAPE || key == K_GONE)
		return true;
	/* Where a click was is known of the last one only. */
	if (key != K_NOTHING && key != K_CLICK &&
	    typing->count < TYPING_AHEAD_MAX)
		typing->ahead[typing->count++] = key;
	return false;
}

void
typing_forget(struct typing *typing)
{
	typing->count = 0;
}
