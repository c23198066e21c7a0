/*
 * content.h - the content of a part, decoded, and what is damaged in it.
 */
#ifndef MAILDIR_CONTENT_H
#define MAILDIR_CONTENT_H

#include "maildir/parts.h"

/*
 * Appends what the SIZE bytes at DATA, the body of PART, stand for: the
 * transfer encoding undone, text brought to UTF-8.  Damage is told in PART's
 * fault, the first time.
 */
void content_decode(const char *data, size_t size, struct located_part *part,
    struct buf *to);

#endif
