/* zone.c - one line a record; names end in a dot. */
#include "admin/zone.h"

#include <string.h>

enum { TTL = 3600, STRING_MAX = 255 /* RFC 1035 3.3 */ };

void
zone_add(struct buf *to, const char *owner, const char *type, const char *data)
{
	buf_printf(to, "%s. %d IN %s %s\n", owner, TTL, type, data);
}

/* In a quoted string of a zone file these two stand behind a backslash. */
static void
add_string(struct buf *to, const char *text, size_t size)
{
	buf_addchar(to, '"');
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '"' || text[i] == '\\')
			buf_addchar(to, '\\');
		buf_addchar(to, text[i]);
	}
	buf_addchar(to, '"');
}

void
zone_add_text(struct buf *to, const char *owner, const char *text)
{
	struct buf data = BUF_INIT;
	size_t size = strlen(text);

	do {
		size_t part = size < STRING_MAX ? size : STRING_MAX;

		if (data.size > 0)
			buf_addchar(&data, ' ');
		add_string(&data, text, part);
		text += part;
		size -= part;
	} while (size > 0);
	zone_add(to, owner, "TXT", data.data);
	buf_clear(&data);
}
