/*
 * html_page.c - the text of a page while it is written.
 */
#include "mua/html_page.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TARGET_MAX = 1000, INDENT = 2, HOST_MAX = 253 };

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

static bool
is_full(const struct page *page)
{
	return page->to->size >= page->limit;
}

/* Writes what is owed before the next character. */
static void
settle(struct page *page)
{
	bool empty = page->to->size == 0;

	if (page->breaks > 0) {
		for (int i = 0; i < page->breaks && !empty; i++)
			buf_addchar(page->to, '\n');
		page->breaks = 0;
		page->begun = false;
	}
	if (!page->begun) {
		for (int i = 0; i < page->quotes; i++)
			buf_addstr(page->to, "> ");
		for (int i = 0; i < page->lists * INDENT; i++)
			buf_addchar(page->to, ' ');
		page->begun = true;
	} else if (page->blank) {
		buf_addchar(page->to, ' ');
	}
	page->blank = false;
}

static void
add_preformed(struct page *page, const char *text, size_t size)
{
	for (size_t i = 0; i < size && !is_full(page); i++) {
		if (text[i] == '\n') {
			page->breaks++;
			continue;
		}
		settle(page);
		if (text[i] != '\r')
			buf_addchar(page->to, text[i]);
	}
}

void
page_text(struct page *page, const char *text, size_t size)
{
	if (page->hidden > 0)
		return;
	if (page->preformed > 0) {
		add_preformed(page, text, size);
		return;
	}
	for (size_t i = 0; i < size && !is_full(page); i++) {
		if (is_space(text[i])) {
			page->blank = true;
			continue;
		}
		settle(page);
		buf_addchar(page->to, text[i]);
	}
}

void
page_words(struct page *page, const char *words)
{
	if (page->hidden > 0 || is_full(page))
		return;
	settle(page);
	buf_addstr(page->to, words);
}

void
page_break(struct page *page, int count)
{
	if (page->hidden > 0)
		return;
	if (page->breaks < count)
		page->breaks = count;
	page->in_row = false;
	page->blank = false;
}

void
page_item(struct page *page)
{
	struct buf mark = BUF_INIT;
	int *number;

	page_break(page, 1);
	if (page->lists < 1 || page->lists > PAGE_LISTS_MAX) {
		page_words(page, "* ");
		return;
	}
	number = &page->numbers[page->lists - 1];
	if (*number > 0)
		buf_printf(&mark, "%d. ", (*number)++);
	else
		buf_addstr(&mark, "* ");
	/* The mark stands to the left of the text. */
	page->lists--;
	page_words(page, mark.data);
	page->lists++;
	buf_clear(&mark);
}

/* The host in "https://user@host:1/x" or "www.host/x"; false when none. */
static bool
find_host(const char *text, size_t size, char host[HOST_MAX + 1])
{
	const char *start = memmem(text, size, "://", 3);
	const char *end = text + size;
	size_t length = 0;

	if (start != NULL)
		start += 3;
	else if (size > 4 && strncasecmp(text, "www.", 4) == 0)
		start = text;
	else
		return false;
	for (const char *c = start; c < end && strchr("/?#", *c) == NULL; c++)
		if (*c == '@')
			start = c + 1;
	while (start + length < end && length < HOST_MAX &&
	    strchr("/?#: \n", start[length]) == NULL)
		length++;
	memcpy(host, start, length);
	host[length] = '\0';
	return length > 0;
}

/* Whether the text shown names a host, and the link leads to another. */
static bool
leads_elsewhere(const struct page *page, const char *target)
{
	size_t start = page->link_start;
	char shown[HOST_MAX + 1];
	char real[HOST_MAX + 1];

	if (start > page->to->size)
		return false;
	while (start < page->to->size && is_space(page->to->data[start]))
		start++;
	return find_host(page->to->data + start, page->to->size - start,
		   shown) &&
	    find_host(target, strlen(target), real) &&
	    strcasecmp(shown, real) != 0;
}

void
page_open_link(struct page *page, char *target)
{
	free(page->link);
	page->link = target;
	page->link_start = page->to->size;
}

/* Targets within the page and of scripts lead nowhere. */
static bool
leads_somewhere(const char *target)
{
	return strncasecmp(target, "http:", 5) == 0 ||
	    strncasecmp(target, "https:", 6) == 0 ||
	    strncasecmp(target, "ftp:", 4) == 0 ||
	    strncasecmp(target, "mailto:", 7) == 0;
}

/* Its number, from 1; 0 when there are too many. */
static size_t
number_link(struct page *page, const char *target, bool differs)
{
	struct page_link *link;

	for (size_t i = 0; i < page->link_count; i++)
		if (strcmp(page->links[i].target, target) == 0 &&
		    page->links[i].differs == differs)
			return i + 1;
	if (page->link_count == PAGE_LINKS_MAX)
		return 0;
	page->links = xrealloc(page->links,
	    (page->link_count + 1) * sizeof(page->links[0]));
	link = &page->links[page->link_count++];
	*link = (struct page_link){ strndup(target, TARGET_MAX), differs };
	return link->target == NULL ? 0 : page->link_count;
}

void
page_close_link(struct page *page)
{
	struct buf mark = BUF_INIT;
	char *target = page->link;
	size_t number;

	page->link = NULL;
	if (target == NULL)
		return;
	if (page->hidden == 0 && leads_somewhere(target) &&
	    page->to->size > page->link_start) {
		bool differs = leads_elsewhere(page, target);

		number = number_link(page, target, differs);
		if (number > 0) {
			buf_printf(&mark, "[%zu%s]", number,
			    differs ? "!" : "");
			page->blank = false;
			page_words(page, mark.data);
		}
	}
	buf_clear(&mark);
	free(target);
}

void
page_finish(struct page *page)
{
	free(page->link);
	page->quotes = page->lists = page->hidden = 0;
	if (page->to->size > 0 && page->link_count > 0)
		buf_addstr(page->to, "\n");
	for (size_t i = 0; i < page->link_count; i++) {
		const struct page_link *link = &page->links[i];

		buf_printf(page->to, "\n[%zu] %s%s", i + 1, link->target,
		    link->differs ? "  (not where its text says)" : "");
		free(link->target);
	}
	if (page->to->size > 0)
		buf_addchar(page->to, '\n');
	free(page->links);
}
