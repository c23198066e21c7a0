/*
 * flow.c - long lines broken so that the receiver can join them again.
 */
#include "mua/flow.h"

#include <string.h>

#include "mua/text.h"

static const char signature[] = "-- ";

/* Columns of a line, a tab as one. */
static int
columns_of(const char *line, size_t size)
{
	int all = 0;

	for (size_t i = 0; i < size;) {
		int columns;

		i += text_next(line + i, &columns);
		all += columns < 0 ? 1 : columns;
	}
	return all;
}

size_t
flow_cut(const char *line, size_t size, int width)
{
	size_t cut = size;
	size_t i = 0;
	int used = 0;

	while (i < size) {
		int columns;
		size_t length = text_next(line + i, &columns);

		used += columns < 0 ? 1 : columns;
		if (used > width && cut < size)
			return cut;
		i += length;
		if (line[i - 1] == ' ' && i < size && line[i] != ' ')
			cut = i;
	}
	return used > width ? cut : size;
}

/* The size of the line at TEXT that ends before END, without its LF. */
static size_t
line_size(const char *text, const char *end)
{
	const char *stop = memchr(text, '\n', (size_t)(end - text));

	return (size_t)((stop == NULL ? end : stop) - text);
}

static bool
is_signature(const char *line, size_t size)
{
	return size == 3 && memcmp(line, signature, 3) == 0;
}

/* Puts a line of its own, RFC 3676 4.2 and 4.4. */
static void
put_line(const char *line, size_t size, size_t depth, struct buf *to)
{
	bool stuffed =
	    depth > 0 || (size > 0 && (*line == ' ' || *line == '>'));

	if (size >= 5 && memcmp(line, "From ", 5) == 0)
		stuffed = true;
	for (size_t i = 0; i < depth; i++)
		buf_addchar(to, '>');
	if (stuffed)
		buf_addchar(to, ' ');
	buf_add(to, line, size);
	buf_addchar(to, '\n');
}

static void
encode_line(const char *line, size_t size, struct buf *to)
{
	size_t depth = 0;
	int width;

	if (is_signature(line, size)) {
		buf_addstr(to, "-- \n");
		return;
	}
	while (depth < size && line[depth] == '>')
		depth++;
	line += depth;
	size -= depth;
	if (depth > 0 && size > 0 && *line == ' ') {
		line++;
		size--;
	}
	/* A blank at the end would say that the line flows. */
	while (size > 0 && line[size - 1] == ' ')
		size--;
	width = depth + 20 > FLOW_WIDTH ? 20 : FLOW_WIDTH - (int)depth;
	while (columns_of(line, size) > width) {
		size_t cut = flow_cut(line, size, width);

		if (cut == size)
			break;
		put_line(line, cut, depth, to);
		line += cut;
		size -= cut;
	}
	put_line(line, size, depth, to);
}

bool
flow_encode(const struct buf *text, struct buf *to)
{
	const char *end = text->data + text->size;
	bool flowed = false;
	size_t size;

	for (const char *s = text->data; s < end; s += size + 1) {
		size = line_size(s, end);
		flowed |= columns_of(s, size) > FLOW_LINE &&
		    flow_cut(s, size, FLOW_WIDTH) < size;
	}
	if (!flowed) {
		buf_add(to, text->data, text->size);
		if (text->size > 0 && end[-1] != '\n')
			buf_addchar(to, '\n');
		return false;
	}
	for (const char *s = text->data; s < end; s += size + 1) {
		size = line_size(s, end);
		encode_line(s, size, to);
	}
	return true;
}

void
flow_decode(const struct buf *text, struct buf *to)
{
	const char *end = text->data + text->size;
	size_t flowing = 0; /* depth + 1 of the line that goes on, 0: none */
	size_t size;

	for (const char *s = text->data; s < end; s += size + 1) {
		size_t depth = 0;
		size_t from;

		size = line_size(s, end);
		while (depth < size && s[depth] == '>')
			depth++;
		from = depth + (depth < size && s[depth] == ' ');
		if (flowing != 0 &&
		    (flowing != depth + 1 || is_signature(s, size))) {
			buf_addchar(to, '\n');
			flowing = 0;
		}
		if (is_signature(s, size))
			from = 0;
		if (flowing == 0) {
			buf_add(to, s, depth);
			if (depth > 0)
				buf_addchar(to, ' ');
		}
		buf_add(to, s + from, size - from);
		flowing =
		    size > from && s[size - 1] == ' ' && !is_signature(s, size)
		    ? depth + 1
		    : 0;
		if (flowing == 0)
			buf_addchar(to, '\n');
	}
	if (flowing != 0)
		buf_addchar(to, '\n');
}
