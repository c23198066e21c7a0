/*
 * check_explain.c - the second line of a refusal, and the file it comes from.
 *
 * That no refusal of the source is forgotten is tests/explain.sh's to find out.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/explain.h"
#include "common/log.h"
#include "common/sentences.h"
#include "common/utf8.h"
#include "tests/check_explain_world.h"
#include "tests/check_folder.h"
#include "tests/suites.h"

START_TEST(english_and_spanish_have_every_sentence)
{
	struct sentences en = explain_read("en");
	struct sentences es = explain_read("es");

	ck_assert_uint_gt(en.count, 60);
	ck_assert_uint_eq(en.count, es.count);
	for (size_t i = 0; i < en.count; i++) {
		const struct sentence *one = &en.all[i];
		const struct sentence *two = &es.all[i];

		ck_assert_str_eq(one->name, two->name);
		ck_assert_msg(one->text != NULL, "[%s] en", one->name);
		ck_assert_msg(two->text != NULL, "[%s] es", one->name);
		ck_assert_msg(strcmp(one->text, two->text) != 0, "[%s]",
		    one->name);
		ck_assert_msg(utf8_is_ascii(one->text), "[%s]", one->name);
		ck_assert_msg(*one->reply == '4' || *one->reply == '5' ||
			strncmp(one->reply, "-ERR ", 5) == 0,
		    "[%s]", one->name);
	}
	sentences_clear(&en);
	sentences_clear(&es);
}
END_TEST

/* Every sentence says where the rule stands; no exception but these. */
START_TEST(every_sentence_names_its_rfc_in_both_languages)
{
	struct sentences en = explain_read("en");
	struct sentences es = explain_read("es");

	for (size_t i = 0; i < en.count; i++) {
		const char *one = strstr(en.all[i].text, "RFC ");
		const char *two = strstr(es.all[i].text, "RFC ");

		ck_assert_msg(one != NULL && two != NULL, "[%s]",
		    en.all[i].name);
		/* the same one: RFC and four digits */
		ck_assert_msg(strncmp(one, two, 8) == 0, "[%s]",
		    en.all[i].name);
	}
	sentences_clear(&en);
	sentences_clear(&es);
}
END_TEST

/* What a person types, what the server says to it, and the case it is. */
static const struct {
	const char *said;
	const char *typed;
	const char *name;
} cases[] = {
/* clang-format off */
#define UNKNOWN "500 5.5.2 Error: command not recognized"
	{ UNKNOWN, "", "an empty line" },
	{ UNKNOWN, ".", "a dot, and no message" },
	{ UNKNOWN, " MAIL FROM:<a@b.example>", "a blank before the command" },
	{ UNKNOWN, "\tQUIT", "a blank before the command" },
	{ UNKNOWN, "FROM:<alice@campus.example>", "half of MAIL or RCPT" },
	{ UNKNOWN, "to:<alice@campus.example>", "half of MAIL or RCPT" },
	{ UNKNOWN, "To: bob@campus.example", "a header line" },
	{ UNKNOWN, "From: Alice <alice@campus.example>", "a header line" },
	{ UNKNOWN, "subject:hello", "a header line" },
	{ UNKNOWN, "X-Mood: fine", "a header line" },
	{ UNKNOWN, "Content-Type: text/plain", "a header line" },
	{ UNKNOWN, "USER alice", "POP3" },
	{ UNKNOWN, "pass secret", "POP3" },
	{ UNKNOWN, "LIST", "POP3" },
	{ UNKNOWN, "LISTEN", "no command" },
	{ UNKNOWN, "LOGIN alice secret", "IMAP" },
	{ UNKNOWN, "a1 LOGIN alice secret", "IMAP" },
	{ UNKNOWN, "a CAPABILITY", "IMAP" },
	{ UNKNOWN, "exit", "how to leave" },
	{ UNKNOWN, "bye bye", "how to leave" },
	{ UNKNOWN, "telnet localhost 25", "a shell command" },
	{ UNKNOWN, "YWxpY2U=", "base64 outside AUTH" },
	{ UNKNOWN, "Hello, Bob!", "no command" },
	{ UNKNOWN "; did you mean VRFY?", "VERFY bob", "a slip of the finger" },
	{ UNKNOWN, "\xe2\x80\x9cMAIL", "pasted quotes, dashes and blanks" },
	{ "501 5.1.3 Bad recipient address syntax: x", "RCPT TO:<\xe2\x80\x98""bob@b.example>",
	  "pasted quotes, dashes and blanks" },
	{ "501 5.5.4 Syntax: MAIL FROM:<address>", "MAIL\xc2\xa0""FROM:<a@b.example>",
	  "pasted quotes, dashes and blanks" },
	{ "501 5.5.4 Syntax: MAIL FROM:<address>", "MAIL FROM alice@campus.example",
	  "MAIL FROM without a colon" },
	{ "501 5.5.4 Syntax: MAIL FROM:<address>", "MAIL FROM", "MAIL FROM without a colon" },
	{ "501 5.5.4 Syntax: MAIL FROM:<address>", "mail from <a@b.example>", "MAIL FROM without a colon" },
	{ "501 5.5.4 Syntax: MAIL FROM:<address>", "MAIL FROM :<a@b.example>",
	  "MAIL FROM, a blank before the colon" },
	{ "501 5.5.4 Syntax: MAIL FROM:<address>", "MAIL TO:<a@b.example>", "MAIL TO" },
	{ "501 5.5.4 Syntax: MAIL FROM:<address>", "MAIL", "MAIL" },
	{ "501 5.5.4 Syntax: MAIL FROM:<address>", "MAIL alice", "MAIL" },
	{ "501 5.5.4 Syntax: RCPT TO:<address>", "RCPT TO bob", "RCPT TO without a colon" },
	{ "501 5.5.4 Syntax: RCPT TO:<address>", "RCPT TO :bob", "RCPT TO, a blank before the colon" },
	{ "501 5.5.4 Syntax: RCPT TO:<address>", "RCPT FROM:<a@b.example>", "RCPT FROM" },
	{ "501 5.5.4 Syntax: RCPT TO:<address>", "RCPT bob", "RCPT" },
	{ "501 5.5.4 Syntax: HELO hostname", "HELO", "HELO without a name" },
	{ "501 5.5.4 Syntax: EHLO hostname", "EHLO", "EHLO without a name" },
	{ "501 5.5.4 Syntax: DATA", "DATA hello", "DATA with something behind it" },
	{ "501 5.1.3 Bad recipient address syntax: an address is NAME@DOMAIN", "RCPT TO:bob",
	  "an address without a domain" },
	{ "501 5.1.3 Bad recipient address syntax: an address is NAME@DOMAIN", "RCPT TO:<ann lee@b.example>",
	  "a character that no name has" },
	{ "501 5.1.7 Bad sender address syntax: an address is NAME@DOMAIN", "mail from:<ann@@b.example>",
	  "a character that no name has" },
	{ "501 5.1.3 Bad recipient address syntax: an address is NAME@DOMAIN", "RCPT TO:<bob> ORCPT=rfc822;b@c",
	  "an address without a domain" },
	{ "503 5.5.1 Error: need RCPT command", "DATA", "DATA before MAIL" },
	{ "554 5.5.1 Error: no valid recipients", "DATA", "DATA before RCPT" },
	{ "421 4.7.0 a.b Error: this is a mail server, not a web server", "GET / HTTP/1.1", "a web browser" },
	{ "421 4.7.0 a.b Error: TLS begins with STARTTLS on this port", "", "TLS too early" },
	{ "421 4.7.0 a.b Error: this is a mail server, and that is not SMTP", "SSH-2.0-x", "another protocol" },
	{ "501 5.5.2 Error: that is not base64", "AUTH LOGIN", "not base64" },
	{ "535 5.7.8 Error: authentication failed: the user name begins with a blank", "AUTH LOGIN",
	  "a blank before the user name" },
	{ "535 5.7.8 Error: authentication failed", "AUTH LOGIN", "name or password" },
	{ "553 5.7.1 <b@c.example>: Sender address rejected: not owned by your login",
	  "MAIL FROM:<b@c.example>", "sender and login differ" },
	{ "502 5.5.1 Error: command not implemented", "EXPN staff", "EXPN that tells nothing" },
	{ "502 5.5.1 Error: command not implemented", "TURN", "a command not done here" },
	{ "550 5.5.2 <LF> without <CR> in line 3; lines end in <CR><LF>", "DATA", "line ends of a message" },
	/* clang-format on */
};

START_TEST(the_sentence_fits_what_was_typed)
{
	ck_explain_finds(cases[_i].said, cases[_i].typed, cases[_i].name);
}
END_TEST

START_TEST(a_sentence_is_a_second_line_with_the_same_status)
{
	const struct reply before =
	    reply(503, "5.5.1 Error: need MAIL command");
	struct reply after;
	char *second;

	explain_configure(&explain_config);
	after = explain(&before, "RCPT TO:<x@y.example>");
	ck_assert_int_eq(after.code, 503);
	second = strchr(after.text, '\n');
	ck_assert_ptr_nonnull(second);
	ck_assert_int_eq(strncmp(second, "\n5.5.1 The order is MAIL", 24), 0);
	ck_assert_ptr_null(strchr(second + 1, '\n'));
	*second = '\0';
	ck_assert_str_eq(after.text, before.text);
	/* And not twice. */
	*second = '\n';
	ck_assert_str_eq(explain(&after, "").text, after.text);
}
END_TEST

/* RFC 5321 4.5.3.1.5 has 512 octets with code and CRLF. */
START_TEST(no_line_is_longer_than_500_bytes)
{
	struct sentences es = explain_read("es");

	for (size_t i = 0; i < es.count; i++) {
		ck_assert_uint_le(strlen(es.all[i].text) + 10, 500);
		ck_assert_uint_le(strlen(es.all[i].english) + 10, 500);
	}
	sentences_clear(&es);
}
END_TEST

START_TEST(success_and_a_listener_that_does_not_explain_stay_as_they_are)
{
	const struct reply good = reply(250, "2.1.0 Ok");
	const struct reply bad = reply(503, "5.5.1 Error: need MAIL command");

	explain_configure(&explain_config);
	ck_assert_str_eq(explain(&good, "").text, good.text);
	explain_listener.explain = false;
	explain_configure(&explain_config);
	ck_assert_str_eq(explain(&bad, "").text, bad.text);
}
END_TEST

/* The second line of 503 5.5.1 need MAIL in LANGUAGE and with TEXT's file. */
static void
expect_second(const char *wanted, const char *text, const char *second)
{
	const struct reply before =
	    reply(503, "5.5.1 Error: need MAIL command");
	struct reply after;
	const char *line;

	strcpy(explain_language, wanted);
	if (text != NULL)
		explain_write(text);
	explain_configure(&explain_config);
	after = explain(&before, "RCPT TO:<x@y.example>");
	line = strchr(after.text, '\n');
	ck_assert_ptr_nonnull(line);
	ck_assert_msg(strncmp(line + 1, second, strlen(second)) == 0, "%s",
	    after.text);
}

START_TEST(a_teachers_file_comes_first_and_the_rest_is_built_in)
{
	expect_second("es", NULL, "5.5.1 El orden es MAIL, RCPT, DATA");
	expect_second("fr", NULL, "5.5.1 The order is MAIL, RCPT, DATA");
	expect_second("fr",
	    "[o]\nreply = 503 *need MAIL*\nfr = D'abord MAIL ; puis\n   RCPT.\n"
	    "en = First MAIL.\n",
	    "5.5.1 D'abord MAIL ; puis RCPT.");
	/* the teacher's English rather than ours, where there is no other */
	expect_second("es", NULL, "5.5.1 First MAIL.");
	/* what the file does not say at all is built in */
	expect_second("es", "[o]\nreply = 554 *\nes = No.\n",
	    "5.5.1 El orden es MAIL, RCPT, DATA");
	expect_second("es",
	    "[o]\nreply = 503 *\ntyped = DATA*\nes = No.\n[p]\n"
	    "reply = 503 *\nes = S\xc3\xad.\n",
	    "5.5.1 S\xc3\xad.");
}
END_TEST

/* A file with a mistake: what config check says of it. */
static const struct {
	const char *text;
	const char *complaint;
} mistakes[] = {
	/* clang-format off */
	{ "en = x\n", "own.ini:1: en stands before a [section]" },
	{ "[a]\nreply = 5*\nfrench = x\n",
	  "own.ini:3: french is neither reply nor typed nor a language such as es" },
	{ "[a]\nen = x\n[b]\nreply = 5*\n", "own.ini:1: [a] needs reply = the reply it is about" },
	{ "[b]\nreply = 5*\n[a]\nen = x\n", "own.ini:3: [a] needs reply = the reply it is about" },
	{ "[a]\nreply = 5*\nen = x\nen = y\n",
	  "own.ini:4: [a] has en twice; a value that goes on is indented" },
	{ "[a]\nreply = 5*\nen = x\n[a]\nreply = 4*\n", "own.ini:4: there is a [a] already in line 1" },
	{ "[a]\nreply = 5*\nno sense\n", "own.ini:3: neither [section] nor key = value" },
	{ "[a\nreply = 5*\n", "own.ini:1: neither [section] nor key = value" },
	{ "[a]\nreply = 5*\nen = caf\xe9\n", "own.ini:1: [a] is not in UTF-8" },
	{ "[a]\nreply = 5*\nen = a\x1b[2Jb\n", "own.ini:1: [a] has a control character" },
	{ "[]\nreply = 5*\n", "own.ini:1: the name of a section has 1 to 48 bytes" },
	{ "[1234567890123456789012345678901234567890123456789]\nreply = 5*\n",
	  "own.ini:1: the name of a section has 1 to 48 bytes" },
	/* clang-format on */
};

static void
expect_complaint(const char *complaint)
{
	char *said = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&said, &size);

	ck_assert_int_eq(explain_check(&explain_config, out), 1);
	fclose(out);
	ck_assert_msg(strncmp(said, complaint, strlen(complaint)) == 0, "%s",
	    said);
	ck_assert_ptr_eq(strchr(said, '\n'), said + size - 1);
	free(said);
}

START_TEST(a_mistake_is_a_line_and_the_built_in_sentences_serve)
{
	explain_write(mistakes[_i].text);
	expect_complaint(mistakes[_i].complaint);
	expect_second("es", NULL, "5.5.1 El orden es MAIL, RCPT, DATA");
}
END_TEST

START_TEST(what_is_too_long_or_not_there_is_a_mistake_too)
{
	char text[800] = "[a]\nreply = 5*\nen = x\n";

	for (int i = 0; i < 6; i++) {
		size_t at = strlen(text);

		text[at] = ' ';
		memset(text + at + 1, 'x', 90);
		strcpy(text + at + 91, "\n");
	}
	explain_write(text);
	expect_complaint(
	    "own.ini:1: [a] has a sentence of more than 480 bytes");
	memset(text, 'x', 400);
	text[400] = '\0';
	explain_write(text);
	expect_complaint("own.ini:1: the line is longer than 196 bytes");
	strcpy(explain_file, "none.ini");
	expect_complaint("none.ini: No such file or directory");
	strcpy(explain_file, "");
	strcpy(explain_language, "xx");
	expect_complaint("[server] language = xx: no sentence is in it");
}
END_TEST

/* What postlab explain prints can be saved, named, and means the same. */
START_TEST(the_built_in_text_is_a_file_without_mistake)
{
	const struct sentences_source source = sentences_built_in();
	char *text = xasprintf("%.*s", (int)source.size, source.text);

	ck_assert_uint_eq(strlen(text), source.size);
	explain_write(text);
	ck_assert_int_eq(explain_check(&explain_config, stderr), 0);
	expect_second("es", NULL, "5.5.1 El orden es MAIL, RCPT, DATA");
	free(text);
}
END_TEST

Suite *
explain_suite(void)
{
	Suite *suite = suite_create("explain");
	TCase *tc = tcase_create("explain");

	tcase_add_checked_fixture(tc, explain_enter, explain_leave);
	tcase_add_test(tc, english_and_spanish_have_every_sentence);
	tcase_add_test(tc, every_sentence_names_its_rfc_in_both_languages);
	tcase_add_loop_test(tc, the_sentence_fits_what_was_typed, 0,
	    COUNT(cases));
	tcase_add_test(tc, a_sentence_is_a_second_line_with_the_same_status);
	tcase_add_test(tc, no_line_is_longer_than_500_bytes);
	tcase_add_test(tc,
	    success_and_a_listener_that_does_not_explain_stay_as_they_are);
	tcase_add_test(tc,
	    a_teachers_file_comes_first_and_the_rest_is_built_in);
	tcase_add_loop_test(tc,
	    a_mistake_is_a_line_and_the_built_in_sentences_serve, 0,
	    COUNT(mistakes));
	tcase_add_test(tc, what_is_too_long_or_not_there_is_a_mistake_too);
	tcase_add_test(tc, the_built_in_text_is_a_file_without_mistake);
	suite_add_tcase(suite, tc);
	return suite;
}
