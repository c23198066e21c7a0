/* downgrade_header.c - two fields of a header, read and written. */
#include "smtpd/downgrade_header.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "common/mem.h"

static const char cte_name[] = "Content-Transfer-Encoding";

/* The size of the field at TEXT, with its continuation lines. */
static size_t
field_size(const char *text)
{
	const char *at = text;

	do {
		at += strcspn(at, "\n");
		at += *at == '\n' ? 1 : 0;
	} while (*at == ' ' || *at == '\t');
	return (size_t)(at - text);
}

static bool
is_field(const char *text, const char *name)
{
	size_t length = strlen(name);

	if (strncasecmp(text, name, length) != 0)
		return false;
	text += length;
	text += strspn(text, " \t");
	return *text == ':';
}

/* Skips white space and comments (RFC 5322 3.2.2). */
static const char *
skip_blank(const char *at, const char *end)
{
	int depth = 0;

	for (; at < end; at++) {
		if (*at == '(')
			depth++;
		else if (*at == ')' && depth > 0)
			depth--;
		else if (*at == '\\' && depth > 0 && at + 1 < end)
			at++;
		else if (depth == 0 && !isspace((unsigned char)*at))
			break;
	}
	return at;
}

/* token := 1*<any CHAR except SPACE, CTLs, or tspecials>     RFC 2045 5.1 */
static const char *
skip_token(const char *at, const char *end)
{
	while (at < end && (unsigned char)*at > ' ' &&
	    strchr("()<>@,;:\\\"/[]?=", *at) == NULL)
		at++;
	return at;
}

static bool
is_word(const char *at, const char *end, const char *word)
{
	return (size_t)(end - at) == strlen(word) &&
	    strncasecmp(at, word, strlen(word)) == 0;
}

/* value := token / quoted-string; false when it is too long or empty. */
static bool
take_value(const char **at, const char *end, char *to, size_t size)
{
	const char *from = *at;
	size_t n = 0;

	if (from < end && *from == '"') {
		for (from++; from < end && *from != '"'; from++) {
			if (*from == '\\' && from + 1 < end)
				from++;
			if (*from == '\n')
				continue;
			if (n + 1 < size)
				to[n] = *from;
			n++;
		}
		*at = from < end ? from + 1 : end;
	} else {
		*at = skip_token(from, end);
		/* Unquoted, with what a token may not have: it is common. */
		while (
		    *at < end && *(*at) != ';' && !isspace((unsigned char)**at))
			++*at;
		n = (size_t)(*at - from);
		memcpy(to, from, n < size ? n : size - 1);
	}
	to[n < size ? n : size - 1] = '\0';
	return n > 0 && n < size;
}

/* parameter := attribute "=" value; looks for boundary. */
static bool
find_boundary(const char *at, const char *end, char boundary[BOUNDARY_MAX + 1])
{
	while ((at = skip_blank(at, end)) < end && *at == ';') {
		const char *name = skip_blank(at + 1, end);
		const char *stop = skip_token(name, end);
		char other[1024];

		at = skip_blank(stop, end);
		if (at == end || *at != '=')
			continue;
		at = skip_blank(at + 1, end);
		if (is_word(name, stop, "boundary"))
			return take_value(&at, end, boundary, BOUNDARY_MAX + 1);
		(void)take_value(&at, end, other, sizeof(other));
	}
	return false;
}

static void
take_type(const char *at, const char *end, struct part_header *header)
{
	const char *type = skip_blank(at, end);
	const char *type_end = skip_token(type, end);
	const char *slash = skip_blank(type_end, end);
	const char *sub =
	    slash < end && *slash == '/' ? skip_blank(slash + 1, end) : slash;
	const char *sub_end = skip_token(sub, end);

	header->has_type = true;
	header->is_digest = false;
	header->kind = PART_LEAF;
	if (is_word(type, type_end, "message")) {
		header->kind = is_word(sub, sub_end, "rfc822") ||
			is_word(sub, sub_end, "news")
		    ? PART_MESSAGE
		    : PART_FIXED;
	} else if (is_word(type, type_end, "multipart")) {
		header->is_digest = is_word(sub, sub_end, "digest");
		header->kind = !is_word(sub, sub_end, "signed") &&
			!is_word(sub, sub_end, "encrypted") &&
			find_boundary(sub_end, end, header->boundary)
		    ? PART_MULTIPART
		    : PART_FIXED;
	}
}

static enum part_encoding
encoding_of(const char *at, const char *end)
{
	static const struct {
		const char *name;
		enum part_encoding encoding;
	} names[] = {
		{ "7bit", ENCODING_NONE },
		{ "8bit", ENCODING_8BIT },
		{ "binary", ENCODING_8BIT },
		{ "quoted-printable", ENCODING_QP },
	};
	const char *word = skip_blank(at, end);
	const char *stop = skip_token(word, end);

	for (size_t i = 0; i < COUNT(names); i++)
		if (is_word(word, stop, names[i].name))
			return names[i].encoding;
	return word == stop ? ENCODING_NONE : ENCODING_OTHER;
}

void
part_header_parse(const char *text, bool in_digest, struct part_header *header)
{
	*header = (struct part_header){
		.kind = in_digest ? PART_MESSAGE : PART_LEAF,
	};
	for (const char *at = text; *at != '\0'; at++)
		header->eight_bit = header->eight_bit || (*at & 0x80) != 0;
	while (*text != '\0') {
		const char *end = text + field_size(text);
		const char *value = memchr(text, ':', (size_t)(end - text));

		value = value == NULL ? end : value + 1;
		if (is_field(text, "MIME-Version"))
			header->has_version = true;
		else if (is_field(text, cte_name))
			header->encoding = encoding_of(value, end);
		else if (is_field(text, "Content-Type") && !header->has_type)
			take_type(value, end, header);
		text = end;
	}
}

void
part_header_write(const char *text, const char *encoding, const char *extra,
    struct buf *to)
{
	bool written = encoding == NULL;

	while (*text != '\0') {
		size_t size = field_size(text);

		if (encoding == NULL || !is_field(text, cte_name)) {
			buf_add(to, text, size);
		} else if (!written) {
			buf_printf(to, "%s: %s\n", cte_name, encoding);
			written = true;
		}
		text += size;
	}
	if (to->size > 0 && to->data[to->size - 1] != '\n')
		buf_addchar(to, '\n');
	buf_addstr(to, extra);
	if (!written)
		buf_printf(to, "%s: %s\n", cte_name, encoding);
}
