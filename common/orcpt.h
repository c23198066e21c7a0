/*
 * orcpt.h - ORCPT: the recipient as the first sender knew it.
 *
 * original-recipient-address = addr-type ";" xtext             RFC 3461 4.2
 * addr-type "utf-8": utf-8-addr-xtext / utf-8-addr-unitext     RFC 6533 3
 *
 * Both kinds of utf-8 write some characters as \x{HEX}; the second has all
 * others as they are, and is for transactions with SMTPUTF8.
 */
#ifndef COMMON_ORCPT_H
#define COMMON_ORCPT_H

#include "common/buf.h"

#include <stdbool.h>

enum { ORCPT_MAX = 500 /* octets, RFC 3461 4.2 */ };

/*
 * Whether VALUE, what stands behind "ORCPT=", is one; with UTF8 the form for
 * SMTPUTF8 may be used.
 */
bool orcpt_is_valid(const char *value, bool utf8);

/*
 * The address in VALUE, for a person or a header field: of the types rfc822
 * and utf-8, and printable.  False for others, or when it does not fit.
 */
bool orcpt_decode(const char *value, char *address, size_t size);

/* Appends the value for ADDRESS: rfc822;xtext, or utf-8;unitext. */
void orcpt_encode(const char *address, struct buf *to);

#endif
