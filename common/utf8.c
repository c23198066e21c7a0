/*
 * utf8.c - the table of RFC 3629 4, a row each: what the first byte may be and
 * how far the second may go; all further ones are 80 to BF.
 */
#include "common/utf8.h"

#include "common/mem.h"

/* clang-format off */
static const struct {
	unsigned char first_min, first_max;
	unsigned char second_min, second_max;
	size_t length;
} forms[] = {
	{ 0x01, 0x7F, 0,    0,    1 },
	{ 0xC2, 0xDF, 0x80, 0xBF, 2 },
	{ 0xE0, 0xE0, 0xA0, 0xBF, 3 },
	{ 0xE1, 0xEC, 0x80, 0xBF, 3 },
	{ 0xED, 0xED, 0x80, 0x9F, 3 },
	{ 0xEE, 0xEF, 0x80, 0xBF, 3 },
	{ 0xF0, 0xF0, 0x90, 0xBF, 4 },
	{ 0xF1, 0xF3, 0x80, 0xBF, 4 },
	{ 0xF4, 0xF4, 0x80, 0x8F, 4 },
};
/* clang-format on */

static bool
is_between(char c, unsigned char min, unsigned char max)
{
	return (unsigned char)c >= min && (unsigned char)c <= max;
}

size_t
utf8_length(const char *text)
{
	for (size_t i = 0; i < COUNT(forms); i++) {
		size_t length = forms[i].length;

		if (!is_between(*text, forms[i].first_min, forms[i].first_max))
			continue;
		if (length > 1 &&
		    !is_between(text[1], forms[i].second_min,
			forms[i].second_max))
			return 0;
		/* The NUL at the string's end is no further byte. */
		for (size_t at = 2; at < length; at++)
			if (!is_between(text[at], 0x80, 0xBF))
				return 0;
		return length;
	}
	return 0;
}

size_t
utf8_printable_length(const char *text)
{
	unsigned char c = (unsigned char)text[0];

	/* U+0080 to U+009F are C2 80 to C2 9F. */
	if (c < ' ' || c == 0x7F ||
	    (c == 0xC2 && (unsigned char)text[1] < 0xA0))
		return 0;
	return utf8_length(text);
}

bool
utf8_is_valid(const char *text)
{
	while (*text != '\0') {
		size_t length = utf8_length(text);

		if (length == 0)
			return false;
		text += length;
	}
	return true;
}

bool
utf8_is_ascii(const char *text)
{
	while (*text != '\0' && (unsigned char)*text < 0x80)
		text++;
	return *text == '\0';
}
