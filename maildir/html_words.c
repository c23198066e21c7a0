/*
 * html_words.c - the words of an HTML text, to be searched and not to be read.
 *
 * Not a parser of HTML: for a search it is enough to know what is a tag.  Tags
 * within a line of text leave nothing, so that a word of which a letter is bold
 * stays one; all others leave a blank.
 */
#include "maildir/html_words.h"

#include <ctype.h>
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ENTITY_MAX = 10, NAME_MAX_BYTES = 16 };

struct reader {
	const char *at;
	const char *end;
	struct buf *to;
};

/* Where TEXT is found, in any case, or the end. */
static const char *
find(const struct reader *reader, const char *from, const char *text)
{
	size_t length = strlen(text);

	for (const char *at = from; (size_t)(reader->end - at) >= length; at++)
		if (strncasecmp(at, text, length) == 0)
			return at;
	return reader->end;
}

static void
add_blank(struct buf *to)
{
	if (to->size > 0 && to->data[to->size - 1] != ' ' &&
	    to->data[to->size - 1] != '\n')
		buf_addchar(to, ' ');
}

/* The name of the tag behind "<" or "</", in lower case. */
static void
read_name(const struct reader *reader, const char *at,
    char name[NAME_MAX_BYTES])
{
	size_t n = 0;

	while (at < reader->end && n < NAME_MAX_BYTES - 1 &&
	    isalnum((unsigned char)*at))
		name[n++] = (char)tolower((unsigned char)*at++);
	name[n] = '\0';
}

static bool
is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Behind the ">" of the tag at AT; one in quotes does not count. */
static const char *
skip_tag(const struct reader *reader, const char *at)
{
	char quote = '\0';

	for (; at < reader->end; at++) {
		if (quote != '\0')
			quote = *at == quote ? '\0' : quote;
		else if (*at == '"' || *at == '\'')
			quote = *at;
		else if (*at == '>')
			return at + 1;
	}
	return reader->end;
}

static void
read_tag(struct reader *reader)
{
	static const char *const within[] = { "a", "abbr", "acronym", "b",
		"big", "em", "font", "i", "ins", "mark", "s", "small", "span",
		"strong", "sub", "sup", "u", "wbr" };
	static const char *const silent[] = { "script", "style" };
	const char *at = reader->at + 1;
	char name[NAME_MAX_BYTES];
	bool closes = at < reader->end && *at == '/';

	if (reader->end - at >= 3 && strncmp(at, "!--", 3) == 0) {
		at = find(reader, at + 3, "-->");
		reader->at = reader->end - at > 3 ? at + 3 : reader->end;
		return;
	}
	read_name(reader, at + closes, name);
	reader->at = skip_tag(reader, at);
	if (!closes && is_one_of(name, silent, COUNT(silent)))
		reader->at = find(reader, reader->at,
		    *name == 's' && name[1] == 'c' ? "</script" : "</style");
	if (!is_one_of(name, within, COUNT(within)))
		add_blank(reader->to);
}

/* The letters of ISO 8859-1 from U+00C0 on, by the names HTML 4 gives them. */
static uint32_t
named_letter(const char *name)
{
	static const char *const letters[] = { "Agrave", "Aacute", "Acirc",
		"Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave",
		"Eacute", "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml",
		"ETH", "Ntilde", "Ograve", "Oacute", "Ocirc", "Otilde", "Ouml",
		"times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml",
		"Yacute", "THORN", "szlig", "agrave", "aacute", "acirc",
		"atilde", "auml", "aring", "aelig", "ccedil", "egrave",
		"eacute", "ecirc", "euml", "igrave", "iacute", "icirc", "iuml",
		"eth", "ntilde", "ograve", "oacute", "ocirc", "otilde", "ouml",
		"divide", "oslash", "ugrave", "uacute", "ucirc", "uuml",
		"yacute", "thorn", "yuml" };
	static const struct {
		const char *name;
		uint32_t character;
	} others[] = { { "amp", '&' }, { "lt", '<' }, { "gt", '>' },
		{ "quot", '"' }, { "apos", '\'' }, { "nbsp", ' ' },
		{ "shy", 0xAD }, { "euro", 0x20AC } };

	for (size_t i = 0; i < COUNT(letters); i++)
		if (strcmp(letters[i], name) == 0)
			return 0xC0 + (uint32_t)i;
	for (size_t i = 0; i < COUNT(others); i++)
		if (strcmp(others[i].name, name) == 0)
			return others[i].character;
	return 0;
}

/* What "#233", "#xE9" or "eacute" stand for; 0 for nothing. */
static uint32_t
entity_value(const char *name)
{
	unsigned long value;
	char *end;

	if (*name != '#')
		return named_letter(name);
	if (name[1] == 'x' || name[1] == 'X')
		value = strtoul(name + 2, &end, 16);
	else
		value = strtoul(name + 1, &end, 10);
	if (*end != '\0' || value > 0x10FFFF ||
	    !g_unichar_validate((gunichar)value))
		return 0;
	return (uint32_t)value;
}

static void
read_entity(struct reader *reader)
{
	char name[ENTITY_MAX + 1];
	char bytes[6];
	size_t n = 0;
	const char *at = reader->at + 1;
	uint32_t value;

	while (at < reader->end && n < ENTITY_MAX &&
	    (isalnum((unsigned char)*at) || *at == '#'))
		name[n++] = *at++;
	name[n] = '\0';
	value = entity_value(name);
	if (value == 0) {
		buf_addchar(reader->to, *reader->at++);
		return;
	}
	reader->at = at + (at < reader->end && *at == ';');
	if (value == 0xAD) /* where a word may be broken */
		return;
	buf_add(reader->to, bytes,
	    (size_t)g_unichar_to_utf8((gunichar)value, bytes));
}

void
html_words(const char *html, size_t size, size_t limit, struct buf *to)
{
	struct reader reader = { html, html + size, to };

	while (reader.at < reader.end && to->size < limit) {
		if (*reader.at == '<')
			read_tag(&reader);
		else if (*reader.at == '&')
			read_entity(&reader);
		else
			buf_addchar(to, *reader.at++);
	}
}
