/*
 * fuzz_arriving.c - any bytes as the beginning of a message.
 *
 * What is dropped from a header must be Return-Path fields and nothing else:
 * the body stays as it is, and a second pass finds nothing more.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/log.h"
#include "mda/arriving.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool truth, const char *what)
{
	if (!truth)
		panic("%s", what);
}

static int64_t
count_lines(const struct buf *text)
{
	int64_t lines = 0;

	for (size_t i = 0; i < text->size; i++)
		lines += text->data[i] == '\n';
	return lines;
}

/* Whether what is left is a text of whole lines of the first one, in order. */
static bool
is_made_of(const struct buf *left, const struct buf *whole)
{
	size_t at = 0, from = 0;

	while (at < left->size) {
		const char *line = left->data + at;
		const char *lf = memchr(line, '\n', left->size - at);
		size_t size =
		    lf == NULL ? left->size - at : (size_t)(lf - line) + 1;
		const char *found = whole->data + from;

		while (whole->size - from < size ||
		    memcmp(found, line, size) != 0) {
			found = from == whole->size
			    ? NULL
			    : memchr(found, '\n', whole->size - from);
			if (found == NULL)
				return false;
			from = (size_t)(++found - whole->data);
		}
		from += size;
		at += size;
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = BUF_INIT, left = BUF_INIT;
	int64_t lines;

	buf_add(&whole, data, size);
	buf_add(&left, data, size);
	(void)arriving_has_header(&left);
	(void)arriving_was_delivered_to(&left, "bob@campus.example");
	lines = arriving_drop_return_paths(&left);
	expect(count_lines(&whole) - count_lines(&left) == lines,
	    "the lines that went are counted");
	expect(lines > 0 || left.size == whole.size, "or nothing went");
	expect(is_made_of(&left, &whole), "whole lines stay, in order");
	expect(left.size < 12 ||
		strncasecmp(left.data, "Return-Path:", 12) != 0 ||
		memchr(left.data, '\n', left.size) == NULL,
	    "no Return-Path stays in front");
	expect(arriving_drop_return_paths(&left) == 0, "once is enough");
	buf_clear(&whole);
	buf_clear(&left);
	return 0;
}
