/*
 * windows.h - looks at one message that are made of lines: its structure, its
 * way, its envelope.  (The fourth window, the raw one, has a view of its own.)
 *
 * Both the views and the batch commands show what comes out of here.
 */
#ifndef MUA_WINDOWS_H
#define MUA_WINDOWS_H

#include "maildir/index.h"
#include "maildir/message.h"
#include "mua/journey.h"
#include "mua/lines.h"

struct ui;

/*
 * What the index has kept of a message's delivery.  Strings are never NULL;
 * KNOWN says whether the index has the message at all.
 */
struct kept_envelope {
	bool known;
	char *sender;
	char *recipient;
	char *helo;
	char *peer;
	char *login;
	char *protocol;
	char *tls;
	char *queue_id;
};

/* What a window is about; nothing in it is the window's. */
struct subject {
	struct message *message;
	const struct kept_envelope *envelope;
};

/* Appends lines for a screen of COLUMNS (at least 20). */
typedef void window_lines(const struct subject *subject, int columns,
    struct lines *lines);

window_lines structure_lines; /* structure_lines.c */
window_lines trace_lines;     /* trace_lines.c */
window_lines envelope_lines;  /* envelope_lines.c */

/* Opens a window on the current message.  Says why when it cannot. */
void window_open_structure(struct ui *ui);
void window_open_trace(struct ui *ui);
void window_open_envelope(struct ui *ui);

#endif
