/*
 * fuzz_conn_line.c - any bytes as command lines.
 *
 * The first byte chooses strict or lenient and the room for a line.  Strict
 * lines are compared with an independent reading: cut at each LF, a piece is a
 * line if it ends in CRLF, has no other CR and no NUL, and follows a CRLF.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/conn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM_MAX = 64 };

/* What the piece of SIZE bytes at PIECE, with its LF, has to be. */
static enum conn_read
judge(const char *piece, size_t size, size_t room, bool behind_crlf)
{
	if (size < 2 || piece[size - 2] != '\r' || !behind_crlf ||
	    memchr(piece, '\r', size - 2) != NULL ||
	    memchr(piece, '\0', size) != NULL)
		return CONN_BAD;
	return size - 2 < room ? CONN_LINE : CONN_LONG;
}

static void
check_strict(struct conn *conn, const char *data, size_t size, size_t room)
{
	char line[ROOM_MAX];
	bool behind_crlf = true;
	const char *end;

	while ((end = memchr(data, '\n', size)) != NULL) {
		size_t piece = (size_t)(end + 1 - data);
		enum conn_read expected = judge(data, piece, room, behind_crlf);

		if (conn_getline(conn, line, room) != expected)
			abort();
		if (expected == CONN_LINE &&
		    (strlen(line) != piece - 2 ||
			memcmp(line, data, piece - 2) != 0))
			abort();
		behind_crlf = piece > 1 && end[-1] == '\r';
		data += piece;
		size -= piece;
	}
	if (conn_getline(conn, line, room) != CONN_END)
		abort();
}

static void
check_lenient(struct conn *conn, size_t room)
{
	char line[ROOM_MAX];

	while (conn_getline(conn, line, room) != CONN_END) {
		if (strnlen(line, room) == room ||
		    strpbrk(line, "\r\n\b\x7f\xff") != NULL)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int ends[2];

	if (size < 1 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
		return 0;
	close(ends[1]);
	struct conn *conn = conn_open(ends[0], 1);
	size_t room = 1 + (size_t)(data[0] >> 1) % (ROOM_MAX - 1);
	conn_unread(conn, (const char *)data + 1, size - 1);
	if ((data[0] & 1) == 0) {
		check_strict(conn, (const char *)data + 1, size - 1, room);
	} else {
		conn_set_lenient(conn, true);
		check_lenient(conn, room);
	}
	conn_close(conn);
	return 0;
}
