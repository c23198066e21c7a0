/*
 * oddity.h - what in a message is not as the RFCs have it, with the reason.
 */
#ifndef MUA_ODDITY_H
#define MUA_ODDITY_H

#include "maildir/header.h"
#include "mua/anatomy.h"

/* Looks at everything and notes what is odd, by anatomy_odd(). */
void oddity_find(struct anatomy *anatomy);

/* oddity_line.c: the bytes of each line. */
void oddity_lines(struct anatomy *anatomy);

/* oddity_header.c: the fields of each header, and those that are missing. */
void oddity_headers(struct anatomy *anatomy);

/* oddity_word.c: the encoded words (RFC 2047) in FIELD. */
void oddity_words(struct anatomy *anatomy, const struct header_field *field);

/* oddity_body.c: the encodings of the texts, and the boundaries. */
void oddity_bodies(struct anatomy *anatomy);

/* Where TEXT, which is within the message, is in it. */
size_t oddity_offset(const struct anatomy *anatomy, const char *text);

/* Whether part I is a message's own header, and not that of a part of it. */
bool oddity_is_message(const struct anatomy *anatomy, size_t i);

#endif
