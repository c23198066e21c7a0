/*
 * check_conn_line.c - what conn_getline makes of bytes, strict and lenient.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/conn.h"
#include "tests/check_conn_pair.h"
#include "tests/suites.h"

/* All lines of CONN, as "[text]", "BAD", "LONG" and "END". */
static const char *
all_lines(struct conn *conn, size_t size)
{
	static char story[4096];
	char line[256];
	size_t at = 0;

	for (;;) {
		enum conn_read got = conn_getline(conn, line, size);

		if (got == CONN_END)
			break;
		if (got == CONN_LINE)
			at += (size_t)sprintf(story + at, "[%s]", line);
		else
			at += (size_t)sprintf(story + at, "%s",
			    got == CONN_BAD ? "BAD" : "LONG");
	}
	sprintf(story + at, "END");
	return story;
}

static const struct {
	bool lenient;
	const char *input;
	size_t size;
	const char *story;
} forms[] = {
	/* clang-format off */
	{ false, BYTES("NOOP\r\nQUIT\r\n"), "[NOOP][QUIT]END" },
	{ false, BYTES("\r\n"), "[]END" },
	{ false, BYTES("unfinished"), "END" },
	{ false, BYTES("unfinished\r"), "END" },
	{ false, BYTES("h\xc3\xa9llo\r\n"), "[h\xc3\xa9llo]END" },
	/* a stray CR */
	{ false, BYTES("NO\rOP\r\nRSET\r\n"), "BAD[RSET]END" },
	{ false, BYTES("NOOP\r\r\nRSET\r\n"), "BAD[RSET]END" },
	/* NUL */
	{ false, BYTES("NO\0OP\r\nRSET\r\n"), "BAD[RSET]END" },
	/* a bare LF: answered at once, and nothing behind it is run */
	{ false, BYTES("NOOP\n"), "BADEND" },
	{ false, BYTES("NOOP\nRSET\r\nQUIT\r\n"), "BADBAD[QUIT]END" },
	{ false, BYTES("A\nB\nC\r\nQUIT\r\n"), "BADBADBAD[QUIT]END" },
	/* telnet means nothing to a strict listener */
	{ false, BYTES("\xff\xfd\x03X\r\n"), "[\xff\xfd\x03X]END" },
	{ false, BYTES("NOOX\bP\r\n"), "[NOOX\bP]END" },
	/* 9 bytes fit, 10 do not */
	{ false, BYTES("123456789\r\nQUIT\r\n"), "[123456789][QUIT]END" },
	{ false, BYTES("1234567890\r\nQUIT\r\n"), "LONG[QUIT]END" },

	{ true, BYTES("NOOP\nQUIT\r\n"), "[NOOP][QUIT]END" },
	{ true, BYTES("NOOP\r\0QUIT\r\n"), "[NOOP][QUIT]END" },
	{ true, BYTES("NOOP\r\0\r\nQUIT\r\0\r\n\r\0\r\n"), "[NOOP][QUIT][]END" },
	{ true, BYTES("NOOP\r\0\r\0\r\n"), "[NOOP][]END" },
	{ true, BYTES("NO\rOP\r\nRSET\n"), "BAD[RSET]END" },
	{ true, BYTES("NO\0OP\nRSET\n"), "BAD[RSET]END" },
	{ true, BYTES("1234567890\nQUIT\n"), "LONG[QUIT]END" },
	/* IAC WILL x, WONT x, DO x, DONT x; x may be CR or LF */
	{ true, BYTES("\xff\xfb\x1fNO\xff\xfc\nOP\xff\xfd\r\xff\xfe\x01\n"),
		"[NOOP]END" },
	/* PuTTY's first words: terminal speed, type, window size */
	{ true, BYTES("\xff\xfb\x1f\xff\xfb\x20\xff\xfb\x18\xff\xfb\x27"
		"\xff\xfd\x01\xff\xfb\x03\xff\xfd\x03QUIT\r\n"), "[QUIT]END" },
	/* IAC SB NAWS 0 80 0 24 IAC SE, with an escaped IAC inside */
	{ true, BYTES("\xff\xfa\x1f\x00\x50\xff\xff\x18\xff\xf0QUIT\r\n"),
		"[QUIT]END" },
	/* IAC IAC, IAC NOP, IAC EC (erase character), IAC EL (erase line) */
	{ true, BYTES("NO\xff\xffOP\xff\xf1\r\n"), "[NOOP]END" },
	{ true, BYTES("NOOX\xff\xf7P\r\n"), "[NOOP]END" },
	{ true, BYTES("XYZ\xff\xf8NOOP\r\n"), "[NOOP]END" },
	/* backspace and DEL rub out, a whole character and not past the start */
	{ true, BYTES("NOOX\bP\r\n"), "[NOOP]END" },
	{ true, BYTES("\x7f\x7fNXX\x7f\x7fOOP\r\n"), "[NOOP]END" },
	{ true, BYTES("NOOP\xc3\xa9\x7f\r\n"), "[NOOP]END" },
	{ true, BYTES("NOOP\xe2\x82\xac\b\r\n"), "[NOOP]END" },
	/* clang-format on */
};

START_TEST(a_line_is_what_its_bytes_say)
{
	struct conn *conn = open_pair(SOCK_STREAM, 5);

	conn_set_lenient(conn, forms[_i].lenient);
	ck_assert_int_eq(write(peer, forms[_i].input, forms[_i].size),
	    (ssize_t)forms[_i].size);
	close(peer);
	ck_assert_str_eq(all_lines(conn, 10), forms[_i].story);
	conn_close(conn);
}
END_TEST

START_TEST(a_line_is_the_same_when_it_comes_byte_by_byte)
{
	struct conn *conn = open_pair(SOCK_SEQPACKET, 5);

	conn_set_lenient(conn, forms[_i].lenient);
	for (size_t i = 0; i < forms[_i].size; i++)
		ck_assert_int_eq(send(peer, forms[_i].input + i, 1, 0), 1);
	close(peer);
	ck_assert_str_eq(all_lines(conn, 10), forms[_i].story);
	conn_close(conn);
}
END_TEST

Suite *
conn_line_suite(void)
{
	Suite *suite = suite_create("conn_line");
	TCase *lines = tcase_create("lines");

	tcase_add_loop_test(lines, a_line_is_what_its_bytes_say, 0,
	    (int)COUNT(forms));
	tcase_add_loop_test(lines,
	    a_line_is_the_same_when_it_comes_byte_by_byte, 0,
	    (int)COUNT(forms));
	suite_add_tcase(suite, lines);
	return suite;
}
