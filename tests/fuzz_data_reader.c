/*
 * fuzz_data_reader.c - any bytes after DATA, cut anywhere.
 *
 * The first byte of the input chooses the size of the pieces.  Whatever the
 * pieces, the outcome must be that of the whole at once; and a text that is
 * taken must be what an independent reading of RFC 5321 says.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/data_reader.h"
#include "common/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
collect(void *arg, const char *data, size_t size)
{
	buf_add(arg, data, size);
	return 0;
}

static size_t
feed(struct data_reader *reader, const char *wire, size_t size, size_t piece)
{
	size_t taken = 0;

	while (taken < size && !data_reader_done(reader)) {
		size_t n = size - taken < piece ? size - taken : piece;

		taken += data_reader_feed(reader, wire + taken, n);
	}
	return taken;
}

/* Whether WIRE up to END is lines that end in CRLF, without NULs. */
static bool
is_clean(const char *wire, size_t end)
{
	for (size_t i = 0; i < end; i++) {
		bool after_cr = i > 0 && wire[i - 1] == '\r';

		if (wire[i] == '\0' || (wire[i] == '\n') != after_cr)
			return false;
	}
	return true;
}

/* Where CRLF . CRLF ends, counting from a CRLF before the text; 0: nowhere. */
static size_t
find_end(const char *wire, size_t size)
{
	if (size >= 3 && memcmp(wire, ".\r\n", 3) == 0)
		return 3;
	for (size_t i = 0; i + 5 <= size; i++)
		if (memcmp(wire + i, "\r\n.\r\n", 5) == 0)
			return i + 5;
	return 0;
}

static void
expect(bool truth, const char *what)
{
	if (!truth)
		panic("%s", what);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = BUF_INIT, pieces = BUF_INIT;
	struct data_reader a, b;
	size_t taken, end;
	const char *wire;

	if (size == 0)
		return 0;
	wire = (const char *)data + 1;
	size--;
	data_reader_init(&a, 0, collect, &whole);
	data_reader_init(&b, 0, collect, &pieces);
	taken = feed(&a, wire, size, size);
	expect(taken == feed(&b, wire, size, 1 + data[0] % 64U),
	    "pieces are taken like the whole");
	expect(a.fault == b.fault && a.state == b.state &&
		a.octets == b.octets && a.lines == b.lines &&
		a.fault_line == b.fault_line,
	    "pieces end like the whole");

	end = find_end(wire, size);
	expect(data_reader_done(&a) == (end != 0), "the end is the end");
	if (end != 0) {
		expect(taken == end, "nothing behind the end is taken");
		expect((a.fault == DATA_FINE) == is_clean(wire, end),
		    "faults are what is not clean");
	}
	if (a.fault == DATA_FINE) {
		expect(whole.size == pieces.size &&
			memcmp(whole.data, pieces.data, whole.size) == 0,
		    "pieces say what the whole says");
		expect((int64_t)whole.size <= a.octets, "octets count CRs");
	}
	buf_clear(&whole);
	buf_clear(&pieces);
	return 0;
}
