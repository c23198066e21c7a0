/*
 * content.c - the content of a part, decoded, and what is damaged in it.
 *
 * Text is never guessed at: what the declared character set does not have is
 * shown as one mark a byte, so that a reader sees how much is wrong, and the
 * fault says why.
 */
#include "maildir/content.h"

#include <errno.h>
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "maildir/transfer.h"

static const char mark[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* No path and no //TRANSLIT reaches iconv_open(). */
static bool
is_charset_name(const char *name)
{
	size_t length = strspn(name,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-_.:+");

	return length > 0 && length < 64 && name[length] == '\0';
}

static size_t
from_ascii(const char *text, size_t size, struct buf *to)
{
	size_t broken = 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] > 0) {
			buf_addchar(to, text[i]);
		} else {
			buf_addstr(to, mark);
			broken++;
		}
	}
	return broken;
}

/* One call of iconv(), what came of it appended.  0, or its errno. */
static int
convert_some(iconv_t converter, char **at, size_t *left, struct buf *to)
{
	char out[4096];
	char *end = out;
	size_t room = sizeof(out);
	size_t rc = iconv(converter, at, left, &end, &room);
	int error = rc == (size_t)-1 ? errno : 0;

	buf_add(to, out, (size_t)(end - out));
	return error;
}

/* Converts by CONVERTER; returns how many bytes it could not. */
static size_t
from_charset(iconv_t converter, const char *text, size_t size, struct buf *to)
{
	char *copy = xmalloc(size + 1);
	char *at = copy;
	size_t left = size;
	size_t broken = 0;

	if (size > 0)
		memcpy(copy, text, size);
	while (left > 0) {
		int error = convert_some(converter, &at, &left, to);

		if (error == 0 || error == E2BIG || left == 0)
			continue;
		buf_addstr(to, mark);
		broken++;
		at++;
		left--;
	}
	/* Some converters hold the last character back. */
	convert_some(converter, NULL, NULL, to);
	free(copy);
	return broken;
}

/* No charset= was there: RFC 2045 5.2 says us-ascii, RFC 6532 UTF-8. */
static size_t
from_undeclared(const char *text, size_t size, struct located_part *part,
    struct buf *to)
{
	if (part->malformed_type)
		return from_ascii(text, size, to);

	size_t broken = text_repair(text, size, to);

	for (size_t i = 0; i < size && !part->examined; i++) {
		if (text[i] >= 0)
			continue;
		part_add_fault(&part->part,
		    "No character set is declared; read as UTF-8.");
		break;
	}
	return broken;
}

static size_t
to_utf8(const char *text, size_t size, struct located_part *part,
    struct buf *to)
{
	const char *charset = part->part.charset;
	iconv_t converter = (iconv_t)-1;
	size_t broken;

	if (*charset == '\0')
		return from_undeclared(text, size, part, to);
	if (strcasecmp(charset, "us-ascii") == 0)
		return from_ascii(text, size, to);
	if (strcasecmp(charset, "utf-8") == 0)
		return text_repair(text, size, to);
	if (is_charset_name(charset))
		converter = g_mime_iconv_open("UTF-8", charset);
	if (converter == (iconv_t)-1) {
		if (!part->examined)
			part_add_fault(&part->part,
			    "The character set \"%.60s\" is not known; read "
			    "as UTF-8.",
			    charset);
		return text_repair(text, size, to);
	}
	broken = from_charset(converter, text, size, to);
	g_mime_iconv_close(converter);
	return broken;
}

static void
tell_broken(struct located_part *part, size_t broken)
{
	const char *charset = part->part.charset;

	if (*charset == '\0')
		charset = part->malformed_type ? "us-ascii" : "UTF-8";
	if (broken == 1)
		part_add_fault(&part->part,
		    "1 byte is no %.60s; it is shown as %s.", charset, mark);
	else
		part_add_fault(&part->part,
		    "%zu bytes are no %.60s; each is shown as %s.", broken,
		    charset, mark);
}

static bool
is_text(const struct part *part)
{
	return strncmp(part->type, "text/", 5) == 0;
}

void
content_decode(const char *data, size_t size, struct located_part *part,
    struct buf *to)
{
	struct buf bytes = BUF_INIT;
	char *fault = transfer_decode(part->part.encoding, data, size, &bytes);

	if (fault != NULL && !part->examined)
		part_add_fault(&part->part, "%s", fault);
	free(fault);
	if (is_text(&part->part)) {
		size_t broken = to_utf8(bytes.data, bytes.size, part, to);

		if (broken > 0 && !part->examined)
			tell_broken(part, broken);
	} else {
		buf_add(to, bytes.data, bytes.size);
	}
	part->examined = true;
	buf_clear(&bytes);
}
