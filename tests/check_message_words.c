/*
 * check_message_words.c - what of a message can be searched: text out of HTML,
 * of all text parts, names of files; and its bounds.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/buf.h"
#include "maildir/html_words.h"
#include "maildir/message_words.h"
#include "tests/suites.h"

enum { MIB = 1024 * 1024 };

static const struct {
	const char *html;
	const char *words;
} pages[] = {
	/* clang-format off */
	{ "", "" },
	{ "plain", "plain" },
	{ "<p>one</p><p>two</p>", "one two " },
	{ "one<br>two<BR/>three", "one two three" },
	{ "Gro<b>\xC3\x9F</b>e", "Gro\xC3\x9F" "e" },
	{ "<a href=\"http://x/>y\" title='a>b'>link</a>", "link" },
	{ "a<script>if (x < y) evil</script>b", "a b" },
	{ "a<STYLE type=x>p { }</STYLE>b", "a b" },
	{ "a<script>never closed", "a " },
	{ "a<!-- <b> hidden > -->b", "ab" },
	{ "a<!-- never closed", "a" },
	{ "a<b never closed", "a" },
	{ "a < b", "a " },
	{ "caf&eacute; &Auml;rger &szlig;", "caf\xC3\xA9 \xC3\x84rger \xC3\x9F" },
	{ "&#233;&#xe9;&#XE9;", "\xC3\xA9\xC3\xA9\xC3\xA9" },
	{ "a&amp;b &lt;c&gt; &quot;d&quot;", "a&b <c> \"d\"" },
	{ "a&nbsp;b", "a b" },
	{ "con&shy;ti&shy;nue", "continue" },
	{ "AT&T &unknown; &", "AT&T &unknown; &" },
	{ "&#0; &#xD800; &#x110000; &#99999999999999999999;",
	  "&#0; &#xD800; &#x110000; &#99999999999999999999;" },
	{ "&eacute", "\xC3\xA9" },
	{ "<", "" },
	{ "</", "" },
	/* clang-format on */
};

START_TEST(html_leaves_its_words)
{
	struct buf words = BUF_INIT;

	html_words(pages[_i].html, strlen(pages[_i].html), MIB, &words);
	ck_assert_str_eq(words.data, pages[_i].words);
	buf_clear(&words);
}
END_TEST

#define CODE_60 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct {
	const char *what;
	const char *mail;
	const char *cc;
	const char *body;
	const char *files;
} mails[] = {
	/* clang-format off */
	{ "plain text", "Subject: x\nCc: A <a@x>\nCC: b@x\n\none\ntwo\n",
	  "A <a@x>\nb@x\n", "one\ntwo\n\n", "" },
	{ "no header", "\ntext", "", "text\n", "" },
	{ "nothing", "", "", "\n", "" },
	{ "encoded Latin 1",
	  "Content-Type: text/plain; charset=iso-8859-1\n"
	  "Content-Transfer-Encoding: quoted-printable\n\ncaf=E9 lon=\ng\n",
	  "", "caf\xC3\xA9 long\n\n", "" },
	{ "base64",
	  "Content-Type: text/plain; charset=utf-8\n"
	  "Content-Transfer-Encoding: base64\n\nY2Fmw6k=\n",
	  "", "caf\xC3\xA9\n", "" },
	{ "an encoded name in Cc",
	  "Cc: =?UTF-8?Q?J=C3=B6rg?= <j@x>\n\n",
	  "J\xC3\xB6rg <j@x>\n", "\n", "" },
	{ "HTML and a picture",
	  "Content-Type: multipart/mixed; boundary=b\n\npreamble\n"
	  "--b\nContent-Type: text/html\n\n<p>Hi&nbsp;there</p>\n"
	  "--b\nContent-Type: image/png; name=\"cat.png\"\n"
	  "Content-Transfer-Encoding: base64\n\nTEVHSUJMRQ==\n"
	  "--b\nContent-Type: application/pdf\nContent-Disposition: "
	  "attachment; filename*=utf-8''r%C3%A9sum%C3%A9.pdf\n\nsecret\n"
	  "--b--\nepilogue\n",
	  "", "Hi there \n", "cat.png\nr\xC3\xA9sum\xC3\xA9.pdf\n" },
	{ "a message in the message",
	  "Content-Type: message/rfc822\nSubject: outer\n\n"
	  "Subject: =?utf-8?Q?inn=C3=A9r?=\nCc: no@x\n\nits text\n",
	  "", "inn\xC3\xA9r\nits text\n\n", "" },
	{ "code within the text",
	  "Subject: x\n\nbegin\n" CODE_60 "\nM" CODE_60 "\nhttp://" CODE_60
	  "\nend\n",
	  "", "begin\nhttp://" CODE_60 "\nend\n\n", "" },
	{ "other scripts have no blanks",
	  "Content-Type: text/plain; charset=utf-8\n\n"
	  "\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2"
	  "\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2"
	  "\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2"
	  "\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\n",
	  "",
	  "\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2"
	  "\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2"
	  "\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2"
	  "\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2\n\n",
	  "" },
	/* clang-format on */
};

/* Of SIZE bytes at DATA. */
static struct message_words
read_words(const char *data, size_t size)
{
	struct message_words words;
	int fd = memfd_create("mail", MFD_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write_all(fd, data, size), 0);
	message_words_read(fd, &words);
	close(fd);
	return words;
}

START_TEST(the_words_of_a_message_are_those_a_person_reads)
{
	struct message_words words =
	    read_words(mails[_i].mail, strlen(mails[_i].mail));

	ck_assert_msg(strcmp(words.cc.data, mails[_i].cc) == 0, "%s: %s",
	    mails[_i].what, words.cc.data);
	ck_assert_msg(strcmp(words.body.data, mails[_i].body) == 0, "%s: %s",
	    mails[_i].what, words.body.data);
	ck_assert_msg(strcmp(words.files.data, mails[_i].files) == 0, "%s: %s",
	    mails[_i].what, words.files.data);
	message_words_clear(&words);
}
END_TEST

START_TEST(much_text_is_read_up_to_its_bound)
{
	struct buf mail = BUF_INIT;
	struct message_words words;

	buf_addstr(&mail,
	    _i == 0 ? "Subject: x\n\n" : "Content-Type: text/html\n\n");
	while (mail.size < 9 * MIB)
		buf_addstr(&mail, _i == 0 ? "some words\n" : "<p>word ");
	words = read_words(mail.data, mail.size);
	ck_assert_uint_ge(words.body.size, MIB);
	ck_assert_uint_le(words.body.size, MIB + 20);
	message_words_clear(&words);
	buf_clear(&mail);
}
END_TEST

START_TEST(a_nul_byte_ends_no_text)
{
	struct message_words words = read_words("A: b\n\nx\0y\n", 10);

	ck_assert_uint_eq(words.body.size, strlen(words.body.data));
	ck_assert_ptr_nonnull(strchr(words.body.data, 'y'));
	message_words_clear(&words);
}
END_TEST

Suite *
message_words_suite(void)
{
	Suite *suite = suite_create("message_words");
	TCase *tc = tcase_create("message_words");

	tcase_add_loop_test(tc, html_leaves_its_words, 0, COUNT(pages));
	tcase_add_loop_test(tc, the_words_of_a_message_are_those_a_person_reads,
	    0, COUNT(mails));
	tcase_add_loop_test(tc, much_text_is_read_up_to_its_bound, 0, 2);
	tcase_add_test(tc, a_nul_byte_ends_no_text);
	suite_add_tcase(suite, tc);
	return suite;
}
