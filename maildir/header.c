/*
 * header.c - where a header ends, and the fields in it.
 *
 * The rule for the end is the one people type by (worksheet 08): the first
 * line that is no field starts the body, with or without a blank line.
 */
#include "maildir/header.h"

#include <string.h>
#include <strings.h>

/* The length of the line at DATA with its LF, if it has one. */
static size_t
line_length(const char *data, size_t size)
{
	const char *end = memchr(data, '\n', size);

	return end == NULL ? size : (size_t)(end - data) + 1;
}

static bool
is_blank_line(const char *line, size_t length)
{
	return (length == 1 && line[0] == '\n') ||
	    (length == 2 && line[0] == '\r' && line[1] == '\n');
}

/*
 * field-name = 1*ftext, ftext = %d33-57 / %d59-126 (RFC 5322 3.6.8), with
 * blanks before the colon as in its obsolete form (4.5.8).  Returns the length
 * of the name, 0 for no field.
 */
static size_t
name_length(const char *line, size_t length)
{
	size_t name = 0;

	while (name < length && line[name] > ' ' && line[name] < 127 &&
	    line[name] != ':')
		name++;

	size_t colon = name;

	while (colon < length && (line[colon] == ' ' || line[colon] == '\t'))
		colon++;
	return colon < length && line[colon] == ':' ? name : 0;
}

/* An mbox separator, which some programs leave on top. */
static bool
is_from_line(const char *line, size_t length)
{
	return (length > 5 && memcmp(line, "From ", 5) == 0) ||
	    (length > 6 && memcmp(line, ">From ", 6) == 0);
}

struct header_end
header_find_end(const char *data, size_t size)
{
	struct header_end end = { 0, 0, false, false };

	while (end.size < size) {
		const char *line = data + end.size;
		size_t length = line_length(line, size - end.size);
		bool folded = end.size > 0 && (*line == ' ' || *line == '\t');

		if (is_blank_line(line, length)) {
			end.body = end.size + length;
			end.blank = end.complete = true;
			return end;
		}
		if (!folded && name_length(line, length) == 0 &&
		    !(end.size == 0 && is_from_line(line, length))) {
			end.complete = true;
			break;
		}
		end.size += length;
	}
	end.body = end.size;
	return end;
}

bool
header_next(const char **cursor, const char *end,
    struct header_field *field_out)
{
	const char *line = *cursor;

	/* A "From " line and its folds, which are no field. */
	while (line < end && name_length(line, (size_t)(end - line)) == 0)
		line += line_length(line, (size_t)(end - line));
	if (line >= end)
		return false;

	const char *next = line + line_length(line, (size_t)(end - line));

	while (next < end && (*next == ' ' || *next == '\t'))
		next += line_length(next, (size_t)(end - next));
	field_out->name = line;
	field_out->name_size = name_length(line, (size_t)(next - line));
	field_out->value = line + field_out->name_size;
	while (*field_out->value != ':')
		field_out->value++;
	field_out->value++;
	field_out->value_size = (size_t)(next - field_out->value);
	*cursor = next;
	return true;
}

bool
header_is(const struct header_field *field, const char *name)
{
	return strlen(name) == field->name_size &&
	    strncasecmp(name, field->name, field->name_size) == 0;
}

bool
header_find(const char *header, size_t size, const char *name,
    struct header_field *field_out)
{
	const char *cursor = header;

	while (header_next(&cursor, header + size, field_out))
		if (header_is(field_out, name))
			return true;
	return false;
}
