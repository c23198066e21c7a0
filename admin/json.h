/* json.h - values of RFC 8259, made of bytes from anywhere. */
#ifndef ADMIN_JSON_H
#define ADMIN_JSON_H

#include "common/buf.h"

/*
 * Appends TEXT as a string: UTF-8 becomes \uXXXX, and each byte that is none
 * U+FFFD, so that it is ASCII and safe to be shown.
 */
void json_string(struct buf *to, const char *text);

/* Appends "KEY": and the string, or null where TEXT is "". */
void json_member(struct buf *to, const char *key, const char *text);

#endif
