/*
 * anatomy.h - a message taken apart to its bytes: which byte belongs to what,
 * what each line means, and what about it is odd.
 *
 * Nodes cover the message from the first byte to the last, each byte in one of
 * them; lines are as stored.  The first ANATOMY_MAX bytes are looked at.
 */
#ifndef MUA_ANATOMY_H
#define MUA_ANATOMY_H

#include "common/buf.h"
#include "maildir/message.h"
#include "maildir/parts.h"

#include <stdint.h>

enum { ANATOMY_MAX = 8 * 1024 * 1024, ODDITIES_MAX = 1000 };

enum node_kind {
	NODE_FROM_LINE, /* "From a@b date", of an mbox */
	NODE_FIELD,
	NODE_BLANK,    /* between header and body */
	NODE_TEXT,     /* the body of a part without parts */
	NODE_BOUNDARY, /* a line that begins a part */
	NODE_CLOSING,  /* the line that ends a multipart */
	NODE_PREAMBLE,
	NODE_EPILOGUE,
};

struct node {
	enum node_kind kind;
	size_t part; /* it belongs to; of a boundary: the multipart */
	size_t start;
	size_t end;
};

struct oddity {
	size_t offset;
	char *what; /* a sentence, harmless */
};

struct anatomy {
	struct message *message;
	const char *data;
	size_t size; /* looked at */
	bool cut;    /* there is more */
	bool crlf;   /* its lines end in CRLF: a file from elsewhere */
	struct node *nodes;
	size_t node_count;
	uint32_t *lines;       /* where each begins */
	unsigned char *phases; /* of a base64 text: digits mod 4 before it */
	size_t line_count;
	struct oddity *oddities; /* in order of offset */
	size_t oddity_count;
	bool more_oddities;
};

/* MESSAGE stays the caller's and must outlive it. */
void anatomy_read(struct message *message, struct anatomy *out);
void anatomy_clear(struct anatomy *anatomy);

/* The node that holds the byte at OFFSET; the line that does. */
const struct node *anatomy_node(const struct anatomy *anatomy, size_t offset);
size_t anatomy_line(const struct anatomy *anatomy, size_t offset);

/* The bytes of LINE with its end: *SIZE_OUT of them. */
const char *anatomy_bytes(const struct anatomy *anatomy, size_t line,
    size_t *size_out);

/* The first oddity at or behind OFFSET: an index, oddity_count for none. */
size_t anatomy_oddity(const struct anatomy *anatomy, size_t offset);

/* "Subject", "--b", "text of part 2": appended to TO. */
void anatomy_label(const struct anatomy *anatomy, const struct node *node,
    struct buf *to);

/*
 * What LINE stands for: a field decoded and explained, a line of a body with
 * its encodings undone.  Appended to TO, not yet harmless.
 */
void anatomy_meaning(const struct anatomy *anatomy, size_t line,
    struct buf *to);

/*
 * LINE as bytes to look at: its end only where that is odd, what is no UTF-8 as
 * <E9>.  Harmless.
 */
void anatomy_show(const struct anatomy *anatomy, size_t line, struct buf *to);

/* For the examiners (oddity*.c): one more, at OFFSET. */
void anatomy_odd(struct anatomy *anatomy, size_t offset, const char *fmt, ...)
    PRINTF(3, 4);

#endif
