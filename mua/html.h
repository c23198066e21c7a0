/*
 * html.h - HTML made readable as text.
 *
 * Nothing is ever fetched, no script runs, and what a page hides stays hidden.
 * Who wrote the page is unknown, and parsers have had their flaws, so it is
 * read in a child process that can do nothing but that (common/sandbox.h), for
 * a few seconds.
 */
#ifndef MUA_HTML_H
#define MUA_HTML_H

#include "common/buf.h"

#include <stdbool.h>

enum {
	HTML_SOURCE_MAX = 8 * 1024 * 1024,
	HTML_TEXT_MAX = 2 * 1024 * 1024,
};

/*
 * Appends the text of the page of SIZE bytes of UTF-8 at DATA, its links
 * numbered and listed at the end.  False, and nothing, when it could not be
 * read: too long, or the child has died.
 */
bool html_to_text(const char *data, size_t size, struct buf *to);

/* The same in this process: for the child, and for tests. */
void html_render(const char *data, size_t size, struct buf *to);

#endif
