/*
 * parts.h - the part tree of a message in memory.
 *
 * A splitter of our own and not GMime's parser, because that one drops what it
 * cannot make sense of: the text of a part without a blank line, a message
 * without a header, the rest behind a damaged boundary.  Here every byte of
 * the message belongs to a part, a preamble or an epilogue; parameters and
 * values are read by GMime.
 *
 * Bounded: 100 levels, 1000 parts; what lies beyond is text of the last one.
 */
#ifndef MAILDIR_PARTS_H
#define MAILDIR_PARTS_H

#include "maildir/message.h"

enum { PART_DEPTH_MAX = 100, PART_COUNT_MAX = 1000 };

/* A part, and where it is in the message. */
struct located_part {
	struct part part;
	size_t header;
	size_t header_size;
	size_t body;
	size_t body_size;
	char *boundary;      /* of a multipart, else NULL */
	bool malformed_type; /* text/plain; charset=us-ascii then, RFC 2045 5.2
			      */
	bool examined;       /* faults of its content have been told */
};

struct part_list {
	struct located_part *parts;
	size_t count;
	size_t room;
};

/* Splits the message of SIZE bytes at DATA.  Clear with parts_clear(). */
void parts_split(const char *data, size_t size, struct part_list *list_out);
void parts_clear(struct part_list *list);

/*
 * Whether the line at LINE, which begins with "--" and is LENGTH bytes long
 * with its end, delimits BOUNDARY (RFC 2046 5.1.1).  Blanks before the boundary
 * are accepted: CLOSING_OUT says whether "--" follows it.
 */
bool parts_is_delimiter(const char *line, size_t length, const char *boundary,
    bool *closing_out);

/* Adds a sentence to the part's fault. */
void part_add_fault(struct part *part, const char *fmt, ...) PRINTF(2, 3);

#endif
