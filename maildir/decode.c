/*
 * decode.c - values of header fields, decoded by GMime.
 *
 * Raw bytes are made valid UTF-8 first, so GMime never guesses a character set
 * for them; what it returns is made harmless once more, because an encoded
 * word can hold anything.
 */
#include "maildir/decode.h"

#include <gmime/gmime.h>
#include <iconv.h>
#include <stdbool.h>
#include <string.h>

#include "common/buf.h"
#include "maildir/index_boot.h"
#include "maildir/message.h"

/* More of one field is not looked at: parsing must not cost the house. */
enum { VALUE_MAX = 16384 };

/*
 * Converters kept open from before the sandbox on: the C library loads them
 * from files that a sandboxed process cannot open, and unloads them when the
 * last user is gone.
 */
/* clang-format off */
static const char *const charsets[] = {
	"ISO-8859-1", "ISO-8859-2", "ISO-8859-5", "ISO-8859-7", "ISO-8859-9",
	"ISO-8859-15", "CP1250", "CP1251", "CP1252", "CP1253", "CP1254",
	"CP1256", "KOI8-R", "KOI8-U", "ISO-2022-JP", "SHIFT_JIS", "EUC-JP",
	"GBK", "GB18030", "BIG5", "EUC-KR", "UTF-7", "MACINTOSH", "CP437",
};
/* clang-format on */

static void (*library_missing)(void);

void
message_library_missing(void (*missing)(void))
{
	library_missing = missing;
}

void
message_library_init(void)
{
	static iconv_t kept[COUNT(charsets)];

	if (library_missing != NULL)
		library_missing();
	if (kept[0] != NULL)
		return;
	g_mime_init();
	index_boot_id();
	for (size_t i = 0; i < COUNT(charsets); i++)
		kept[i] = iconv_open("UTF-8", charsets[i]);
}

/* Cuts TEXT to LIMIT bytes, not within a character. */
static void
cut_text(struct buf *text, size_t limit)
{
	if (text->size <= limit)
		return;
	while (limit > 0 && (text->data[limit] & 0xC0) == 0x80)
		limit--;
	text->size = limit;
	text->data[limit] = '\0';
}

char *
decode_clean(const char *text, size_t limit)
{
	struct buf safe = BUF_INIT;

	text_safe(text, strlen(text), &safe);
	for (size_t i = 0; i < safe.size; i++)
		if (safe.data[i] == '\n' || safe.data[i] == '\t')
			safe.data[i] = ' ';
	while (safe.size > 0 && safe.data[safe.size - 1] == ' ')
		safe.data[--safe.size] = '\0';
	cut_text(&safe, limit);
	return buf_steal(&safe);
}

/* The value as a string that GMime may see: one line of valid UTF-8. */
static struct buf
prepare(const char *value, size_t size)
{
	struct buf line = BUF_INIT;
	size_t kept = 0;

	if (size > VALUE_MAX)
		size = VALUE_MAX;
	while (size > 0 && (*value == ' ' || *value == '\t')) {
		value++;
		size--;
	}
	text_repair(value, size, &line);
	for (size_t i = 0; i < line.size; i++)
		if (line.data[i] == '\t')
			line.data[kept++] = ' ';
		else if (line.data[i] != '\r' && line.data[i] != '\n')
			line.data[kept++] = line.data[i];
	line.size = kept;
	line.data[kept] = '\0';
	return line;
}

char *
decode_unfold(const char *value, size_t size)
{
	struct buf line = prepare(value, size);

	return buf_steal(&line);
}

char *
decode_text(const char *value, size_t size, size_t limit)
{
	struct buf line = prepare(value, size);
	char *decoded = NULL;

	if (strstr(line.data, "=?") != NULL)
		decoded = g_mime_utils_header_decode_text(NULL, line.data);

	char *clean =
	    decode_clean(decoded != NULL ? decoded : line.data, limit);

	g_free(decoded);
	buf_clear(&line);
	return clean;
}

char *
decode_addresses(const char *value, size_t size, size_t limit)
{
	struct buf line = prepare(value, size);
	InternetAddressList *list =
	    internet_address_list_parse(NULL, line.data);
	char *text = NULL;

	if (list != NULL) {
		text = internet_address_list_to_string(list, NULL, FALSE);
		g_object_unref(list);
	}
	buf_clear(&line);
	if (text == NULL || *text == '\0') {
		g_free(text);
		return decode_text(value, size, limit);
	}

	char *clean = decode_clean(text, limit);

	g_free(text);
	return clean;
}

char *
decode_ids(const char *value, size_t size, size_t limit, int count)
{
	struct buf line = prepare(value, size);
	GMimeReferences *ids = g_mime_references_parse(NULL, line.data);
	struct buf list = BUF_INIT;
	int n = ids == NULL ? 0 : g_mime_references_length(ids);

	for (int i = 0; i < n && i < count; i++) {
		const char *id = g_mime_references_get_message_id(ids, i);

		if (list.size + strlen(id) + 1 > limit)
			break;
		if (list.size > 0)
			buf_addchar(&list, ' ');
		buf_addstr(&list, id);
	}
	if (ids != NULL)
		g_mime_references_free(ids);
	buf_clear(&line);

	char *clean = decode_clean(list.data, limit);

	buf_clear(&list);
	return clean;
}

int64_t
decode_date(const char *value, size_t size)
{
	struct buf line = prepare(value, size);
	GDateTime *date = g_mime_utils_header_decode_date(line.data);
	int64_t seconds = 0;

	if (date != NULL) {
		seconds = g_date_time_to_unix(date);
		g_date_time_unref(date);
	}
	buf_clear(&line);
	return seconds;
}
