/*
 * oddity.c - looks for everything that is odd.
 */
#include "mua/oddity.h"

#include <string.h>

size_t
oddity_offset(const struct anatomy *anatomy, const char *text)
{
	return (size_t)(text - anatomy->data);
}

bool
oddity_is_message(const struct anatomy *anatomy, size_t i)
{
	const struct part *part = message_part(anatomy->message, i);
	const struct part *before;

	if (i == 0)
		return true;
	before = message_part(anatomy->message, i - 1);
	return before->multipart && before->depth == part->depth - 1 &&
	    strncmp(before->type, "message/", 8) == 0;
}

void
oddity_find(struct anatomy *anatomy)
{
	oddity_lines(anatomy);
	oddity_headers(anatomy);
	oddity_bodies(anatomy);
}
