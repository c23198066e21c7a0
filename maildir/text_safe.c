/*
 * text_safe.c - text from anywhere made harmless for a terminal.
 *
 * What can move the cursor, recolour, or turn the direction of writing is
 * shown instead of done (Trojan Source, CVE-2021-42574, works in a Subject
 * too).  Everything else of Unicode stays.
 */
#include <glib.h>
#include <stdint.h>

#include "maildir/message.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* Characters that are shown by number. */
static const struct {
	uint32_t first;
	uint32_t last;
} shown[] = {
	/* clang-format off */
	{ 0x061C,  0x061C },  /* Arabic letter mark */
	{ 0x200E,  0x200F },  /* left-to-right, right-to-left mark */
	{ 0x2028,  0x2029 },  /* line and paragraph separator */
	{ 0x202A,  0x202E },  /* embeddings and overrides */
	{ 0x2066,  0x2069 },  /* isolates */
	{ 0xFFF9,  0xFFFB },  /* interlinear annotation */
	{ 0xE0000, 0xE007F }, /* tags: invisible text */
	/* clang-format on */
};

static bool
is_shown_by_number(uint32_t c)
{
	for (size_t i = 0; i < COUNT(shown); i++)
		if (c >= shown[i].first && c <= shown[i].last)
			return true;
	return false;
}

static bool
is_plain(char c)
{
	return (c >= ' ' && c < 127) || c == '\n' || c == '\t';
}

/* Appends the one character at TEXT; returns how many bytes it took. */
static size_t
add_character(const char *text, size_t size, struct buf *to)
{
	unsigned char first = (unsigned char)*text;

	if (first < 128) {
		if (first == '\r' && size > 1 && text[1] == '\n')
			return 1; /* the newline follows */
		buf_addchar(to, '^');
		buf_addchar(to, (char)(first ^ 0x40));
		return 1;
	}

	uint32_t c = g_utf8_get_char_validated(text, (gssize)size);

	if (c == (uint32_t)-1 || c == (uint32_t)-2) {
		buf_addstr(to, replacement);
		return 1;
	}

	size_t length = (size_t)g_unichar_to_utf8(c, NULL);

	if (c < 0xA0)
		buf_addstr(to, replacement); /* C1 */
	else if (is_shown_by_number(c))
		buf_printf(to, "<U+%04X>", (unsigned)c);
	else
		buf_add(to, text, length);
	return length;
}

size_t
text_repair(const char *text, size_t size, struct buf *to)
{
	size_t broken = 0;
	size_t i = 0;

	while (i < size) {
		const char *end;

		/* Stops at the first byte that is not valid, NUL included. */
		g_utf8_validate_len(text + i, size - i, &end);
		buf_add(to, text + i, (size_t)(end - (text + i)));
		i = (size_t)(end - text);
		if (i < size) {
			buf_addstr(to, replacement);
			broken++;
			i++;
		}
	}
	return broken;
}

void
text_safe(const char *text, size_t size, struct buf *to)
{
	size_t i = 0;

	while (i < size) {
		size_t plain = i;

		while (plain < size && is_plain(text[plain]))
			plain++;
		buf_add(to, text + i, plain - i);
		i = plain;
		if (i < size)
			i += add_character(text + i, size - i, to);
	}
}
