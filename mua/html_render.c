/*
 * html_render.c - libxml2's HTML parser walked through: a table says what each
 * element does to the text.
 *
 * It is used as a stream of events, so that no tree is built, and nothing here
 * or there recurses, however deep a page is nested.
 */
#include "mua/html.h"
#include "mua/html_page.h"

#include <libxml/HTMLparser.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CHUNK = 4096 };

/*
 * The parser stops at the end of <html>, and what follows would be lost: the
 * footer of a mailing list, or all of a page that begins with an end tag.  It
 * forgives as many ends too many as there were beginnings.
 */
static const char frame[] = "<html><body><html><body><html><body><html><body>"
			    "<html><body><html><body><html><body><html><body>";

static const char *
attribute(const xmlChar **attributes, const char *name)
{
	for (; attributes != NULL && attributes[0] != NULL; attributes += 2)
		if (strcasecmp((const char *)attributes[0], name) == 0)
			return attributes[1] == NULL
			    ? ""
			    : (const char *)attributes[1];
	return NULL;
}

static void
open_list(struct page *page, const xmlChar **attributes)
{
	(void)attributes;
	if (page->lists < PAGE_LISTS_MAX)
		page->numbers[page->lists] = 0;
	page->lists++;
}

static void
open_numbers(struct page *page, const xmlChar **attributes)
{
	(void)attributes;
	if (page->lists < PAGE_LISTS_MAX)
		page->numbers[page->lists] = 1;
	page->lists++;
}

static void
close_list(struct page *page)
{
	if (page->lists > 0)
		page->lists--;
}

static void
open_quote(struct page *page, const xmlChar **attributes)
{
	(void)attributes;
	page->quotes++;
}

static void
close_quote(struct page *page)
{
	if (page->quotes > 0)
		page->quotes--;
}

static void
open_pre(struct page *page, const xmlChar **attributes)
{
	(void)attributes;
	page->preformed++;
}

static void
close_pre(struct page *page)
{
	if (page->preformed > 0)
		page->preformed--;
}

static void
open_item(struct page *page, const xmlChar **attributes)
{
	(void)attributes;
	page_item(page);
}

static void
open_cell(struct page *page, const xmlChar **attributes)
{
	(void)attributes;
	if (page->in_row && page->begun && page->breaks == 0)
		page_words(page, "  ");
	page->blank = false;
	page->in_row = true;
}

static void
open_link(struct page *page, const xmlChar **attributes)
{
	const char *target = attribute(attributes, "href");

	if (target != NULL)
		page_open_link(page, xstrdup(target));
}

/* What is seen of a picture here is what its author says it shows. */
static void
open_image(struct page *page, const xmlChar **attributes)
{
	const char *text = attribute(attributes, "alt");

	if (text == NULL || text[strspn(text, " \t\r\n")] == '\0')
		return;
	page_words(page, "[");
	page_text(page, text, strlen(text));
	page->blank = false;
	page_words(page, "]");
}

static void
open_rule(struct page *page, const xmlChar **attributes)
{
	(void)attributes;
	page_words(page, "----------");
}

static void
open_break(struct page *page, const xmlChar **attributes)
{
	(void)attributes;
	if (page->hidden == 0 && page->breaks < 2)
		page->breaks++;
	page->blank = false;
}

/* What an element does; those that are not here do nothing. */
static const struct element {
	const char *name;
	bool hides; /* its text is none of the page's */
	int breaks; /* line ends before and behind it */
	void (*open)(struct page *page, const xmlChar **attributes);
	void (*close)(struct page *page);
} elements[] = {
	/* clang-format off */
	{ "a",          false, 0, open_link,    page_close_link },
	{ "address",    false, 1, NULL,         NULL },
	{ "article",    false, 1, NULL,         NULL },
	{ "blockquote", false, 2, open_quote,   close_quote },
	{ "br",         false, 0, open_break,   NULL },
	{ "center",     false, 1, NULL,         NULL },
	{ "dd",         false, 1, NULL,         NULL },
	{ "div",        false, 1, NULL,         NULL },
	{ "dl",         false, 2, NULL,         NULL },
	{ "dt",         false, 1, NULL,         NULL },
	{ "fieldset",   false, 1, NULL,         NULL },
	{ "footer",     false, 1, NULL,         NULL },
	{ "form",       false, 1, NULL,         NULL },
	{ "h1",         false, 2, NULL,         NULL },
	{ "h2",         false, 2, NULL,         NULL },
	{ "h3",         false, 2, NULL,         NULL },
	{ "h4",         false, 2, NULL,         NULL },
	{ "h5",         false, 2, NULL,         NULL },
	{ "h6",         false, 2, NULL,         NULL },
	{ "head",       true,  0, NULL,         NULL },
	{ "header",     false, 1, NULL,         NULL },
	{ "hr",         false, 1, open_rule,    NULL },
	{ "img",        false, 0, open_image,   NULL },
	{ "li",         false, 0, open_item,    NULL },
	{ "ol",         false, 1, open_numbers, close_list },
	{ "p",          false, 2, NULL,         NULL },
	{ "pre",        false, 2, open_pre,     close_pre },
	{ "script",     true,  0, NULL,         NULL },
	{ "section",    false, 1, NULL,         NULL },
	{ "style",      true,  0, NULL,         NULL },
	{ "table",      false, 1, NULL,         NULL },
	{ "td",         false, 0, open_cell,    NULL },
	{ "template",   true,  0, NULL,         NULL },
	{ "th",         false, 0, open_cell,    NULL },
	{ "title",      true,  0, NULL,         NULL },
	{ "tr",         false, 1, NULL,         NULL },
	{ "ul",         false, 1, open_list,    close_list },
	/* clang-format on */
};

static int
compare_name(const void *key, const void *element)
{
	return strcasecmp(key, ((const struct element *)element)->name);
}

static const struct element *
find_element(const xmlChar *name)
{
	return bsearch(name, elements, COUNT(elements), sizeof(elements[0]),
	    compare_name);
}

/* hidden, or style="display: none" with any blanks. */
static bool
is_hidden(const xmlChar **attributes)
{
	const char *style = attribute(attributes, "style");
	const char *at;

	if (attribute(attributes, "hidden") != NULL)
		return true;
	at = style == NULL ? NULL : strcasestr(style, "display");
	if (at == NULL)
		return false;
	at += strlen("display");
	at += strspn(at, " \t");
	if (*at != ':')
		return false;
	at++;
	at += strspn(at, " \t");
	return strncasecmp(at, "none", 4) == 0;
}

static void
start_element(void *arg, const xmlChar *name, const xmlChar **attributes)
{
	struct page *page = arg;
	const struct element *element = find_element(name);

	/* In what is hidden all elements are counted, to find its end. */
	if (page->hidden > 0 || (element != NULL && element->hides) ||
	    is_hidden(attributes)) {
		page->hidden++;
		return;
	}
	if (element == NULL)
		return;
	if (element->breaks > 0)
		page_break(page, element->breaks);
	if (element->open != NULL)
		element->open(page, attributes);
}

static void
end_element(void *arg, const xmlChar *name)
{
	struct page *page = arg;
	const struct element *element = find_element(name);

	if (page->hidden > 0) {
		page->hidden--;
		return;
	}
	if (element == NULL)
		return;
	if (element->close != NULL)
		element->close(page);
	if (element->breaks > 0)
		page_break(page, element->breaks);
}

static void
characters(void *arg, const xmlChar *text, int size)
{
	page_text(arg, (const char *)text, (size_t)size);
}

void
html_render(const char *data, size_t size, struct buf *to)
{
	struct page page = { .to = to, .limit = HTML_TEXT_MAX };
	htmlSAXHandler events = {
		.startElement = start_element,
		.endElement = end_element,
		.characters = characters,
		.ignorableWhitespace = characters,
	};
	htmlParserCtxtPtr parser = htmlCreatePushParserCtxt(&events, &page,
	    NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);

	if (parser == NULL)
		return;
	htmlCtxtUseOptions(parser,
	    HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
		HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
	htmlParseChunk(parser, frame, (int)sizeof(frame) - 1, 0);
	for (size_t at = 0; at < size && to->size < HTML_TEXT_MAX;
	     at += CHUNK) {
		size_t left = size - at < CHUNK ? size - at : CHUNK;

		htmlParseChunk(parser, data + at, (int)left, 0);
	}
	htmlParseChunk(parser, NULL, 0, 1);
	htmlFreeParserCtxt(parser);
	page_finish(&page);
}
