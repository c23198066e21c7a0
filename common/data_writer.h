/*
 * data_writer.h - a stored message as it goes over the wire, behind a 354 of
 * SMTP or the +OK of RETR.
 *
 * Stored messages have LF line ends.  On the wire each becomes CRLF, a dot at
 * the begin of a line is doubled (RFC 5321 4.5.2, RFC 1939 3), and a last line
 * without an end gets one.  A CR before an LF is taken as part of the line end;
 * any other becomes a blank, since RFC 5321 2.3.8 lets it not pass and a peer
 * might take it for a line end.
 *
 * A chunk (BDAT, RFC 3030) is the same without doubled dots and final dot; it
 * is measured before it is sent.
 */
#ifndef COMMON_DATA_WRITER_H
#define COMMON_DATA_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;

/* What is remembered between pieces.  Set conn, and zero the rest. */
struct data_writer {
	struct conn *conn; /* NULL: it is only measured */
	bool chunked;      /* a dot is a dot */
	int64_t size;      /* octets written so far */
	bool inside;       /* a line has begun */
	bool cr;           /* a CR is held back */
};

/* Writes a piece of the message.  DATA is used as work space. */
void data_write(struct data_writer *writer, char *data, size_t size);

/* Ends the last line if it has no end yet. */
void data_end_line(struct data_writer *writer);

/* Does that, and writes the line with the final dot. */
void data_finish(struct data_writer *writer);

/*
 * The whole file FD, from offset 0, and the end of its last line; FD's own
 * offset is not moved.  0, or -1 with errno when it cannot be read.
 */
int data_copy_fd(struct data_writer *writer, int fd);

/* The same with the final dot, of which there is none behind a -1. */
int data_write_fd(struct conn *conn, int fd);

#endif
