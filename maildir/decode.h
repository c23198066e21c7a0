/*
 * decode.h - values of header fields, decoded by GMime.
 *
 * VALUE is what header_next() gives: raw, with folds, from anywhere.  Results
 * are UTF-8, one line, harmless for a terminal, at most LIMIT bytes and never
 * NULL unless said; the caller frees them.
 */
#ifndef MAILDIR_DECODE_H
#define MAILDIR_DECODE_H

#include <stddef.h>
#include <stdint.h>

/* Unstructured text with RFC 2047 words. */
char *decode_text(const char *value, size_t size, size_t limit);

/* Addresses, names decoded: Bob <bob@x>, carol@y. */
char *decode_addresses(const char *value, size_t size, size_t limit);

/* Message identifiers without <>, blank-separated, at most COUNT of them. */
char *decode_ids(const char *value, size_t size, size_t limit, int count);

/* Seconds since 1970, 0 when it is no date. */
int64_t decode_date(const char *value, size_t size);

/* VALUE on one line and valid UTF-8 but not yet harmless: for a parser. */
char *decode_unfold(const char *value, size_t size);

/* TEXT made harmless, on one line, cut to LIMIT at a whole character. */
char *decode_clean(const char *text, size_t limit);

#endif
