/*
 * anatomy_text.h - what single lines of a message stand for.
 */
#ifndef MUA_ANATOMY_TEXT_H
#define MUA_ANATOMY_TEXT_H

#include "mua/anatomy.h"

/* Fills in anatomy->phases. */
void anatomy_find_phases(struct anatomy *anatomy);

/* What LINE, of the text of a part, stands for; appended to TO. */
void anatomy_text_meaning(const struct anatomy *anatomy,
    const struct node *node, size_t line, struct buf *to);

/* What the field in NODE stands for; appended to TO. */
void anatomy_field_meaning(const struct anatomy *anatomy,
    const struct node *node, struct buf *to);

#endif
