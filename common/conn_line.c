/*
 * conn_line.c - command lines, as programs send them and as people type them.
 *
 * Strict: CRLF ends a line and nothing else does.  A bare LF makes the line
 * bad, and so what follows it up to the CRLF: a command smuggled behind an LF
 * is never run.  Yet the answer does not wait for the CRLF, or a client that
 * sends LF alone would hang without a word: each LF ends a bad line.
 *
 * Lenient: a telnet client talks on the line.  What is RFC 854 and 855 about it
 * is taken out here, byte by byte, since a sequence may be cut anywhere.
 */
#include "common/conn.h"

#include "common/conn_private.h"

/* RFC 854: the codes behind IAC that matter. */
enum {
	SE = 240,
	EC = 247, /* erase character */
	EL = 248, /* erase line */
	SB = 250,
	WILL = 251,
	DONT = 254,
	IAC = 255,
};

enum { BACKSPACE = 0x08, DELETE = 0x7f };

struct line {
	char *text;
	size_t size;
	size_t used;
	bool cr;          /* the byte before was CR */
	bool loose;       /* it did not end with CRLF */
	bool after_enter; /* the line before ended with CR NUL */
	bool bad;
	bool overlong;
	enum { TEXT, COMMAND, OPTION, PARAMETERS, PARAMETERS_IAC } telnet;
};

static void
add(struct line *line, char c)
{
	if (c == '\0')
		line->bad = true;
	else if (line->used + 1 < line->size)
		line->text[line->used++] = c;
	else
		line->overlong = true;
}

/* Takes a whole character off, which may be several bytes of UTF-8. */
static void
rub_out(struct line *line)
{
	while (line->used > 0 && (line->text[line->used - 1] & 0xC0) == 0x80)
		line->used--;
	if (line->used > 0)
		line->used--;
}

/* Whether C, behind an IAC or within a telnet command, was dealt with. */
static bool
take_telnet(struct line *line, unsigned char c)
{
	switch (line->telnet) {
	case TEXT:
		if (c != IAC)
			return false;
		line->telnet = COMMAND;
		break;
	case COMMAND:
		if (c == EC)
			rub_out(line);
		else if (c == EL)
			line->used = 0;
		line->telnet = TEXT;
		if (c >= WILL && c <= DONT)
			line->telnet = OPTION;
		else if (c == SB)
			line->telnet = PARAMETERS;
		break;
	case OPTION:
		line->telnet = TEXT;
		break;
	case PARAMETERS:
		if (c == IAC)
			line->telnet = PARAMETERS_IAC;
		break;
	case PARAMETERS_IAC:
		line->telnet = c == SE ? TEXT : PARAMETERS;
		break;
	}
	return true;
}

/* Takes one byte; returns whether the line is at its end. */
static bool
take_lenient(struct line *line, char c)
{
	if (take_telnet(line, (unsigned char)c))
		return false;
	/* A file with CRLF, piped into telnet, comes as CR NUL CR LF. */
	if (c == '\n' && line->cr && line->used == 0 && line->after_enter) {
		line->cr = line->after_enter = false;
		return false;
	}
	/* CR NUL is the Enter key of a terminal in character mode. */
	if (c == '\n' || (line->cr && c == '\0')) {
		line->loose = c == '\0' || !line->cr;
		return true;
	}
	if (line->cr)
		line->bad = true;
	line->cr = c == '\r';
	if (c == BACKSPACE || c == DELETE)
		rub_out(line);
	else if (!line->cr)
		add(line, c);
	return false;
}

static bool
take_strict(struct line *line, char c)
{
	if (c == '\n') {
		if (!line->cr)
			line->bad = true;
		return true;
	}
	if (line->cr)
		line->bad = true;
	line->cr = c == '\r';
	if (!line->cr)
		add(line, c);
	return false;
}

static enum conn_taken
how_taken(const struct line *line)
{
	if (line->bad)
		return TAKEN_BAD;
	if (line->overlong)
		return TAKEN_LONG;
	return line->loose ? TAKEN_LOOSE : TAKEN_LINE;
}

enum conn_read
conn_getline(struct conn *conn, char *text, size_t size)
{
	struct line line = {
		.text = text,
		.size = size,
		.after_enter = conn->after_enter,
	};
	bool begun = false;
	bool complete = false;

	text[0] = '\0';
	if (conn->error[0] != '\0')
		return CONN_END;
	while (!complete) {
		if (conn->start == conn->end && conn_fill(conn, !begun) == 0) {
			if (begun)
				conn_tell(conn, TAKEN_CUT, text, line.used);
			return CONN_END;
		}
		begun = true;
		char c = conn->input[conn->start++];
		complete = conn->lenient ? take_lenient(&line, c)
					 : take_strict(&line, c);
	}
	text[line.used] = '\0';
	conn->after_enter =
	    conn->lenient && conn->input[conn->start - 1] == '\0';
	if (!conn->lenient) {
		line.bad = line.bad || conn->tainted;
		conn->tainted = !line.cr;
	}
	conn_tell(conn, how_taken(&line), text, line.used);
	if (line.bad)
		return CONN_BAD;
	return line.overlong ? CONN_LONG : CONN_LINE;
}
