/* mbox_quote.c - From_ at the begin of a line, quoted and unquoted. */
#include "maildir/mbox_quote.h"

#include <string.h>

static const char from[] = "From ";
enum { FROM_SIZE = sizeof(from) - 1 };

/* How many > the line gets that has MARKS. */
static int64_t
new_marks(const struct mbox_quote *quote)
{
	switch (quote->quoting) {
	case QUOTE_ADD:
		return quote->marks + 1;
	case QUOTE_TAKE:
		return quote->marks > 0 ? quote->marks - 1 : 0;
	case QUOTE_TAKE_ONE:
		return quote->marks == 1 ? 0 : quote->marks;
	default:
		return quote->marks;
	}
}

/* Lets go of what is held back, with MARKS. */
static int
release(struct mbox_quote *quote, int64_t marks)
{
	static const char many[] = ">>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>";
	size_t match = quote->match;

	quote->inside = true;
	quote->marks = 0;
	quote->match = 0;
	while (marks > 0) {
		size_t n = sizeof(many) - 1;

		if (marks < (int64_t)n)
			n = (size_t)marks;
		if (quote->sink(quote->arg, many, n) == -1)
			return -1;
		marks -= (int64_t)n;
	}
	return match == 0 ? 0 : quote->sink(quote->arg, from, match);
}

/* One byte at the begin of a line.  1 when it was taken, 0 not; -1. */
static int
look(struct mbox_quote *quote, char c)
{
	if (c == '>' && quote->match == 0) {
		quote->marks++;
		return 1;
	}
	if (c != from[quote->match])
		return release(quote, quote->marks);
	quote->match++;
	if (quote->match < FROM_SIZE)
		return 1;
	return release(quote, new_marks(quote)) == -1 ? -1 : 1;
}

int
mbox_quote_add(struct mbox_quote *quote, const char *data, size_t size)
{
	size_t i = 0;

	while (i < size) {
		const char *end;
		size_t n;
		int taken;

		if (!quote->inside) {
			taken = look(quote, data[i]);
			if (taken == -1)
				return -1;
			i += (size_t)taken;
			continue;
		}
		end = memchr(data + i, '\n', size - i);
		n = end == NULL ? size - i : (size_t)(end - data) + 1 - i;
		if (quote->sink(quote->arg, data + i, n) == -1)
			return -1;
		quote->inside = end == NULL;
		i += n;
	}
	return 0;
}

int
mbox_quote_end(struct mbox_quote *quote)
{
	return release(quote, quote->marks);
}
