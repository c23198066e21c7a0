/* json.c - strings, escaped. */
#include "admin/json.h"

#include <stdint.h>
#include <string.h>

#include "maildir/message.h"

/* The character at *TEXT, which is good UTF-8; moves behind it. */
static uint32_t
next_character(const unsigned char **text)
{
	const unsigned char *at = *text;
	uint32_t c = *at++;
	int more = 0;

	if (c >= 0xF0)
		more = 3;
	else if (c >= 0xE0)
		more = 2;
	else if (c >= 0xC0)
		more = 1;
	if (more > 0)
		c &= 0x3FU >> more;
	for (; more > 0 && *at != '\0'; more--)
		c = c << 6 | (*at++ & 0x3FU);
	*text = at;
	return c;
}

static void
add_character(struct buf *to, uint32_t c)
{
	if (c == '"' || c == '\\')
		buf_printf(to, "\\%c", (int)c);
	else if (c >= ' ' && c <= '~')
		buf_addchar(to, (char)c);
	else if (c < 0x10000)
		buf_printf(to, "\\u%04x", c);
	else
		buf_printf(to, "\\u%04x\\u%04x", 0xD7C0 + (c >> 10),
		    0xDC00 + (c & 0x3FF));
}

void
json_string(struct buf *to, const char *text)
{
	struct buf good = BUF_INIT;
	const unsigned char *at;

	text_repair(text, strlen(text), &good);
	buf_addchar(to, '"');
	at = (const unsigned char *)good.data;
	while (*at != '\0')
		add_character(to, next_character(&at));
	buf_addchar(to, '"');
	buf_clear(&good);
}

void
json_member(struct buf *to, const char *key, const char *text)
{
	json_string(to, key);
	buf_addstr(to, ": ");
	if (*text == '\0')
		buf_addstr(to, "null");
	else
		json_string(to, text);
}
