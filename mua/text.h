/*
 * text.h - UTF-8 text as a terminal counts it: columns, not bytes.
 *
 * Widths are wcwidth()'s, the ones ncurses goes by; the locale's character set
 * must be UTF-8 (see text_use_utf8).  Text from a message has passed
 * text_safe(); what still has no width counts one column and is shown as
 * U+FFFD.  Line ends do not occur in it.
 */
#ifndef MUA_TEXT_H
#define MUA_TEXT_H

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXT_UNKNOWN "\xEF\xBF\xBD"

/* Sets the locale; where it is not UTF-8, its character set to UTF-8. */
void text_use_utf8(void);

/*
 * The character at S (not at its end): its length in bytes; in COLUMNS_OUT its
 * width, 0 for one that combines with the last, -1 for one without any.
 */
size_t text_next(const char *s, int *columns_out);

/* The length in bytes of the last character of S, SIZE > 0. */
size_t text_last(const char *s, size_t size);

/* The columns that the first SIZE bytes of S take.  No tabs. */
int text_columns(const char *s, size_t size);

/*
 * Where NEEDLE begins in TEXT, whatever the case of letters, with the length
 * found in SIZE_OUT (may be NULL); NULL when it does not.
 */
const char *text_find(const char *text, const char *needle, size_t *size_out);

/* "7", "512", "1.2K", "12K", "3.4M": at most five columns, octets. */
const char *text_size(int64_t octets, char text[8]);

/* The name in "Name <a@b>", or the address where there is none. */
void text_person(const char *from, struct buf *to);

#endif
