/*
 * fuzz_smtp_data.c - any bytes behind the 354, cut anywhere, into the spool.
 *
 * The first byte chooses the size of the pieces, and its highest bit whether it
 * is a submission.  If not, what is stored behind our Received field is the
 * text as data_reader gives it, with at most one line end put in, and that
 * where the header ends.  If so, the header has no Bcc, but Date, and the body
 * is there.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/log.h"
#include "smtpd/receive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct stamp stamp = {
	.id = "A",
	.hostname = "mx.example",
	.helo = "desk",
	.peer = "192.0.2.7",
	.protocol = "ESMTP",
	.sender = "a@b.example",
};

static int
collect(void *arg, const char *data, size_t size)
{
	buf_add(arg, data, size);
	return 0;
}

/* The text without any filter behind the reader.  False when it is refused. */
static bool
read_plainly(const char *wire, size_t size, struct buf *to)
{
	struct data_reader reader;

	data_reader_init(&reader, 0, collect, to);
	reader.line_limit = RECEIVE_LINE_MAX;
	data_reader_feed(&reader, wire, size);
	return data_reader_done(&reader) && reader.fault == DATA_FINE;
}

/* What the spool holds behind Received. */
static void
read_spool(struct mail_spool *spool, struct buf *to)
{
	const char *line;
	int fd = mail_spool_fd(spool);

	if (fd == -1 || lseek(fd, 0, SEEK_SET) == -1 ||
	    buf_read(to, fd, SIZE_MAX) != 0)
		abort();
	line = strstr(to->data, ";\n\t");
	if (line == NULL)
		abort();
	buf_drop(to, (size_t)(strchr(line + 2, '\n') + 1 - to->data));
}

/* Whether STORED is TEXT, or TEXT with one LF more at a line's beginning. */
static bool
is_kept(const struct buf *text, const struct buf *stored)
{
	size_t same = 0;

	if (stored->size == text->size)
		return memcmp(stored->data, text->data, text->size) == 0;
	if (stored->size != text->size + 1)
		return false;
	while (same < text->size && stored->data[same] == text->data[same])
		same++;
	return stored->data[same] == '\n' &&
	    (same == 0 || stored->data[same - 1] == '\n') &&
	    memcmp(stored->data + same + 1, text->data + same,
		text->size - same) == 0;
}

/* Whether a line of the header in STORED begins with NAME and a colon. */
static bool
has_field(const struct buf *stored, const char *name)
{
	const char *line = stored->data;

	for (; line != NULL && *line != '\0' && *line != '\n';
	     line = strchr(line, '\n'), line += line != NULL) {
		size_t n = strlen(name);

		if (strncasecmp(line, name, n) == 0 &&
		    line[n + strspn(line + n, " \t")] == ':')
			return true;
	}
	return false;
}

/* Whether STORED is a whole submission that ends with the body of TEXT. */
static bool
is_submitted(const struct buf *text, const struct buf *stored)
{
	const char *body = strstr(text->data, "\n\n");
	size_t size = body == NULL ? 0 : strlen(body);

	if (has_field(stored, "Bcc") || has_field(stored, "Resent-Bcc"))
		return false;
	if (!has_field(stored, "Date") && !has_field(stored, "Resent-Date"))
		return false;
	return size <= stored->size &&
	    memcmp(stored->data + stored->size - size,
		text->data + text->size - size, size) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *wire = (const char *)data + 1;
	struct buf text = BUF_INIT;
	struct buf stored = BUF_INIT;
	struct mail_spool spool;
	struct receive receive;
	size_t at = 0;
	size_t piece;
	unsigned care;
	bool good;

	if (size < 1)
		return 0;
	log_set_level(LOG_WARN);
	piece = (data[0] & 0x7F) + 1U;
	care = (data[0] & 0x80) == 0 ? 0 : HEADERS_COMPLETE | HEADERS_HIDE_BCC;
	size--;
	mail_spool_init(&spool, -1);
	receive_begin(&receive, 0, &stamp, care, &spool);
	while (at < size && !data_reader_done(&receive.reader)) {
		size_t n = size - at < piece ? size - at : piece;

		at += data_reader_feed(&receive.reader, wire + at, n);
	}
	good = data_reader_done(&receive.reader) &&
	    receive.reader.fault == DATA_FINE;
	if (good != read_plainly(wire, size, &text))
		abort();
	(void)receive_end(&receive);
	if (good) {
		read_spool(&spool, &stored);
		if (care == 0 ? !is_kept(&text, &stored)
			      : !is_submitted(&text, &stored))
			abort();
	}
	mail_spool_clear(&spool);
	buf_clear(&text);
	buf_clear(&stored);
	return 0;
}
