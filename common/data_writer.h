/*
 * data_writer.h - a stored message as it goes over the wire, behind a 354 of
 * SMTP or the +OK of RETR.
 *
 * Stored messages have LF line ends.  On the wire each becomes CRLF, a dot at
 * the begin of a line is doubled (RFC 5321 4.5.2, RFC 1939 3), and a last line
 * without an end gets one.  A CR before an LF is taken as part of the line end;
 * any other becomes a blank, since RFC 5321 2.3.8 lets it not pass and a peer
 * might take it for a line end.
 */
#ifndef COMMON_DATA_WRITER_H
#define COMMON_DATA_WRITER_H

#include <stdbool.h>
#include <stddef.h>

struct conn;

/* What is remembered between pieces.  Set conn, and zero the rest. */
struct data_writer {
	struct conn *conn;
	bool inside; /* a line has begun */
	bool cr;     /* a CR is held back */
};

/* Writes a piece of the message.  DATA is used as work space. */
void data_write(struct data_writer *writer, char *data, size_t size);

/* Ends the last line if it has no end yet. */
void data_end_line(struct data_writer *writer);

/* Does that, and writes the line with the final dot. */
void data_finish(struct data_writer *writer);

/*
 * The whole file FD, from offset 0, with the final dot; FD's own offset is not
 * moved.  0; -1 with errno when it cannot be read, and then there is no dot.
 */
int data_write_fd(struct conn *conn, int fd);

#endif
