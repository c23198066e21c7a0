/*
 * check_downgrade.c - messages in 7 bits, as RFC 2045 6.7 and 2046 5.1 have
 * them; tests/relay_wire.py lets Python's email package read some back.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/buf.h"
#include "smtpd/downgrade.h"
#include "smtpd/downgrade_qp.h"
#include "tests/suites.h"

static int
add(void *arg, const char *data, size_t size)
{
	buf_add(arg, data, size);
	return 0;
}

static struct reply
convert(const char *text, size_t size, struct buf *to)
{
	int fd = memfd_create("message", MFD_CLOEXEC);
	struct reply r;

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write_all(fd, text, size), 0);
	r = downgrade(fd, add, to);
	close(fd);
	return r;
}

static const struct {
	const char *message;
	const char *converted;
} messages[] = {
	/* A message that is not MIME becomes it. */
	{ "Subject: a\n\nGr\xc3\xbc\xc3\x9f"
	  "e = 1\n",
	    "Subject: a\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n"
	    "Gr=C3=BC=C3=9Fe =3D 1\n" },
	{ "Subject: a\n\nGr\xfc\xdf"
	  "e\n",
	    "Subject: a\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=unknown-8bit\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n"
	    "Gr=FC=DFe\n" },
	/* What it says stays, in its place. */
	{ "MIME-Version: 1.0\nContent-Transfer-Encoding: 8bit\n"
	  "Content-Type: text/html;\n charset=iso-8859-1\nTo: b\n\n\xe9 \n",
	    "MIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n"
	    "Content-Type: text/html;\n charset=iso-8859-1\nTo: b\n\n=E9=20\n" },
	/* The last line has no end, and gets none. */
	{ "a: b\n\n\xe9",
	    "a: b\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=unknown-8bit\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n=E9" },
	/* Parts: the one that needs it, and labels that are not true now. */
	{ "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"=b\"\n"
	  "Content-Transfer-Encoding: 8bit\n\n"
	  "caf\xe9 for nobody\n--=b\n"
	  "Content-Type: text/plain; charset=utf-8\n"
	  "Content-Transfer-Encoding: 8bit\n\n\xc3\xa9\n"
	  "--=b \nContent-Transfer-Encoding: BINARY\n\na = b\n"
	  "--=b\nContent-Type: image/png\n"
	  "Content-Transfer-Encoding: base64\n\niVBORw0K\n"
	  "--=b\n\nno header: \xe9\n--=b--\nthe end\xe9\n",
	    "MIME-Version: 1.0\n"
	    "Content-Type: multipart/mixed; boundary=\"=b\"\n"
	    "Content-Transfer-Encoding: 7bit\n\n"
	    "caf? for nobody\n--=b\n"
	    "Content-Type: text/plain; charset=utf-8\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n=C3=A9\n"
	    "--=b \nContent-Transfer-Encoding: 7bit\n\na = b\n"
	    "--=b\nContent-Type: image/png\n"
	    "Content-Transfer-Encoding: base64\n\niVBORw0K\n"
	    "--=b\nContent-Transfer-Encoding: quoted-printable\n\n"
	    "no header: =E9\n--=b--\nthe end?\n" },
	/* Parts within parts; the outer boundary ends the inner one too. */
	{ "Content-Type: multipart/mixed; boundary=out\n\n--out\n"
	  "Content-Type: Multipart/Alternative (two) ; Boundary = in\n\n"
	  "--in\n\nx\xe9\n--out\n\ny\xe9\n--in\nz\xe9\n--out--\n",
	    "Content-Type: multipart/mixed; boundary=out\n\n--out\n"
	    "Content-Type: Multipart/Alternative (two) ; Boundary = in\n\n"
	    "--in\nContent-Transfer-Encoding: quoted-printable\n\nx=E9\n"
	    "--out\nContent-Transfer-Encoding: quoted-printable\n\n"
	    "y=E9\n--in\nz=E9\n--out--\n" },
	/* A message within: it is MIME itself. */
	{ "Content-Type: multipart/digest; boundary=d\n\n--d\n\n"
	  "Subject: one\n\n\xe9\n--d\nContent-Type: message/rfc822\n"
	  "Content-Transfer-Encoding: 8bit\n\nSubject: two\n"
	  "Content-Type: text/plain\n\n\xe9\n--d--\n",
	    "Content-Type: multipart/digest; boundary=d\n\n--d\n\n"
	    "Subject: one\nMIME-Version: 1.0\n"
	    "Content-Type: text/plain; charset=unknown-8bit\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n=E9\n"
	    "--d\nContent-Type: message/rfc822\n"
	    "Content-Transfer-Encoding: 7bit\n\nSubject: two\n"
	    "Content-Type: text/plain\nMIME-Version: 1.0\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n=E9\n--d--\n" },
	/* Quoted-printable that is not quite: the rest stays encoded once. */
	{ "Content-Transfer-Encoding: quoted-printable\n\na=3D\xe9=\nb\n",
	    "Content-Transfer-Encoding: quoted-printable\n\na=3D=E9=\nb\n" },
	/* Not before what becomes a code: "==E9" is "=E9" (RFC 2045 6.7). */
	{ "Content-Transfer-Encoding: quoted-printable\n\n=\xe9 =a\xe9 =\xe9\n",
	    "Content-Transfer-Encoding: quoted-printable\n\n"
	    "=3D=E9 =3Da=E9 =3D=E9\n" },
	{ "Content-Transfer-Encoding: quoted-printable\n\n\xe9 = x =x\n",
	    "Content-Transfer-Encoding: quoted-printable\n\n=E9 = x =x\n" },
	/* Nothing to do in what cannot be changed: it stays. */
	{ "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	  "Content-Type: multipart/signed; boundary=c\n\n--c\n\nx\n--c--\n"
	  "--b\nContent-Type: message/partial\n\ny\n--b\n\n\xe9\n--b--\n",
	    "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	    "Content-Type: multipart/signed; boundary=c\n\n--c\n\nx\n--c--\n"
	    "--b\nContent-Type: message/partial\n\ny\n--b\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n=E9\n--b--\n" },
	/* A header and no more; nothing at all. */
	{ "Subject: a\n", "Subject: a\n" },
	{ "", "" },
};

START_TEST(a_message_becomes_seven_bit)
{
	struct buf to = BUF_INIT;
	struct reply r =
	    convert(messages[_i].message, strlen(messages[_i].message), &to);

	ck_assert_int_eq(r.code, 250);
	ck_assert_str_eq(to.data, messages[_i].converted);
	buf_clear(&to);
}
END_TEST

static const struct {
	const char *message;
	const char *status;
} impossible[] = {
	{ "Subject: caf\xe9\n\nx\n", "5.6.7" },
	{ "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	  "Content-Disposition: attachment; filename=\xe9\n\nx\n--b--\n",
	    "5.6.7" },
	{ "Content-Type: multipart/signed; boundary=b\n\n--b\n\n\xe9\n--b--\n",
	    "5.6.3" },
	{ "Content-Type: message/delivery-status\n\na: \xe9\n", "5.6.3" },
	{ "Content-Type: message/partial\n\n\xe9\n", "5.6.3" },
	{ "Content-Type: multipart/mixed\n\n\xe9\n", "5.6.3" },
	{ "Content-Transfer-Encoding: base64\n\n\xe9\n", "5.6.3" },
	{ "Content-Transfer-Encoding: x-uuencode\n\n\xe9\n", "5.6.3" },
	{ "Content-Type: message/rfc822\n"
	  "Content-Transfer-Encoding: quoted-printable\n\n\xe9\n",
	    "5.6.3" },
};

START_TEST(what_cannot_be_converted_is_said)
{
	struct buf to = BUF_INIT;
	struct reply r = convert(impossible[_i].message,
	    strlen(impossible[_i].message), &to);

	ck_assert_int_eq(r.code, 554);
	ck_assert_msg(strncmp(r.text, impossible[_i].status, 5) == 0, "%s",
	    r.text);
	buf_clear(&to);
}
END_TEST

/* Nested without an end, in both ways; nothing may overflow. */
START_TEST(nesting_has_an_end)
{
	struct buf text = BUF_INIT;
	struct buf to = BUF_INIT;

	for (int i = 0; i < 1000; i++)
		if (_i == 0)
			buf_printf(&text,
			    "Content-Type: multipart/mixed; boundary=b%d\n\n"
			    "--b%d\n",
			    i, i);
		else
			buf_addstr(&text, "Content-Type: message/rfc822\n\n");
	buf_addstr(&text, "\n\xe9\n");
	ck_assert_int_eq(convert(text.data, text.size, &to).code, 554);
	buf_clear(&text);
	buf_clear(&to);
}
END_TEST

static const struct {
	const char *line;
	const char *encoded;
} lines[] = {
	/* clang-format off */
	{ "", "" },
	{ "a=b", "a=3Db" },
	{ "tab\tin", "tab\tin" },
	{ "ends \t", "ends =09" },
	{ "From here", "=46rom here" },
	{ "From", "From" },
	{ ".", "=2E" },
	{ "..", ".." },
	{ "\x7f\x01", "=7F=01" },
	/* 76 characters stand in a line, 75 before a soft line break */
	{ "0123456789012345678901234567890123456789012345678901234567890123456789"
	  "012345",
	  "0123456789012345678901234567890123456789012345678901234567890123456789"
	  "012345" },
	{ "0123456789012345678901234567890123456789012345678901234567890123456789"
	  "0123456",
	  "0123456789012345678901234567890123456789012345678901234567890123456789"
	  "01234=\n56" },
	{ "012345678901234567890123456789012345678901234567890123456789012345678"
	  "01234\xe9z",
	  "012345678901234567890123456789012345678901234567890123456789012345678"
	  "01234=\n=E9z" },
	/* A boundary stands at the beginning of a line (RFC 2046 5.1.1). */
	{ "012345678901234567890123456789012345678901234567890123456789012345678"
	  "012345--b",
	  "012345678901234567890123456789012345678901234567890123456789012345678"
	  "012345=\n=2D-b" },
	/* clang-format on */
};

START_TEST(a_line_is_quoted_printable)
{
	struct buf to = BUF_INIT;

	qp_encode_line(lines[_i].line, strlen(lines[_i].line), &to);
	ck_assert_str_eq(to.data, lines[_i].encoded);
	buf_clear(&to);
}
END_TEST

/* Larger than any buffer on the way, with lines that cross their ends. */
START_TEST(a_long_message_is_whole)
{
	struct buf text = BUF_INIT;
	struct buf to = BUF_INIT;
	struct buf expected = BUF_INIT;

	buf_addstr(&text, "MIME-Version: 1.0\nContent-Type: text/plain\n\n");
	buf_addstr(&expected,
	    "MIME-Version: 1.0\nContent-Type: text/plain\n"
	    "Content-Transfer-Encoding: quoted-printable\n\n");
	for (int i = 0; i < 20000; i++) {
		buf_printf(&text, "line %d \xc3\xa9\n", i);
		buf_printf(&expected, "line %d =C3=A9\n", i);
	}
	ck_assert_int_eq(convert(text.data, text.size, &to).code, 250);
	ck_assert_str_eq(to.data, expected.data);
	buf_clear(&text);
	buf_clear(&to);
	buf_clear(&expected);
}
END_TEST

static int
refuse(void *arg, const char *data, size_t size)
{
	(void)arg;
	(void)data;
	(void)size;
	return -1;
}

START_TEST(without_room_it_is_for_later)
{
	int fd = memfd_create("message", MFD_CLOEXEC);

	ck_assert_int_eq(write_all(fd, "a: b\n\nc\n", 8), 0);
	ck_assert_int_eq(downgrade(fd, refuse, NULL).code, 451);
	close(fd);
}
END_TEST

Suite *
downgrade_suite(void)
{
	Suite *suite = suite_create("downgrade");
	TCase *tc = tcase_create("downgrade");

	tcase_add_loop_test(tc, a_message_becomes_seven_bit, 0,
	    COUNT(messages));
	tcase_add_loop_test(tc, what_cannot_be_converted_is_said, 0,
	    COUNT(impossible));
	tcase_add_loop_test(tc, nesting_has_an_end, 0, 2);
	tcase_add_loop_test(tc, a_line_is_quoted_printable, 0, COUNT(lines));
	tcase_add_test(tc, a_long_message_is_whole);
	tcase_add_test(tc, without_room_it_is_for_later);
	suite_add_tcase(suite, tc);
	return suite;
}
