/*
 * fuzz_chunks.c - any bytes as the text of BDAT, cut anywhere.
 *
 * The first byte chooses the size of the pieces.  A text is refused if it has
 * a NUL, or a CR or LF without the other; else it comes out with LF for CRLF,
 * dots and all, and its last line ended.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/data_reader.h"
#include "common/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expect(bool truth, const char *what)
{
	if (!truth)
		panic("%s", what);
}

static int
collect(void *arg, const char *data, size_t size)
{
	buf_add(arg, data, size);
	return 0;
}

/* What should come of it.  False: it should be refused. */
static bool
convert(const char *wire, size_t size, struct buf *text)
{
	for (size_t i = 0; i < size; i++) {
		if (wire[i] == '\0' || wire[i] == '\n')
			return false;
		if (wire[i] != '\r') {
			buf_addchar(text, wire[i]);
			continue;
		}
		i++;
		if (i == size || wire[i] != '\n')
			return false;
		buf_addchar(text, '\n');
	}
	if (text->size > 0 && text->data[text->size - 1] != '\n')
		buf_addchar(text, '\n');
	return true;
}

static int64_t
count_lines(const struct buf *text)
{
	int64_t lines = 0;

	for (size_t i = 0; i < text->size; i++)
		lines += text->data[i] == '\n';
	return lines;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *wire = (const char *)data + 1;
	struct buf wanted = BUF_INIT, text = BUF_INIT;
	struct data_reader reader;
	bool good;

	if (size < 1)
		return 0;
	size--;
	data_reader_init(&reader, 0, collect, &text);
	reader.chunked = true;
	for (size_t at = 0, piece = data[0] + 1U; at < size;) {
		size_t n = size - at < piece ? size - at : piece;

		expect(data_reader_feed(&reader, wire + at, n) == n,
		    "a chunk is taken whole");
		at += n;
	}
	data_reader_end_chunks(&reader);
	good = convert(wire, size, &wanted);
	expect(good == (data_reader_reply(&reader).code == 0),
	    "it is refused if it must be");
	if (good) {
		expect(text.size == wanted.size &&
			memcmp(text.data, wanted.data, text.size) == 0,
		    "the text is the same");
		expect(reader.lines == count_lines(&text),
		    "its lines are counted");
		expect(reader.octets == (int64_t)text.size + reader.lines,
		    "and its octets");
	}
	buf_clear(&wanted);
	buf_clear(&text);
	return 0;
}
