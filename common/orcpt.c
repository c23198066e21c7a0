/*
 * orcpt.c - RFC 3461 4.2 and RFC 6533 3.
 *
 * An address of type utf-8 is read in one go whatever its form: a character is
 * \x{HEX}, or itself where its form allows that.
 */
#include "common/orcpt.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/address.h"
#include "common/utf8.h"

static const char type_rfc822[] = "rfc822;";
static const char type_utf8[] = "utf-8;";

enum { HEX_MAX = 6, SURROGATES = 0xD800, BEHIND_SURROGATES = 0xE000 };

static bool
has_type(const char *value, const char *type)
{
	return strncasecmp(value, type, strlen(type)) == 0;
}

/* Appends character C (no surrogate, at most 10FFFF) in UTF-8. */
static void
put_character(unsigned long c, struct buf *to)
{
	static const struct {
		unsigned long below;
		unsigned lead;
		int more;
	} forms[] = { { 0x80, 0, 0 }, { 0x800, 0xC0, 1 }, { 0x10000, 0xE0, 2 },
		{ 0x110000, 0xF0, 3 } };
	size_t i = 0;

	while (c >= forms[i].below)
		i++;
	buf_addchar(to, (char)(forms[i].lead | c >> (6 * forms[i].more)));
	for (int more = forms[i].more; more-- > 0;)
		buf_addchar(to, (char)(0x80 | (c >> (6 * more) & 0x3F)));
}

/* EmbeddedUnicodeChar = "\x" "{" HEXPOINT "}"; its length, 0 for none. */
static size_t
read_embedded(const char *text, struct buf *to)
{
	size_t digits;
	unsigned long c;

	if (strncmp(text, "\\x{", 3) != 0)
		return 0;
	digits = strspn(text + 3, "0123456789ABCDEF");
	if (digits < 2 || digits > HEX_MAX || text[3 + digits] != '}')
		return 0;
	c = strtoul(text + 3, NULL, 16);
	if (c == 0 || c > 0x10FFFF ||
	    (c >= SURROGATES && c < BEHIND_SURROGATES))
		return 0;
	put_character(c, to);
	return 3 + digits + 1;
}

/*
 * QCHAR = %x21-2a / %x2c-3c / %x3e-5b / %x5d-7e, and with UTF8 UTF8-non-ascii
 * (RFC 6533 3).  Appends what is meant.
 */
static bool
read_utf8(const char *text, bool utf8, struct buf *to)
{
	while (*text != '\0') {
		size_t length = read_embedded(text, to);

		if (length == 0) {
			length = utf8_length(text);
			if (length == 0 || (length > 1 && !utf8) ||
			    (length == 1 &&
				(*text <= ' ' || *text == '\x7F' ||
				    strchr("+=\\", *text) != NULL)))
				return false;
			buf_add(to, text, length);
		}
		text += length;
	}
	return true;
}

/* addr-type = atom */
static bool
is_other_type(const char *value, size_t length)
{
	if (length == 0)
		return false;
	for (size_t i = 0; i < length; i++)
		if (value[i] <= ' ' || value[i] >= 127 ||
		    strchr("()<>@,;:\\\".[]", value[i]) != NULL)
			return false;
	return true;
}

bool
orcpt_is_valid(const char *value, bool utf8)
{
	struct buf text = BUF_INIT;
	char decoded[ORCPT_MAX + 1];
	size_t type = strcspn(value, ";");
	bool good;

	if (strlen(value) > ORCPT_MAX || value[type] == '\0' ||
	    value[type + 1] == '\0')
		return false;
	if (has_type(value, type_utf8)) {
		good = read_utf8(value + type + 1, utf8, &text);
		buf_clear(&text);
		return good;
	}
	return is_other_type(value, type) &&
	    xtext_decode(value + type + 1, decoded, sizeof(decoded));
}

/*
 * Nothing that would end a header field or hide in it.  A blank may stand in a
 * quoted local part.
 */
static bool
is_printable(const char *text)
{
	if (*text == '\0')
		return false;
	while (*text != '\0') {
		size_t length = utf8_printable_length(text);

		if (length == 0)
			return false;
		text += length;
	}
	return true;
}

bool
orcpt_decode(const char *value, char *address, size_t size)
{
	struct buf text = BUF_INIT;
	bool good = false;

	if (has_type(value, type_rfc822))
		return xtext_decode(value + strlen(type_rfc822), address,
			   size) &&
		    is_printable(address) && utf8_is_ascii(address);
	if (has_type(value, type_utf8))
		good = read_utf8(value + strlen(type_utf8), true, &text) &&
		    is_printable(text.data) &&
		    copy_string(address, size, text.data);
	buf_clear(&text);
	return good;
}

/* utf-8-addr-unitext: only "\", "+", "=" and what is no character differ. */
static void
put_unitext(const char *text, struct buf *to)
{
	while (*text != '\0') {
		size_t length = utf8_length(text);
		unsigned char c = (unsigned char)*text;

		if (length > 1)
			buf_add(to, text, length);
		else if (length == 0 || c <= ' ' || c == 0x7F ||
		    strchr("+=\\", c) != NULL)
			buf_printf(to, "\\x{%02X}", c);
		else
			buf_addchar(to, *text);
		text += length == 0 ? 1 : length;
	}
}

void
orcpt_encode(const char *address, struct buf *to)
{
	char xtext[3 * ADDRESS_TEXT_MAX];

	if (utf8_is_ascii(address) &&
	    xtext_encode(address, xtext, sizeof(xtext))) {
		buf_addstr(to, type_rfc822);
		buf_addstr(to, xtext);
	} else {
		buf_addstr(to, type_utf8);
		put_unitext(address, to);
	}
}
