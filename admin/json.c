/* json.c - strings of RFC 8259. */
#include "admin/json.h"

#include "common/utf8.h"

void
json_string(struct buf *to, const char *text)
{
	buf_addchar(to, '"');
	while (*text != '\0') {
		unsigned char c = (unsigned char)*text;
		size_t length = utf8_length(text);

		if (c == '"' || c == '\\')
			buf_printf(to, "\\%c", c);
		else if (c < ' ' || c == 0x7f || length == 0)
			buf_printf(to, "\\u%04x", length == 0 ? 0xfffdU : c);
		else
			buf_add(to, text, length);
		text += length == 0 ? 1 : length;
	}
	buf_addchar(to, '"');
}
