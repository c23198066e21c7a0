/*
 * quoted.h - plain text as lines: quotes by their depth, the signature, and
 * paragraphs that flow (RFC 3676).
 */
#ifndef MUA_QUOTED_H
#define MUA_QUOTED_H

#include "mua/lines.h"

#include <stdbool.h>

struct quoted_form {
	bool flowed; /* format=flowed: a blank at the end joins lines */
	bool delsp;  /* and is not meant itself */
};

/* Appends TEXT.  A line ">> x" is cut so that each row begins with ">> ". */
void quoted_add(struct lines *lines, const char *text, size_t size,
    const struct quoted_form *form);

#endif
