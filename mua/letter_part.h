/*
 * letter_part.h - the parts of a letter: its text, and what goes along.
 */
#ifndef MUA_LETTER_PART_H
#define MUA_LETTER_PART_H

#include <gmime/gmime.h>

#include "mua/draft.h"

/*
 * The text as text/plain: us-ascii or utf-8, with FLOW format=flowed if it has
 * long lines.
 */
GMimeObject *letter_text_part(const struct buf *text, bool flow);

/* The attachment, read when the letter is written.  NULL with WHY. */
GMimeObject *letter_attached_part(const struct attachment *attachment,
    char *why, size_t size);

#endif
