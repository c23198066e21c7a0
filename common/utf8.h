/*
 * utf8.h - whether bytes are UTF-8, for what reads a protocol.
 *
 * Where text is shown, maildir/ and mua/ use GLib and the C library; here it is
 * only asked whether a peer's bytes may stand in an address (RFC 6531 3.3).
 */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/*
 * UTF8-char (RFC 3629 4): the bytes of the character at the start of TEXT, a
 * string; 0 when it is none: overlong, a surrogate, above U+10FFFF, cut.
 */
size_t utf8_length(const char *text);

/* The same, and 0 for control characters too (C0, DEL, C1). */
size_t utf8_printable_length(const char *text);

/* Whether all of TEXT is, and whether it is even ASCII (1 to 127). */
bool utf8_is_valid(const char *text);
bool utf8_is_ascii(const char *text);

#endif
