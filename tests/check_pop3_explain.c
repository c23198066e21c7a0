/*
 * check_pop3_explain.c - the sentences behind refusals of POP3.
 *
 * That each refusal has one is tests/explain.py's to find out.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/conn.h"
#include "common/explain.h"
#include "common/log.h"
#include "common/sentences.h"
#include "pop3d/answer.h"
#include "pop3d/session.h"
#include "tests/check_explain_world.h"
#include "tests/check_folder.h"
#include "tests/check_pop3_world.h"
#include "tests/suites.h"

/* RFC 1939 3: all in one line of 512 octets; a refusal alone has 100. */
enum { SENTENCE_LONGEST = 400, LINE_LONGEST = 510 };

START_TEST(a_sentence_fits_behind_its_refusal)
{
	struct sentences es = explain_read("es");
	size_t count = 0;

	for (size_t i = 0; i < es.count; i++) {
		const struct sentence *one = &es.all[i];

		if (strncmp(one->reply, "-ERR ", 5) != 0)
			continue;
		ck_assert_msg(strlen(one->text) <= SENTENCE_LONGEST &&
			strlen(one->english) <= SENTENCE_LONGEST,
		    "[%s]", one->name);
		count++;
	}
	ck_assert_uint_gt(count, 40);
	sentences_clear(&es);
}
END_TEST

static const struct {
	const char *said;
	const char *typed;
	const char *name;
} cases[] = {
/* clang-format off */
#define UNKNOWN "-ERR unknown command; CAPA lists what there is"
	{ UNKNOWN, "EHLO localhost", "POP3: SMTP spoken" },
	{ UNKNOWN, "a1 LOGIN alice secret", "POP3: IMAP spoken" },
	{ UNKNOWN, "bye", "POP3: how to leave" },
	{ UNKNOWN, "HELP", "POP3: help" },
	{ UNKNOWN, "?", "POP3: help" },
	{ UNKNOWN, "GET 1", "POP3: reading" },
	{ UNKNOWN, "del 1", "POP3: deleting" },
	{ UNKNOWN, "ls", "POP3: a shell command" },
	{ UNKNOWN, "", "POP3: an empty line" },
	{ UNKNOWN, " STAT", "POP3: a blank before the command" },
	{ UNKNOWN, "YWxpY2U=", "POP3: base64 outside AUTH" },
	{ UNKNOWN, "12345pass", "POP3: no command" },
	{ UNKNOWN, "RETR\xc2\xa0""1", "POP3: pasted quotes, dashes and blanks" },
	{ "-ERR [AUTH] wrong user name or password", "PASS x", "POP3: name or password" },
	{ "-ERR [AUTH] wrong user name or password (the name begins with a blank)", "AUTH LOGIN",
	  "POP3: a blank before the user name" },
	{ "-ERR [SYS/TEMP] message 1 cannot be read now", "RETR 1", "POP3: not now" },
	{ "-ERR no such message, the maildrop is empty", "RETR 1", "POP3: an empty maildrop" },
	{ "-ERR no such message, only 2 messages in maildrop", "RETR 3", "POP3: no such message" },
	{ "-ERR STLS stands alone", "STLS x", "POP3: a command that stands alone" },
	/* clang-format on */
};

START_TEST(the_sentence_fits_what_was_typed)
{
	ck_explain_finds(cases[_i].said, cases[_i].typed, cases[_i].name);
}
END_TEST

/* LANG; the teacher's file goes with it. */
START_TEST(another_language_can_be_asked_for)
{
	static const char said[] = "-ERR give USER first";
	static const char in_use[] = "-ERR [IN-USE] another session";

	explain_write("[mine]\nreply = -ERR give USER*\nen = Who?\n"
		      "es = ¿Quién?\n");
	explain_configure(&explain_config);
	ck_assert_str_eq(explain_words(said, "PASS x"), "Who?");
	explain_speak("es");
	ck_assert_str_eq(explain_words(said, "PASS x"), "¿Quién?");
	ck_assert_ptr_nonnull(strstr(explain_words(in_use, ""), "buzón"));
	explain_speak("en");
	ck_assert_str_eq(explain_words(said, "PASS x"), "Who?");
	ck_assert_ptr_null(explain_words("+OK", "NOOP"));
}
END_TEST

static const char who[] = "give USER first";

/* What a refusal of PASS is on the wire. */
static void
refuse(struct session *session, const char *text, struct buf *line)
{
	struct reply refusal;
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	session->conn = conn_open(ends[0], 1);
	session->capabilities = pop3_capabilities;
	strcpy(session->typed, "PASS x");
	refusal = strcmp(text, who) == 0 ? reply_err(session, "give USER first")
					 : reply_err(session, "%s", text);
	answer_send(session, &refusal);
	conn_close(session->conn);
	buf_reset(line);
	ck_assert_int_eq(buf_read(line, ends[1], 4096), 0);
	close(ends[1]);
}

START_TEST(a_refusal_is_one_line_with_its_sentence)
{
	struct session session = { .explain = true };
	struct buf line = BUF_INIT;

	explain_configure(&explain_config);
	refuse(&session, who, &line);
	ck_assert_ptr_eq(strstr(line.data, "\r\n"), line.data + line.size - 2);
	ck_assert_int_eq(strncmp(line.data,
			     "-ERR give USER first. PASS follows a USER ", 42),
	    0);
	/* Found by its English text, whatever it is said in. */
	session.language = LANGUAGE_SPANISH;
	explain_speak("es");
	refuse(&session, who, &line);
	ck_assert_int_eq(strncmp(line.data,
			     "-ERR primero va USER. PASS sigue a un USER ", 43),
	    0);
	session.explain = false;
	refuse(&session, who, &line);
	ck_assert_str_eq(line.data, "-ERR primero va USER\r\n");
	buf_clear(&line);
}
END_TEST

/* A teacher may write 480 bytes, as for SMTP. */
START_TEST(a_line_that_would_be_too_long_is_cut_between_words)
{
	char text[600] = "[mine]\nreply = -ERR too long*\nen =";
	static const char long_one[] =
	    "too long, as only a refusal with a name in it could ever be";
	struct session session = { .explain = true };
	struct buf line = BUF_INIT;

	for (int i = 0; i < 60; i++)
		strcat(text, i % 12 == 11 ? "\n palabra" : " palabra");
	strcat(text, "\n");
	explain_write(text);
	explain_configure(&explain_config);
	refuse(&session, long_one, &line);
	ck_assert_uint_le(line.size, LINE_LONGEST + 2);
	ck_assert_uint_gt(line.size, LINE_LONGEST - 10);
	ck_assert_str_eq(line.data + line.size - 9, "palabra\r\n");
	buf_clear(&line);
}
END_TEST

Suite *
pop3_explain_suite(void)
{
	Suite *suite = suite_create("pop3_explain");
	TCase *tc = tcase_create("pop3_explain");

	tcase_add_checked_fixture(tc, explain_enter, explain_leave);
	tcase_add_test(tc, a_sentence_fits_behind_its_refusal);
	tcase_add_loop_test(tc, the_sentence_fits_what_was_typed, 0,
	    COUNT(cases));
	tcase_add_test(tc, another_language_can_be_asked_for);
	tcase_add_test(tc, a_refusal_is_one_line_with_its_sentence);
	tcase_add_test(tc, a_line_that_would_be_too_long_is_cut_between_words);
	suite_add_tcase(suite, tc);
	return suite;
}
