/* data_writer.c - LF to CRLF and dot-stuffing, a piece at a time. */
#include "common/data_writer.h"

#include <string.h>
#include <unistd.h>

#include "common/conn.h"

enum { CHUNK_SIZE = 8192 };

static void
put(struct data_writer *writer, const char *data, size_t size)
{
	writer->size += (int64_t)size;
	if (writer->conn != NULL)
		conn_write(writer->conn, data, size);
}

/* Writes a part of a line, without its end. */
static void
put_text(struct data_writer *writer, char *text, size_t size)
{
	char *cr;

	if (writer->cr) {
		put(writer, " ", 1);
		writer->inside = true;
	}
	writer->cr = text[size - 1] == '\r';
	if (writer->cr)
		size--;
	if (size == 0)
		return;
	if (!writer->inside && text[0] == '.' && !writer->chunked)
		put(writer, ".", 1);
	writer->inside = true;
	while ((cr = memchr(text, '\r', size)) != NULL)
		*cr = ' ';
	put(writer, text, size);
}

static void
put_line_end(struct data_writer *writer)
{
	put(writer, "\r\n", 2);
	writer->inside = false;
	writer->cr = false;
}

void
data_write(struct data_writer *writer, char *data, size_t size)
{
	while (size > 0) {
		char *end = memchr(data, '\n', size);
		size_t part = end == NULL ? size : (size_t)(end - data);

		if (part > 0)
			put_text(writer, data, part);
		if (end == NULL)
			return;
		put_line_end(writer);
		data += part + 1;
		size -= part + 1;
	}
}

void
data_end_line(struct data_writer *writer)
{
	if (writer->inside || writer->cr)
		put_line_end(writer);
}

void
data_finish(struct data_writer *writer)
{
	data_end_line(writer);
	put(writer, ".\r\n", 3);
}

int
data_copy_fd(struct data_writer *writer, int fd)
{
	char chunk[CHUNK_SIZE];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof(chunk), at)) > 0) {
		data_write(writer, chunk, (size_t)n);
		at += n;
		if (writer->conn != NULL && conn_error(writer->conn) != NULL)
			return 0; /* whoever reads next will see it */
	}
	if (n == -1)
		return -1;
	data_end_line(writer);
	return 0;
}

int
data_write_fd(struct conn *conn, int fd)
{
	struct data_writer writer = { .conn = conn };

	if (data_copy_fd(&writer, fd) == -1)
		return -1;
	data_finish(&writer);
	return 0;
}
