/*
 * html_page.h - the text of a page while it is written.
 *
 * Blanks run together, lines are begun when there is something to stand on
 * them, and quotes and lists are indented.
 */
#ifndef MUA_HTML_PAGE_H
#define MUA_HTML_PAGE_H

#include "common/buf.h"

#include <stdbool.h>

enum { PAGE_LISTS_MAX = 16, PAGE_LINKS_MAX = 500 };

struct page_link {
	char *target;
	bool differs; /* its text names another host */
};

struct page {
	struct buf *to;
	size_t limit;  /* bytes */
	int hidden;    /* elements open whose text is not shown */
	int preformed; /* <pre> open */
	int quotes;
	int lists;
	int numbers[PAGE_LISTS_MAX]; /* the next item; 0: a bullet */
	int breaks;                  /* line ends owed */
	bool blank;                  /* a blank owed */
	bool begun;                  /* something is on this line */
	bool in_row;                 /* a cell has been in this row */
	struct page_link *links;
	size_t link_count;
	size_t link_start; /* where the text of the open link begins */
	char *link;        /* its target, or NULL */
};

/* Text of the page: runs of white space are one blank, unless in <pre>. */
void page_text(struct page *page, const char *text, size_t size);

/* Words of ours, not joined by a blank unless one is owed. */
void page_words(struct page *page, const char *words);

/* At least COUNT line ends before the next text. */
void page_break(struct page *page, int count);

/* The item of a list begins. */
void page_item(struct page *page);

/* A link to TARGET (taken over) begins; it ends. */
void page_open_link(struct page *page, char *target);
void page_close_link(struct page *page);

/* The list of links at the end; frees what the page has. */
void page_finish(struct page *page);

#endif
