/*
 * raw_text.h - a message line by line: bytes, place and meaning, as text.
 */
#ifndef MUA_RAW_TEXT_H
#define MUA_RAW_TEXT_H

#include "mua/anatomy.h"
#include "mua/lines.h"
#include "mua/windows.h"

/*
 * The raw window without a terminal: each line with its offset and what it is,
 * below it "=" what it means and "!" what is odd about it.
 */
void raw_text_lines(const struct subject *subject, struct lines *lines);

/* What is odd about LINE, sentences joined by blanks; appended to TO. */
void raw_text_oddities(const struct anatomy *anatomy, size_t line,
    struct buf *to);

#endif
