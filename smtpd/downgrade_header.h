/*
 * downgrade_header.h - the header of a message or of a part, as far as its
 * encoding goes (RFC 2045, 2046).
 *
 * Private to downgrade*.c.
 */
#ifndef SMTPD_DOWNGRADE_HEADER_H
#define SMTPD_DOWNGRADE_HEADER_H

#include "common/buf.h"

#include <stdbool.h>

enum { BOUNDARY_MAX = 70 /* RFC 2046 5.1.1 */ };

enum part_kind {
	PART_LEAF,      /* text, image ... */
	PART_MULTIPART, /* with a boundary */
	PART_MESSAGE,   /* message/rfc822: its body is a message */
	PART_FIXED,     /* what may not be changed, or makes no sense */
};

enum part_encoding {
	ENCODING_NONE, /* 7bit, or nothing said */
	ENCODING_8BIT, /* or binary */
	ENCODING_QP,
	ENCODING_OTHER, /* base64 or unknown */
};

struct part_header {
	enum part_kind kind;
	enum part_encoding encoding;
	char boundary[BOUNDARY_MAX + 1];
	bool is_digest; /* parts are messages unless they say what they are */
	bool has_version;
	bool has_type;
	bool eight_bit; /* itself has bytes above 127 */
};

/* Of TEXT, whole fields with LF line ends.  IN_DIGEST: what encloses it is. */
void part_header_parse(const char *text, bool in_digest,
    struct part_header *header_out);

/*
 * Appends TEXT to TO with Content-Transfer-Encoding: ENCODING, NULL to keep
 * what it says.  EXTRA, fields that are missing, goes behind it.
 */
void part_header_write(const char *text, const char *encoding,
    const char *extra, struct buf *to);

#endif
