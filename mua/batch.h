/*
 * batch.h - the mua without a terminal: for scripts, pipes and tests.
 *
 * Nothing is changed: a message shown here stays unread.  Both write to
 * standard output and return an exit status.
 */
#ifndef MUA_BATCH_H
#define MUA_BATCH_H

#include "mua/mailbox.h"

#include <stdbool.h>

enum { EXIT_NO_MESSAGE = 1 };

/*
 * One line a message that is shown, in the mailbox's order, with the lines of
 * its thread where that is by threads; on a terminal cut to its width.
 */
int batch_list(struct mailbox *mailbox);

/*
 * Leaves in the list what the query TEXT asks for.  Not 0 when it cannot be
 * understood: it is said why.  Whether only headers could be searched, which
 * is said too, in PARTLY_OUT.
 */
int batch_limit(struct mailbox *mailbox, const char *text, bool *partly_out);

enum batch_form {
	BATCH_WEEDED,       /* the headers that matter, and the body */
	BATCH_FULL_HEADERS, /* all headers as stored, and the body */
	BATCH_RAW,          /* the bytes as stored, and nothing else */
	/* The windows; see windows.h and raw_text.h. */
	BATCH_VIEW_RAW,
	BATCH_VIEW_STRUCTURE,
	BATCH_VIEW_TRACE,
	BATCH_VIEW_ENVELOPE,
};

/* The form of the window called NAME; false when there is none. */
bool batch_find_view(const char *name, enum batch_form *form_out);

/* Message NUMBER, from 1. */
int batch_show(struct mailbox *mailbox, size_t number, enum batch_form form);

#endif
