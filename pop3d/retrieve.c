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

/* The next piece; *END when it is the last.  -1 with errno. */
static ssize_t
read_piece(int fd, bool *end)
{
	ssize_t n;

	do {
		n = read(fd, buffer, sizeof(buffer));
	} while (n == -1 && errno == EINTR);
	*end = n < (ssize_t)sizeof(buffer);
	return n;
}

/*
 * The rest of a message that can be opened.  When it cannot be read to its end
 * the connection ends without a final dot, so that no client takes a half for
 * the whole.
 */
static struct reply
send_message(struct session *session, int fd, struct top top)
{
	struct data_writer writer = { .conn = session->conn };
	bool end = false;

	while (!end && conn_error(session->conn) == NULL) {
		ssize_t n = read_piece(fd, &end);
		size_t size;

		if (n == -1) {
			log_errno("read a message of %s",
			    session->maildrop->name);
			session->farewell = "a message cannot be read";
			session->state = DONE;
			return reply_said();
		}
		size = (size_t)n;
		if (top.lines >= 0)
			size = measure_top(&top, buffer, size);
		end = end || size < (size_t)n;
		data_write(&writer, buffer, size);
	}
	data_finish(&writer);
	return reply_said();
}

/* Opens message I, or says why not. */
static int
open_message(struct session *session, int i, struct reply *refusal)
{
	int fd = maildrop_open_message(session->maildrop, i);

	if (fd != -1)
		return fd;
	if (errno == ENOENT)
		*refusal =
		    reply_err("message %d is gone: another program removed it",
			i + 1);
	else
		*refusal = reply_err("[SYS/TEMP] message %d cannot be read now",
		    i + 1);
	return -1;
}

struct reply
pop3_retr(struct session *session, char *argument)
{
	const char *cursor = argument;
	struct reply reply;
	int i = argument_message(session, &cursor, "RETR", &reply);
	int fd;

	if (i == -1)
		return reply;
	if (*cursor != '\0')
		return reply_err("RETR takes one message number");
	fd = open_message(session, i, &reply);
	if (fd == -1)
		return reply;

	conn_putline(session->conn, "+OK %" PRId64 " octets",
	    session->maildrop->listing.entries[i].octets);
	reply = send_message(session, fd, (struct top){ .lines = -1 });
	close(fd);
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
	int fd;

	if (i == -1)
		return reply;
	if (!argument_number(&cursor, &top.lines) || *cursor != '\0')
		return reply_err("TOP takes a message number and a number of "
				 "lines: TOP 1 10");
	fd = open_message(session, i, &reply);
	if (fd == -1)
		return reply;

	conn_putline(session->conn, "+OK");
	reply = send_message(session, fd, top);
	close(fd);
	session->errors = 0;
	return reply;
}
