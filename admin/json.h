/* json.h - what postlab prints for programs (RFC 8259). */
#ifndef ADMIN_JSON_H
#define ADMIN_JSON_H

#include "common/buf.h"

/* Appends TEXT as a string; what is no UTF-8 becomes U+FFFD, a byte each. */
void json_string(struct buf *to, const char *text);

#endif
