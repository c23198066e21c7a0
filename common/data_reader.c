/*
 * data_reader.c - CRLF text with stuffed dots in, LF text out.
 *
 * Two speeds.  Inside a line, read_text() looks for the next CR, LF and NUL
 * with memchr and copies what lies before in one piece; that is where the
 * bytes of a message are.  Around line ends, read_byte() goes through the
 * states one byte at a time; so a chunk may end anywhere and a CRLF may be
 * split over two of them.
 *
 * A bare LF does not begin a new line: the state stays DATA_TEXT, so neither
 * LF . CRLF nor LF . LF can end the text.
 */
#include "common/data_reader.h"

#include "common/conn.h"

#include <string.h>

void
data_reader_init(struct data_reader *reader, int64_t limit,
    int (*sink)(void *arg, const char *data, size_t size), void *arg)
{
	reader->fault = DATA_FINE;
	reader->fault_line = 0;
	reader->octets = 0;
	reader->lines = 0;
	reader->long_lines = 0;
	reader->limit = limit;
	reader->line_limit = 0;
	reader->gives_up = false;
	reader->chunked = false;
	reader->tail[0] = '\r';
	reader->tail[1] = '\n';
	reader->state = DATA_LINE_START;
	reader->line_size = 0;
	reader->sink = sink;
	reader->arg = arg;
	reader->out_size = 0;
}

bool
data_reader_done(const struct data_reader *reader)
{
	return reader->state == DATA_END || reader->state == DATA_LOST;
}

bool
data_reader_lost(const struct data_reader *reader)
{
	return reader->state == DATA_LOST;
}

static void
note_fault(struct data_reader *reader, enum data_fault fault)
{
	if (reader->fault != DATA_FINE)
		return;
	reader->fault = fault;
	reader->fault_line = reader->lines + 1;
	reader->out_size = 0;
}

static void
flush_out(struct data_reader *reader)
{
	size_t size = reader->out_size;

	reader->out_size = 0;
	if (size == 0 || reader->fault != DATA_FINE)
		return;
	if (reader->sink(reader->arg, reader->out, size) == -1)
		note_fault(reader, DATA_SINK);
}

static void
put_out(struct data_reader *reader, const char *data, size_t size)
{
	if (reader->fault != DATA_FINE)
		return;
	if (size > DATA_OUT_SIZE - reader->out_size)
		flush_out(reader);
	if (size <= DATA_OUT_SIZE - reader->out_size) {
		memcpy(reader->out + reader->out_size, data, size);
		reader->out_size += size;
	} else if (reader->fault == DATA_FINE &&
	    reader->sink(reader->arg, data, size) == -1) {
		note_fault(reader, DATA_SINK);
	}
}

static void
count_octets(struct data_reader *reader, size_t size)
{
	reader->octets += (int64_t)size;
	if (reader->limit > 0 && reader->octets > reader->limit)
		note_fault(reader, DATA_TOO_BIG);
}

static void
end_line(struct data_reader *reader)
{
	count_octets(reader, 2);
	put_out(reader, "\n", 1);
	reader->lines++;
	reader->long_lines += reader->line_size > DATA_LINE_ADVISED;
	reader->line_size = 0;
	reader->state = DATA_LINE_START;
}

/*
 * The part of DATA that is plain text of one line: up to a CR, LF or NUL.  In
 * a text that is refused already only a CR can still matter; not looking for
 * the rest also keeps a flood of LFs from being searched over and over.
 */
static size_t
plain_length(const char *data, size_t size, bool refused)
{
	const char *stop = memchr(data, '\r', size);

	if (stop != NULL)
		size = (size_t)(stop - data);
	if (refused)
		return size;
	stop = memchr(data, '\n', size);
	if (stop != NULL)
		size = (size_t)(stop - data);
	stop = memchr(data, '\0', size);
	return stop != NULL ? (size_t)(stop - data) : size;
}

/* In DATA_TEXT: takes text up to a CR, or one wrong byte.  Count taken. */
static size_t
read_text(struct data_reader *reader, const char *data, size_t size)
{
	bool refused = reader->fault != DATA_FINE;
	size_t plain = plain_length(data, size, refused);

	if (plain > 0) {
		reader->line_size += (int64_t)plain;
		if (reader->line_limit > 0 &&
		    reader->line_size > reader->line_limit)
			note_fault(reader, DATA_LONG_LINE);
		count_octets(reader, plain);
		put_out(reader, data, plain);
		return plain;
	}
	if (data[0] == '\r')
		reader->state = DATA_CR;
	else
		note_fault(reader, data[0] == '\n' ? DATA_BARE_LF : DATA_NUL);
	return 1;
}

/*
 * Outside DATA_TEXT: looks at one byte and moves on.  Returns 1 when that took
 * the byte, 0 when it is to be read again in the new state.
 */
static size_t
read_byte(struct data_reader *reader, char c)
{
	switch (reader->state) {
	case DATA_LINE_START:
		if (c != '.' || reader->chunked) {
			reader->state = DATA_TEXT;
			return 0;
		}
		reader->state = DATA_DOT;
		return 1;
	case DATA_DOT:
		reader->state = c == '\r' ? DATA_DOT_CR : DATA_TEXT;
		return c == '\r';
	case DATA_DOT_CR:
		if (c == '\n') {
			reader->state = DATA_END;
			return 1;
		}
		break;
	case DATA_CR:
		if (c == '\n') {
			end_line(reader);
			return 1;
		}
		break;
	case DATA_TEXT:
	case DATA_END:
	case DATA_LOST:
		return 0;
	}
	/* A CR was not followed by LF. */
	note_fault(reader, DATA_BARE_CR);
	reader->state = DATA_TEXT;
	return 0;
}

/* How many bytes there are up to the end of LF . LF, 0 without one. */
static size_t
find_false_end(const struct data_reader *reader, const char *data, size_t size)
{
	static const char end[] = { '\n', '.', '\n' };
	const char *found;

	if (size >= 1 && memcmp(reader->tail, end, 2) == 0 && data[0] == '\n')
		return 1;
	if (size >= 2 && reader->tail[1] == '\n' &&
	    memcmp(data, end + 1, 2) == 0)
		return 2;
	found = memmem(data, size, end, sizeof(end));
	return found == NULL ? 0 : (size_t)(found - data) + sizeof(end);
}

static void
keep_tail(struct data_reader *reader, const char *data, size_t size)
{
	if (size == 0)
		return;
	reader->tail[0] = size > 1 ? data[size - 2] : reader->tail[1];
	reader->tail[1] = data[size - 1];
}

size_t
data_reader_feed(struct data_reader *reader, const char *data, size_t size)
{
	size_t false_end =
	    reader->gives_up ? find_false_end(reader, data, size) : 0;
	size_t done = 0;

	if (false_end > 0)
		size = false_end;
	while (done < size && !data_reader_done(reader)) {
		if (reader->state == DATA_TEXT)
			done += read_text(reader, data + done, size - done);
		else
			done += read_byte(reader, data[done]);
	}
	flush_out(reader);
	keep_tail(reader, data, done);
	if (false_end > 0 && reader->state != DATA_END)
		reader->state = DATA_LOST;
	return done;
}

bool
data_reader_run(struct data_reader *reader, struct conn *conn)
{
	while (!data_reader_done(reader)) {
		const char *data;
		size_t size = conn_peek(conn, &data);

		if (size == 0)
			return false;
		conn_consume(conn, data_reader_feed(reader, data, size));
	}
	return true;
}

bool
data_reader_run_chunk(struct data_reader *reader, struct conn *conn,
    int64_t size)
{
	while (size > 0) {
		const char *data;
		size_t n = conn_peek(conn, &data);

		if (n == 0)
			return false;
		if ((int64_t)n > size)
			n = (size_t)size;
		conn_consume(conn, data_reader_feed(reader, data, n));
		size -= (int64_t)n;
	}
	return true;
}

void
data_reader_end_chunks(struct data_reader *reader)
{
	if (reader->state == DATA_CR) {
		note_fault(reader, DATA_BARE_CR);
	} else if (reader->line_size > 0) {
		end_line(reader);
		flush_out(reader);
	}
}

struct reply
data_reader_reply(const struct data_reader *reader)
{
	long long line = (long long)reader->fault_line;

	switch (reader->fault) {
	case DATA_NUL:
		return reply(550,
		    "5.5.2 NUL byte in line %lld;"
		    " send such content encoded, in base64 for one",
		    line);
	case DATA_BARE_CR:
		return reply(550,
		    "5.5.2 <CR> without <LF> in line %lld;"
		    " lines end in <CR><LF>",
		    line);
	case DATA_BARE_LF:
		return reply(550,
		    "5.5.2 <LF> without <CR> in line %lld;"
		    " lines end in <CR><LF>%s",
		    line,
		    data_reader_lost(reader)
			? ", and DATA with <CR><LF>.<CR><LF>"
			: "");
	case DATA_LONG_LINE:
		return reply(554, "5.6.0 Line %lld is longer than %lld octets",
		    line, (long long)reader->line_limit);
	case DATA_TOO_BIG:
		return reply(552, "5.3.4 Message too big; at most %lld octets",
		    (long long)reader->limit);
	case DATA_SINK:
		return reply(452, "4.3.1 Cannot store the message now");
	case DATA_FINE:
		break;
	}
	return (struct reply){ .code = 0 };
}
