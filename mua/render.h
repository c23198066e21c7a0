/*
 * render.h - a message made into lines to read.  Both the pager and the batch
 * commands show what comes out of here.
 */
#ifndef MUA_RENDER_H
#define MUA_RENDER_H

#include "maildir/message.h"
#include "mua/lines.h"

#include <stdbool.h>
#include <stdint.h>

struct render_options {
	bool full_headers; /* all, as stored, below the "From " line */
	int64_t received;  /* the delivery date for that line, 0 unknown */
};

/*
 * Appends the header, an empty line and the body: texts decoded, attachments
 * and what is wrong named each in a line of ours.  Of alternatives the plain
 * text is taken.
 */
void render_message(struct message *message,
    const struct render_options *options, struct lines *lines);

/*
 * Appends part I alone: a text decoded, a message within the message in full,
 * anything else as a hexadecimal dump.
 */
void render_part(struct message *message, size_t i, struct lines *lines);

/* "cat.png, image/png, 12K", "a.txt, text/plain, 74 bytes": what there is to
 * say, appended to TO. */
void render_part_title(const struct part *part, int64_t octets, struct buf *to);

/* Whether a part is text to show, or a message to show within another. */
bool render_is_text(const struct part *part);
bool render_is_message(const struct part *part);

/* The first part behind part I that is not within it. */
size_t render_part_end(const struct message *message, size_t i);

/* render_text.c: the decoded CONTENT of part I, a text. */
void render_text(const struct message *message, size_t i,
    const struct buf *content, struct lines *lines);

/* render_body.c; NESTING is how many messages it is within. */
void render_body(struct message *message, int nesting, struct lines *lines);
void render_headers(struct message *message,
    const struct render_options *options, struct lines *lines);

#endif
