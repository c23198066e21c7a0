/*
 * mbox_quote.h - From_ at the begin of a line, quoted and unquoted.
 */
#ifndef MAILDIR_MBOX_QUOTE_H
#define MAILDIR_MBOX_QUOTE_H

#include "maildir/mbox.h"

enum mbox_quoting {
	QUOTE_ADD,      /* one > more */
	QUOTE_TAKE,     /* one > less, where there is one */
	QUOTE_TAKE_ONE, /* likewise, where there is but one */
	QUOTE_LEAVE,
};

/*
 * A filter in front of SINK.  It works byte by byte and keeps no line, so the
 * begin of one may be as long as somebody cares to make it.
 */
struct mbox_quote {
	enum mbox_quoting quoting;
	mbox_sink *sink;
	void *arg;
	bool inside;   /* a line that is none of them, or is done */
	int64_t marks; /* > at its begin, held back */
	size_t match;  /* of From_ behind them, held back */
};

int mbox_quote_add(struct mbox_quote *quote, const char *data, size_t size);

/* What is held back goes as it is: the end. */
int mbox_quote_end(struct mbox_quote *quote);

#endif
