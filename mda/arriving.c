/*
 * arriving.c - reads a header as far as the last stop must.
 *
 *   field = field-name *WSP ":" unstructured CRLF     RFC 5322 3.6.8, 4.5
 *   field-name = 1*ftext                              %d33-57 / %d59-126
 */
#include "mda/arriving.h"

#include <string.h>
#include <strings.h>

/* One field with its continuation lines: offsets into the head. */
struct field {
	size_t start;
	size_t name_end;
	size_t value;
	size_t end; /* behind the last LF */
	int64_t lines;
};

/* The offset behind the LF of the line at AT; 0 when there is no LF. */
static size_t
line_end(const struct buf *head, size_t at)
{
	const char *lf = memchr(head->data + at, '\n', head->size - at);

	return lf == NULL ? 0 : (size_t)(lf - head->data) + 1;
}

/* Reads the field at AT.  False where the header ends. */
static bool
read_field(const struct buf *head, size_t at, struct field *field_out)
{
	const char *data = head->data;
	struct field field = { .start = at };
	size_t i = at;

	/* The NUL behind the data ends these loops at the latest. */
	while (data[i] > 32 && data[i] < 127 && data[i] != ':')
		i++;
	field.name_end = i;
	while (data[i] == ' ' || data[i] == '\t')
		i++;
	if (field.name_end == at || data[i] != ':')
		return false;
	field.value = i + 1;

	for (size_t end = line_end(head, i); end != 0;
	     end = line_end(head, end)) {
		field.end = end;
		field.lines++;
		if (data[end] != ' ' && data[end] != '\t')
			break;
	}
	*field_out = field;
	return field.end != 0;
}

static bool
is_named(const struct buf *head, const struct field *field, const char *name)
{
	size_t size = field->name_end - field->start;

	return size == strlen(name) &&
	    strncasecmp(head->data + field->start, name, size) == 0;
}

int64_t
arriving_drop_return_paths(struct buf *head)
{
	struct field field;
	size_t at = 0, kept = 0;
	int64_t lines = 0;

	while (read_field(head, at, &field)) {
		at = field.end;
		if (is_named(head, &field, "Return-Path")) {
			lines += field.lines;
			continue;
		}
		memmove(head->data + kept, head->data + field.start,
		    field.end - field.start);
		kept += field.end - field.start;
	}
	memmove(head->data + kept, head->data + at, head->size - at);
	head->size -= at - kept;
	if (lines > 0)
		head->data[head->size] = '\0';
	return lines;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

bool
arriving_was_delivered_to(const struct buf *head, const char *login)
{
	size_t size = strlen(login);
	struct field field;

	for (size_t at = 0; read_field(head, at, &field); at = field.end) {
		size_t start = field.value, end = field.end;

		if (!is_named(head, &field, "Delivered-To"))
			continue;
		while (start < end && is_blank(head->data[start]))
			start++;
		while (end > start && is_blank(head->data[end - 1]))
			end--;
		if (end - start == size &&
		    strncasecmp(head->data + start, login, size) == 0)
			return true;
	}
	return false;
}

bool
arriving_has_header(const struct buf *head)
{
	struct field field;

	return head->data[0] == '\n' || read_field(head, 0, &field);
}
