/*
 * retrieve.c - RETR and TOP: a stored message goes out.
 *
 * This is what a POP3 server does all day: open, fstat (the type), read and
 * close for a message, one buffer for all of them, and no write(2) before the
 * client has nothing more to ask or 16 KiB have gathered (conn.h).  A regular
 * file gives less than asked for at its end only, so there is no second read.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/conn.h"
#include "common/data_writer.h"
#include "common/log.h"
#include "pop3d/answer.h"
#include "pop3d/commands.h"
#include "pop3d/maildrop.h"

/* TOP stops here: after the header and so many lines of the body. */
struct top {
	int32_t lines; /* still to come; -1: all, this is RETR */
	bool in_body;
	bool in_line; /* a character other than CR stands before */
};

static char buffer[65536];

/* How much of DATA belongs to the top.  Less than SIZE: that is the end. */
static size_t
measure_top(struct top *top, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (top->in_body && top->lines == 0)
			return i;
		if (data[i] != '\n') {
			top->in_line = top->in_line || data[i] != '\r';
			continue;
		}
		if (top->in_body)
			top->lines--;
		else
			top->in_body = !top->in_line;
		top->in_line = false;
	}
	return size;
}

/* The next piece.  Less than the buffer holds: the last.  -1 with errno. */
static ssize_t
read_piece(int fd)
{
	ssize_t n;

	do {
		n = read(fd, buffer, sizeof(buffer));
	} while (n == -1 && errno == EINTR);
	return n;
}

/*
 * A message of which the first N bytes are in the buffer.  When it cannot be
 * read to its end the connection ends without a final dot, so that no client
 * takes a half for the whole.
 */
static struct reply
send_message(struct session *session, int fd, ssize_t n, struct top top)
{
	struct data_writer writer = { .conn = session->conn };
	bool end = false;

	while (!end && conn_error(session->conn) == NULL) {
		size_t size = (size_t)n;

		if (n == -1) {
			log_errno("read a message of %s",
			    session->maildrop->name);
			session->farewell = "a message cannot be read";
			session->state = DONE;
			return reply_said();
		}
		if (top.lines >= 0)
			size = measure_top(&top, buffer, size);
		end = size < sizeof(buffer);
		data_write(&writer, buffer, size);
		if (!end)
			n = read_piece(fd);
	}
	data_finish(&writer);
	return reply_said();
}

/*
 * What the message of which N bytes are in the buffer has on the wire.  The
 * listing believes the name of the file, and so does a client that reads as
 * many octets as RETR announces; here the file itself is looked at.
 */
static int64_t
measure(struct session *session, int i, int fd, ssize_t n)
{
	int64_t octets = n < (ssize_t)sizeof(buffer)
	    ? maildir_wire_octets(buffer, (size_t)n)
	    : maildir_wire_size(fd);

	if (octets != -1)
		maildrop_correct(session->maildrop, i, octets);
	return session->maildrop->listing.entries[i].octets;
}

/* Opens message I, or says why not. */
static int
open_message(struct session *session, int i, struct reply *refusal)
{
	int fd = maildrop_open_message(session->maildrop, i);

	if (fd != -1)
		return fd;
	if (errno == ENOENT)
		*refusal = reply_err(session,
		    "message %d is gone: another program removed it", i + 1);
	else
		*refusal = reply_err(session,
		    "[SYS/TEMP] message %d cannot be read now", i + 1);
	return -1;
}

/* Opens it and reads the first *N bytes into the buffer, or says why not. */
static int
begin_message(struct session *session, int i, ssize_t *n, struct reply *refusal)
{
	int fd = open_message(session, i, refusal);

	if (fd == -1)
		return -1;
	*n = read_piece(fd);
	if (*n != -1)
		return fd;
	log_errno("read a message of %s", session->maildrop->name);
	*refusal = reply_err(session,
	    "[SYS/TEMP] message %d cannot be read now", i + 1);
	close(fd);
	return -1;
}

struct reply
pop3_retr(struct session *session, char *argument)
{
	const char *cursor = argument;
	struct reply reply;
	int i = argument_message(session, &cursor, "RETR", &reply);
	int64_t octets;
	ssize_t n;
	int fd;

	if (i == -1)
		return reply;
	if (*cursor != '\0')
		return reply_err(session, "%s takes one message number",
		    "RETR");
	fd = begin_message(session, i, &n, &reply);
	if (fd == -1)
		return reply;

	octets = measure(session, i, fd, n);
	session_expect_output(session, octets);
	answer_begin(session, "%" PRId64 " octets", octets);
	reply = send_message(session, fd, n, (struct top){ .lines = -1 });
	close(fd);
	if (conn_error(session->conn) == NULL)
		record_retrieved(session, i);
	session->retrieved++;
	session->errors = 0;
	return reply;
}

struct reply
pop3_top(struct session *session, char *argument)
{
	const char *cursor = argument;
	struct top top = { 0 };
	struct reply reply;
	int i = argument_message(session, &cursor, "TOP", &reply);
	ssize_t n;
	int fd;

	if (i == -1)
		return reply;
	if (!argument_number(&cursor, &top.lines) || *cursor != '\0')
		return reply_err(session,
		    "TOP takes a message number and a number of "
		    "lines: TOP 1 10");
	fd = begin_message(session, i, &n, &reply);
	if (fd == -1)
		return reply;

	session_expect_output(session,
	    session->maildrop->listing.entries[i].octets);
	conn_putline(session->conn, "+OK");
	reply = send_message(session, fd, n, top);
	close(fd);
	session->errors = 0;
	return reply;
}
