/*
 * text.c - columns and letters of UTF-8 text.  The C library decodes and
 * knows the widths; ASCII, nearly all there is, does not go through it.
 */
#include "mua/text.h"

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* Decodes the character at S; L'\0' with length 1 when it is none. */
static size_t
decode(const char *s, wchar_t *wide_out)
{
	mbstate_t state;
	size_t n;

	if ((unsigned char)*s < 0x80) {
		*wide_out = (wchar_t)*s;
		return 1;
	}
	memset(&state, 0, sizeof(state));
	/* A NUL is no continuation byte, so this does not run past the end. */
	n = mbrtowc(wide_out, s, MB_LEN_MAX, &state);
	if (n == 0 || n > MB_LEN_MAX) {
		*wide_out = L'\0';
		return 1;
	}
	return n;
}

/* How many bytes of TEXT are NEEDLE, ignoring case; 0 when they are not. */
static size_t
match_length(const char *text, const char *needle)
{
	const char *at = text;

	while (*needle != '\0') {
		wchar_t a, b;
		size_t size;

		if (*at == '\0')
			return 0;
		size = decode(at, &a);
		needle += decode(needle, &b);
		if (towlower((wint_t)a) != towlower((wint_t)b))
			return 0;
		at += size;
	}
	return (size_t)(at - text);
}

void
text_use_utf8(void)
{
	setlocale(LC_ALL, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
		return;
	/* With LANG unset: terminals of our time speak UTF-8 all the same. */
	setlocale(LC_CTYPE, "C.UTF-8");
}

size_t
text_next(const char *s, int *columns_out)
{
	wchar_t wide;
	size_t size = decode(s, &wide);

	if (wide < 0x7f && wide >= 0x20)
		*columns_out = 1;
	else
		*columns_out = wide < 0x80 ? -1 : wcwidth(wide);
	return size;
}

size_t
text_last(const char *s, size_t size)
{
	size_t n = 1;

	while (n < size && n < 4 && (s[size - n] & 0xc0) == 0x80)
		n++;
	return n;
}

int
text_columns(const char *s, size_t size)
{
	int total = 0;

	for (size_t i = 0; i < size;) {
		int columns;

		i += text_next(s + i, &columns);
		total += columns < 0 ? 1 : columns;
	}
	return total;
}

const char *
text_find(const char *text, const char *needle, size_t *size_out)
{
	int columns;

	for (; *text != '\0'; text += text_next(text, &columns)) {
		size_t size = match_length(text, needle);

		if (size == 0)
			continue;
		if (size_out != NULL)
			*size_out = size;
		return text;
	}
	return NULL;
}

const char *
text_size(int64_t octets, char text[8])
{
	static const char units[] = "KMGTPE";
	double value = (double)octets;
	size_t unit = 0;

	if (octets < 1000) {
		snprintf(text, 8, "%d", octets < 0 ? 0 : (int)octets);
		return text;
	}
	value /= 1024;
	while (value >= 999.5 && unit + 2 < sizeof(units)) {
		value /= 1024;
		unit++;
	}
	snprintf(text, 8, value < 9.95 ? "%.1f%c" : "%.0f%c", value,
	    units[unit]);
	return text;
}

void
text_person(const char *from, struct buf *to)
{
	const char *open = strchr(from, '<');
	const char *start = from;
	const char *end = open == NULL ? from + strlen(from) : open;

	while (start < end && strchr(" \t\"'", *start) != NULL)
		start++;
	while (end > start && strchr(" \t\"'", end[-1]) != NULL)
		end--;
	if (start == end && open != NULL) {
		start = open + 1;
		end = start + strcspn(start, ">");
	}
	buf_add(to, start, (size_t)(end - start));
}
