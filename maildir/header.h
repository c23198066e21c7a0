/*
 * header.h - where a header ends, and the fields in it.
 *
 * Knows nothing of MIME.  Works on bytes in memory and allocates nothing: a
 * field points into the data given.
 */
#ifndef MAILDIR_HEADER_H
#define MAILDIR_HEADER_H

#include <stdbool.h>
#include <stddef.h>

/* How a header and its body are told apart. */
struct header_end {
	size_t size;   /* of the header's lines, without the blank line */
	size_t body;   /* where the body begins */
	bool blank;    /* a blank line stands between them */
	bool complete; /* false: the data ended within the header */
};

/*
 * The header of the message or part at DATA.  It ends at the blank line or, as
 * in mail typed by hand, before the first line that is no field.
 */
struct header_end header_find_end(const char *data, size_t size);

struct header_field {
	const char *name;
	size_t name_size;
	const char *value; /* behind the colon, raw, folds and last LF in it */
	size_t value_size;
};

/*
 * The next field at *CURSOR, of a header of header_find_end() that ends at
 * END; moves *CURSOR behind it.  False when there is none.
 */
bool header_next(const char **cursor, const char *end,
    struct header_field *field_out);

/* Whether it is called NAME, in any case. */
bool header_is(const struct header_field *field, const char *name);

/* The first field called NAME.  False when there is none. */
bool header_find(const char *header, size_t size, const char *name,
    struct header_field *field_out);

#endif
