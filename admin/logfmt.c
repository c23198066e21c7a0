/*
 * logfmt.c - keys and values.
 *
 *   line  = pair *( " " pair )
 *   pair  = key "=" ( bare / DQUOTE *( char / "\" %x22 / "\\" / "\xHH" ) DQUOTE
 * ) bare  = *( any but blank )
 *
 * What does not fit is skipped up to the next blank: whoever reads a log wants
 * the rest.
 */
#include "admin/logfmt.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t
logfmt_time(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	time_t seconds;

	if (rest == NULL || rest[0] != '.' ||
	    strspn(rest + 1, "0123456789") != 3 || strcmp(rest + 4, "Z") != 0)
		return -1;
	seconds = timegm(&tm);
	if (seconds < 0)
		return -1;
	return (int64_t)seconds * 1000 + strtol(rest + 1, NULL, 10);
}

static bool
is_key_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

static int
hex_value(char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *found = c == '\0' ? NULL : strchr(digits, c);

	return found == NULL ? -1 : (int)(found - digits);
}

/*
 * Undoes what log_safe() did, at *CURSOR behind a backslash.  The result is
 * never NUL, which would end the value.
 */
static char
read_escape(const char **cursor)
{
	const char *at = *cursor;
	int high = at[0] == 'x' ? hex_value(at[1]) : -1;
	int low = high == -1 ? -1 : hex_value(at[2]);

	if (low == -1) {
		*cursor = at + 1;
		return at[0];
	}
	*cursor = at + 3;
	return high + low == 0 ? '?' : (char)(high * 16 + low);
}

/* Unquotes in place what stands at TEXT behind the quote; what follows it. */
static char *
read_quoted(char *text)
{
	const char *from = text;
	char *to = text;

	while (*from != '\0' && *from != '"') {
		if (*from == '\\' && from[1] != '\0') {
			from++;
			*to++ = read_escape(&from);
		} else {
			*to++ = *from++;
		}
	}
	from += *from == '"';
	/* It has become shorter, or it was cut and ends where the line does. */
	if (to < from)
		*to = '\0';
	return text + (from - text);
}

/* Takes the pair at TEXT; what follows it. */
static char *
read_pair(char *text, struct logfmt *fields)
{
	char *key = text;
	char *value;

	while (is_key_char(*text))
		text++;
	if (text == key || *text != '=')
		return text + strcspn(text, " ");
	*text++ = '\0';
	value = text;
	if (*text == '"')
		text = read_quoted(++value);
	else
		text += strcspn(text, " ");
	if (*text != '\0' && *text != ' ')
		text += strcspn(text, " ");
	if (*text != '\0')
		*text++ = '\0';
	fields->pairs[fields->count].key = key;
	fields->pairs[fields->count].value = value;
	fields->count++;
	return text;
}

bool
logfmt_parse(const char *line, size_t size, struct logfmt *fields_out)
{
	char *text = fields_out->text;

	fields_out->count = 0;
	if (size < 5 || memcmp(line, "time=", 5) != 0)
		return false;
	if (size > sizeof(fields_out->text) - 1)
		size = sizeof(fields_out->text) - 1;
	memcpy(text, line, size);
	text[size] = '\0';
	for (text += strspn(text, " ");
	     *text != '\0' && fields_out->count < LOGFMT_PAIRS_MAX;
	     text += strspn(text, " "))
		text = read_pair(text, fields_out);
	fields_out->when = logfmt_time(logfmt_get(fields_out, "time"));
	return fields_out->when != -1;
}

const char *
logfmt_get(const struct logfmt *fields, const char *key)
{
	for (size_t i = 0; i < fields->count; i++)
		if (strcmp(fields->pairs[i].key, key) == 0)
			return fields->pairs[i].value;
	return "";
}
