/*
 * colours.c - reads which colour each kind of text shall have.
 */
#include "mua/colours.h"

#include <stdio.h>
#include <string.h>

static const char *const styles[STYLE_COUNT] = {
	[STYLE_NORMAL] = "normal",
	[STYLE_BAR] = "bar",
	[STYLE_SELECTED] = "selected",
	[STYLE_NEW] = "new",
	[STYLE_DELETED] = "deleted",
	[STYLE_LABEL] = "label",
	[STYLE_HEADER] = "header",
	[STYLE_QUOTE] = "quote",
	[STYLE_QUOTE_2] = "quote2",
	[STYLE_QUOTE_3] = "quote3",
	[STYLE_SIGNATURE] = "signature",
	[STYLE_PART] = "part",
	[STYLE_FAULT] = "fault",
	[STYLE_MATCH] = "match",
	[STYLE_ERROR] = "error",
};

/* From 1 on, as ECMA-48 counts them. */
static const char *const names[] = { "red", "green", "yellow", "blue",
	"magenta", "cyan", "white" };

/* Where the SIZE bytes of WORD are in LIST, or -1. */
static int
find_word(const char *const *list, size_t count, const char *word, size_t size)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] != NULL && strlen(list[i]) == size &&
		    memcmp(list[i], word, size) == 0)
			return (int)i;
	return -1;
}

/* One STYLE=COLOUR of SIZE bytes. */
static bool
read_setting(const char *text, size_t size, short *colours, char *why,
    size_t why_size)
{
	const char *equals = memchr(text, '=', size);
	size_t left = equals == NULL ? size : (size_t)(equals - text);
	size_t right = equals == NULL ? 0 : size - left - 1;
	int style = find_word(styles, STYLE_COUNT, text, left);
	int colour = -1;

	if (style == -1) {
		snprintf(why, why_size, "there is no style %.*s to colour",
		    (int)left, text);
		return false;
	}
	if (right > 0)
		colour = find_word(names, COUNT(names), equals + 1, right);
	if (colour == -1 &&
	    !(right == strlen("default") &&
		memcmp(equals + 1, "default", right) == 0)) {
		snprintf(why, why_size, "%.*s: want a style=colour", (int)size,
		    text);
		return false;
	}
	colours[style] = (short)(colour == -1 ? COLOUR_OWN : colour + 1);
	return true;
}

bool
colours_read(const char *text, short colours_out[STYLE_COUNT], char *why,
    size_t size)
{
	for (int i = 0; i < STYLE_COUNT; i++)
		colours_out[i] = COLOUR_UNSAID;
	for (;;) {
		size_t length;

		text += strspn(text, " ");
		length = strcspn(text, " ");
		if (length == 0)
			return true;
		if (!read_setting(text, length, colours_out, why, size))
			return false;
		text += length;
	}
}
