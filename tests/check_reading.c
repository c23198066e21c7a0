/*
 * check_reading.c - texts as a person reads them: flowed, quoted, HTML, signed.
 *
 * Expected: RFC 3676 4 and its examples, RFC 1847, 3156, 8551, and what a
 * browser shows of a page.
 */
#include <check.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mua/html.h"
#include "mua/quoted.h"
#include "mua/render.h"
#include "mua/text.h"
#include "tests/suites.h"

static void
join(const struct lines *lines, struct buf *to)
{
	for (size_t i = 0; i < lines->count; i++)
		buf_printf(to, "%s|", lines->items[i].text);
}

static const struct {
	const char *text;
	bool flowed;
	bool delsp;
	const char *lines;
} texts[] = {
	/* clang-format off */
	{ "one \ntwo\nthree\n", true, false, "one two|three|" },
	{ "one \ntwo\n", false, false, "one |two|" },
	{ "one \r\ntwo\r\n", true, false, "one two|" },
	/* 4.4: stuffed blanks */
	{ " From here\n > no quote\n", true, false, "From here|> no quote|" },
	/* 4.5: depth is counted; paragraphs of other depth do not join */
	{ ">>deep \n>>er\n>less \nown\n", true, false,
	  ">> deep er|> less |own|" },
	{ "> a \n> b\n", true, false, "> a b|" },
	/* 4.3: a signature */
	{ "text \n-- \nme\n", true, false, "text |-- |me|" },
	/* 4.2: delsp, for texts without blanks between words */
	{ "ab \ncd \nef\n", true, true, "abcdef|" },
	{ "no end ", true, false, "no end |" },
	{ "\n\n", true, false, "||" },
	{ "", true, false, "" },
	/* clang-format on */
};

START_TEST(flowed_text_is_joined_as_rfc_3676_has_it)
{
	struct quoted_form form = { texts[_i].flowed, texts[_i].delsp };
	struct lines lines = { 0 };
	struct buf got = BUF_INIT;

	quoted_add(&lines, texts[_i].text, strlen(texts[_i].text), &form);
	join(&lines, &got);
	ck_assert_str_eq(got.data, texts[_i].lines);
	buf_clear(&got);
	lines_clear(&lines);
}
END_TEST

START_TEST(each_depth_of_quote_has_its_colour)
{
	static const struct {
		const char *text;
		enum style style;
		size_t repeat;
	} rows[] = {
		{ "own", STYLE_NORMAL, 0 },
		{ "> one", STYLE_QUOTE, 2 },
		{ ">> two", STYLE_QUOTE_2, 3 },
		{ "> > two", STYLE_QUOTE_2, 4 },
		{ "> > > three", STYLE_QUOTE_3, 6 },
		{ ">>>> four", STYLE_QUOTE, 5 },
		{ "-- ", STYLE_SIGNATURE, 0 },
		{ "me", STYLE_SIGNATURE, 0 },
	};
	static const struct quoted_form form = { false, false };
	struct lines lines = { 0 };
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < COUNT(rows); i++)
		buf_printf(&text, "%s\n", rows[i].text);
	quoted_add(&lines, text.data, text.size, &form);
	for (size_t i = 0; i < COUNT(rows); i++) {
		ck_assert_int_eq((int)lines.items[i].style, (int)rows[i].style);
		ck_assert_uint_eq(lines.items[i].repeat, rows[i].repeat);
	}
	lines_clear(&lines);
	buf_clear(&text);
}
END_TEST

static const struct {
	const char *page;
	const char *text;
} pages[] = {
	/* clang-format off */
	{ "<p>one\n  two<p>three", "one two\n\nthree\n" },
	{ "a<br>b<br><br>c<br><br><br><br>d", "a\nb\n\nc\n\nd\n" },
	{ "<b>w</b>ord &amp; &lt;&#x263a;&gt;", "word & <\u263a>\n" },
	{ "<ul><li>a<li>b<ol><li>c<li>d</ol></ul>e",
	  "* a\n* b\n  1. c\n  2. d\ne\n" },
	{ "<blockquote>q<blockquote>qq</blockquote></blockquote>x",
	  "> q\n\n> > qq\n\nx\n" },
	{ "<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a  b\nc  d\n" },
	{ "<pre>\na\n  b\n</pre>", "a\n  b\n" },
	{ "x<img src=//t.example/1.gif alt='a cat'>y<img src=z>",
	  "x[a cat]y\n" },
	{ "<title>t</title><style>p{}</style><script>x</script>text",
	  "text\n" },
	{ "<div style='DISPLAY : none'>a<div>b</div><br></div>c", "c\n" },
	{ "<p hidden>a</p>b", "b\n" },
	{ "<a href=https://x.example>here</a>, <a href=https://x.example>there"
	  "</a>", "here[1], there[1]\n\n[1] https://x.example\n" },
	{ "<a href='https://evil.example/'>https://bank.example</a>",
	  "https://bank.example[1!]\n\n[1] https://evil.example/  (not where "
	  "its text says)\n" },
	{ "<a href='https://bank.example@evil.example/'>www.bank.example</a>",
	  "www.bank.example[1!]\n\n[1] https://bank.example@evil.example/  "
	  "(not where its text says)\n" },
	{ "<a href='javascript:x'>a</a> <a href='#b'>b</a>", "a b\n" },
	{ "<a href=https://x.example><img src=a></a>", "" },
	{ "<p>unclosed <b>bold", "unclosed bold\n" },
	{ "</p></div></table>x", "x\n" },
	{ "<!-- a -->c<!-- b --><p>d", "c\n\nd\n" },
	{ "<html><head><title>t</title></head><body>a</body></html>footer",
	  "afooter\n" },
	{ "</html></body></html>a</body>b", "ab\n" },
	{ "<meta http-equiv=content-type content='text/html; charset=utf-16'>"
	  "caf\u00e9", "caf\u00e9\n" },
	{ "", "" },
	/* clang-format on */
};

START_TEST(pages_become_text)
{
	struct buf text = BUF_INIT;

	html_render(pages[_i].page, strlen(pages[_i].page), &text);
	ck_assert_str_eq(text.data, pages[_i].text);
	buf_reset(&text);
	/* the child says the same */
	ck_assert(html_to_text(pages[_i].page, strlen(pages[_i].page), &text));
	ck_assert_str_eq(text.data, pages[_i].text);
	buf_clear(&text);
}
END_TEST

/* Depth, length and number of links have an end, and nothing recurses. */
START_TEST(monstrous_pages_come_to_an_end)
{
	static const char *const pieces[] = { "<div>", "<blockquote><ul>",
		"<a href=http://x.example/", "<b><table><tr><td>", "&amp;&",
		"<a href=http://x>y</a>" };

	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct buf page = BUF_INIT;
		struct buf text = BUF_INIT;

		while (page.size < (size_t)300 * 1024)
			buf_addstr(&page, pieces[i]);
		html_to_text(page.data, page.size, &text);
		ck_assert_uint_lt(text.size, 2 * (size_t)HTML_TEXT_MAX);
		buf_clear(&page);
		buf_clear(&text);
	}
}
END_TEST

static void
render_file(const char *path, struct buf *to)
{
	struct render_options options = { 0 };
	struct message *message = message_open(open(path, O_RDONLY));
	struct lines lines = { 0 };

	render_message(message, &options, &lines);
	join(&lines, to);
	lines_clear(&lines);
	message_close(message);
}

/* Rows 09, 10 and 34 with the messages of the worksheets. */
static const struct {
	const char *path;
	const char *shown[4];
	const char *hidden;
} files[] = {
	/* clang-format off */
	{ "tests/mail/34-pgp-signed.eml",
	  { "[-- Signed with PGP (RFC 3156): part 2, by the signature in part "
	    "3; not checked --]|I have signed this.|" }, "Attachment" },
	{ "tests/mail/34-pgp-encrypted.eml",
	  { "[-- Encrypted with PGP (RFC 3156): who has the key can read part "
	    "3; v saves it --]|" }, "hF4DQ2" },
	{ "tests/mail/34-smime-wrapped.eml",
	  { "[-- Signed with S/MIME (RFC 8551), the text within the signature; "
	    "not checked --]|", "|signed within|" }, "Attachment" },
	{ "tests/mail/09-malformed-type.eml",
	  { "Content-Type cannot be read (text/plain: charset=us-ascii); it is "
	    "taken as text/plain.", "3 bytes are no us-ascii; each is shown as "
	    "\ufffd.", "|qu\ufffd\ufffd tal, dijo \ufffdl|" }, NULL },
	{ "tests/mail/10-damaged-base64.eml",
	  { "|Look at this dot.|", "Attachment 3: bytes.bin",
	    "The base64 text is damaged in line 2" }, "preamble" },
	{ "tests/mail/10-unclosed.eml", { "The closing line" }, NULL },
	{ "tests/mail/10-boundary-with-blank.eml", { "[-- " }, NULL },
	{ "tests/mail/10-parts-without-blank-line.eml",
	  { "No blank line before the text." }, NULL },
	/* clang-format on */
};

START_TEST(the_worksheets_messages_are_shown_with_their_reasons)
{
	struct buf text = BUF_INIT;

	render_file(files[_i].path, &text);
	for (size_t i = 0; i < COUNT(files[_i].shown); i++) {
		const char *shown = files[_i].shown[i];

		ck_assert_msg(shown == NULL || strstr(text.data, shown) != NULL,
		    "%s: no %s in %s", files[_i].path, shown, text.data);
	}
	if (files[_i].hidden != NULL)
		ck_assert_ptr_null(strstr(text.data, files[_i].hidden));
	ck_assert_ptr_null(strcasestr(text.data, "valid"));
	buf_clear(&text);
}
END_TEST

static const struct {
	const char *text;
	const char *shown;
} forms[] = {
	/* clang-format off */
	{ "Content-Type: text/plain; format=flowed\n\na \nb\n", "|a b|" },
	{ "Content-Type: text/plain; format=flowed; delsp=yes\n\na \nb\n",
	  "|ab|" },
	{ "Content-Type: multipart/alternative; boundary=b\n\n--b\n"
	  "Content-Type: text/plain\n\n \n--b\nContent-Type: text/html\n\n"
	  "<p>hi\n--b--\n", "|[-- HTML; this is its text --]|hi|" },
	{ "\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nx\n",
	  "|[-- Signed with PGP, within the text (RFC 9580 7); not checked "
	  "--]|" },
	{ "\nsee:\n-----BEGIN PGP MESSAGE-----\nx\n",
	  "|[-- Encrypted with PGP, within the text" },
	{ "\n-----BEGIN PGP PUBLIC KEY BLOCK-----\nx\n",
	  "|[-- A PGP key is in the text --]|" },
	{ "Content-Type: multipart/signed; boundary=b\n\n--b\n\nx\n--b--\n",
	  "Signed with a protocol it does not name, but it should have two "
	  "parts" },
	{ "Content-Type: multipart/signed; boundary=b; protocol=\"my/own\"\n\n"
	  "--b\n\nx\n--b\n\ny\n--b--\n", "Signed with \"my/own\": part 2" },
	{ "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\n"
	  "x\n", "Encrypted with S/MIME (RFC 8551)" },
	{ "Content-Type: application/pkcs7-mime; smime-type=signed-data\n\nx\n",
	  "Signed with S/MIME" },
	/* clang-format on */
};

START_TEST(what_a_part_claims_to_be_is_named)
{
	int fd = memfd_create("message", MFD_CLOEXEC);
	struct render_options options = { 0 };
	struct lines lines = { 0 };
	struct buf text = BUF_INIT;
	struct message *message;

	ck_assert_int_eq(write_all(fd, forms[_i].text, strlen(forms[_i].text)),
	    0);
	message = message_open(fd);
	render_message(message, &options, &lines);
	join(&lines, &text);
	ck_assert_msg(strstr(text.data, forms[_i].shown) != NULL, "no %s in %s",
	    forms[_i].shown, text.data);
	buf_clear(&text);
	lines_clear(&lines);
	message_close(message);
}
END_TEST

Suite *
reading_suite(void)
{
	Suite *suite = suite_create("reading");
	TCase *tc = tcase_create("texts");

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, text_use_utf8, NULL);
	tcase_add_loop_test(tc, flowed_text_is_joined_as_rfc_3676_has_it, 0,
	    COUNT(texts));
	tcase_add_test(tc, each_depth_of_quote_has_its_colour);
	tcase_add_loop_test(tc, pages_become_text, 0, COUNT(pages));
	tcase_add_test(tc, monstrous_pages_come_to_an_end);
	tcase_add_loop_test(tc,
	    the_worksheets_messages_are_shown_with_their_reasons, 0,
	    COUNT(files));
	tcase_add_loop_test(tc, what_a_part_claims_to_be_is_named, 0,
	    COUNT(forms));
	suite_add_tcase(suite, tc);
	return suite;
}
