/*
 * html_words.h - the words of an HTML text, to be searched and not to be read.
 */
#ifndef MAILDIR_HTML_WORDS_H
#define MAILDIR_HTML_WORDS_H

#include "common/buf.h"

/*
 * Appends the SIZE bytes of HTML (UTF-8) at HTML without tags, comments, styles
 * and scripts, with entities undone.  Any bytes are taken; LIMIT ends it.
 */
void html_words(const char *html, size_t size, size_t limit, struct buf *to);

#endif
