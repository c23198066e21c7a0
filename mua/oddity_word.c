/*
 * oddity_word.c - encoded words that are none.
 *
 *   encoded-word = "=?" charset "?" encoding "?" encoded-text "?="
 *   (RFC 2047 2; at most 75 characters, no blanks, nothing close to it: 5)
 */
#include "mua/oddity.h"

#include <ctype.h>
#include <iconv.h>
#include <string.h>
#include <strings.h>

enum { WORD_MAX = 75, CHARSET_MAX = 60 };

/* An encoded word: its pieces. */
struct word {
	const char *start;
	const char *charset;
	size_t charset_size;
	char encoding; /* 'B' or 'Q' */
	const char *text;
	size_t text_size;
	const char *end; /* behind the last ?= */
};

/* Reads the word at START; NULL, or why it is none. */
static const char *
read_word(const char *start, const char *end, struct word *word)
{
	const char *mark;

	word->start = start;
	word->charset = start + 2;
	mark = memchr(word->charset, '?', (size_t)(end - word->charset));
	if (mark == NULL || end - mark < 4 || mark[2] != '?')
		return "there is no ?B? or ?Q? in it";
	word->charset_size = (size_t)(mark - word->charset);
	word->encoding = (char)toupper((unsigned char)mark[1]);
	word->text = mark + 3;
	mark = memmem(word->text, (size_t)(end - word->text), "?=", 2);
	if (mark == NULL)
		return "no ?= ends it";
	word->text_size = (size_t)(mark - word->text);
	word->end = mark + 2;
	if (word->encoding != 'B' && word->encoding != 'Q')
		return "its encoding is neither B nor Q";
	if (memchr(word->text, ' ', word->text_size) != NULL ||
	    memchr(word->text, '\n', word->text_size) != NULL)
		return "there is a blank in it; in Q a blank is _";
	return NULL;
}

static bool
knows_charset(const struct word *word)
{
	char name[CHARSET_MAX + 1];
	size_t size = word->charset_size;
	iconv_t converter;

	for (size_t i = 0; i < size; i++)
		if (word->charset[i] == '*') /* a language: RFC 2231 5 */
			size = i;
	if (size == 0 || size > CHARSET_MAX ||
	    memchr(word->charset, '/', size) != NULL)
		return false;
	memcpy(name, word->charset, size);
	name[size] = '\0';
	converter = iconv_open("UTF-8", name);
	if (converter == (iconv_t)-1)
		return false;
	iconv_close(converter);
	return true;
}

/* What is wrong with base64 TEXT, or NULL. */
static const char *
judge_base64(const char *text, size_t size)
{
	size_t digits = 0;

	while (digits < size &&
	    (isalnum((unsigned char)text[digits]) || text[digits] == '+' ||
		text[digits] == '/'))
		digits++;
	for (size_t i = digits; i < size; i++)
		if (text[i] != '=')
			return "a character in it is no base64";
	if (size % 4 != 0 || size - digits > 2)
		return "its base64 is not whole groups of four";
	return NULL;
}

static const char *
judge_q(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] == '=' &&
		    (size - i < 3 || !isxdigit((unsigned char)text[i + 1]) ||
			!isxdigit((unsigned char)text[i + 2])))
			return "an = in it is not followed by two hexadecimal "
			       "digits";
	return NULL;
}

static const char *
judge_word(const struct word *word, const struct header_field *field)
{
	const char *stop = field->value + field->value_size;

	if (word->end - word->start > WORD_MAX)
		return "it is longer than 75 characters";
	if (!knows_charset(word))
		return "its character set is not known here";
	if (word->start > field->value && word->start[-1] == '"')
		return "it stands in quotes, where it is none";
	if (word->start > field->value &&
	    strchr(" \t\n(", word->start[-1]) == NULL)
		return "it stands close to other text: a reader may not "
		       "decode it";
	if (word->end < stop && strchr(" \t\r\n)\",;", *word->end) == NULL)
		return "other text stands close to it: a reader may not "
		       "decode it";
	return word->encoding == 'B' ? judge_base64(word->text, word->text_size)
				     : judge_q(word->text, word->text_size);
}

void
oddity_words(struct anatomy *anatomy, const struct header_field *field)
{
	const char *end = field->value + field->value_size;
	const char *at = field->value;

	while ((at = memmem(at, (size_t)(end - at), "=?", 2)) != NULL) {
		struct word word;
		const char *why = read_word(at, end, &word);
		bool whole = why == NULL;

		if (whole)
			why = judge_word(&word, field);
		if (why != NULL)
			anatomy_odd(anatomy, oddity_offset(anatomy, at),
			    "An encoded word with a flaw: %s (RFC 2047)", why);
		at = whole ? word.end : at + 2;
	}
}
