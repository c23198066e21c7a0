/*
 * check_transcript_mask.c - no secret gets into the evidence, wherever and
 * however it was typed.
 */
#include <string.h>

#include "common/buf.h"
#include "common/transcript_mask.h"
#include "tests/suites.h"

#define SECRET "AGFsaWNlADEyMzQ1cGFzcw=="

/* Lines of a client, one after another, and what is kept of them. */
static const struct {
	const char *said[4];
	const char *kept[4];
} commands[] = {
	/* clang-format off */
	{ { "AUTH PLAIN " SECRET },    { "AUTH PLAIN ***" } },
	{ { "auth plain " SECRET },    { "auth plain ***" } },
	{ { "AUTH PLAIN" },            { "AUTH PLAIN" } },
	{ { "AUTH CRAM-MD5" },         { "AUTH CRAM-MD5" } },
	{ { "AUTH LOGIN YWxpY2U= x" }, { "AUTH LOGIN ***" } },
	{ { " AUTH\tPLAIN  " SECRET }, { " AUTH\tPLAIN ***" } },
	/* the mechanism was forgotten */
	{ { "AUTH " SECRET },          { "AUTH ***" } },
	/* or the blank */
	{ { "AUTH=PLAIN " SECRET },    { "AUTH ***" } },
	{ { "authplain " SECRET },     { "auth ***" } },
	{ { " AUTHPLAIN" SECRET },     { " AUTH ***" } },
	/* or AUTH */
	{ { "PLAIN " SECRET, SECRET }, { "PLAIN ***", "***" } },
	{ { "LOGIN alice 12345pass" }, { "LOGIN ***" } },
	{ { "a1 LOGIN alice 12345pass" }, { "a1 LOGIN ***" } },
	/* AUTH misspelled */
	{ { "AUHT PLAIN " SECRET },    { "AUHT PLAIN ***" } },
	/* refused, and the name and the password come all the same */
	{ { "AUTH LOGIN", "YWxpY2U=", "MTIzNDVwYXNz", "NOOP hello" },
	  { "AUTH LOGIN", "***", "***", "NOOP hello" } },
	{ { "AUTH LOGIN", "two words", "QUIT", "no command" },
	  { "AUTH LOGIN", "***", "QUIT", "no command" } },
	/* what is no secret stays */
	{ { "EHLO desk", "VERFY bob", "MAIL FROM:<a@b.example> AUTH=<>" },
	  { "EHLO desk", "VERFY bob", "MAIL FROM:<a@b.example> AUTH=<>" } },
	{ { "", "AUTH" }, { "", "AUTH" } },
	/* POP3 */
	{ { "USER alice", "PASS 12345pass", "pass two words", "STAT" },
	  { "USER alice", "PASS ***", "pass ***", "STAT" } },
	/* the word PASS was forgotten, or misspelled */
	{ { "USER alice", "12345pass", "STAT", "no command" },
	  { "USER alice", "***", "STAT", "no command" } },
	{ { "user alice", "PAS 12345pass", "PASS12345pass" },
	  { "user alice", "***", "***" } },
	{ { "APOP alice c4c9334bac560ecc979e58001b3e22fb" },
	  { "APOP alice ***" } },
	{ { "USER alice 12345pass" },  { "USER alice ***" } },
	{ { "PASSWORD 12345pass", "pass:12345pass" },
	  { "PASS ***", "pass ***" } },
	/* at no place at all, but nothing else looks like it */
	{ { "AUHT PLIAN " SECRET, SECRET },  { "AUHT PLIAN ***", "***" } },
	{ { "NOOP " SECRET, "EHLO\t" SECRET " x" },
	  { "NOOP ***", "EHLO\t*** x" } },
	{ { "EHLO desk", "MTIzNDVwYXNz", "YWxpY2U= MTIzNDVwYXNz" },
	  { "EHLO desk", "***", "*** ***" } },
	{ { "VERFY YWxpY2U=", "PSSS R3LDvMOfZQ==" },
	  { "VERFY ***", "PSSS ***" } },
	/* what only looks like base64 is none of a text */
	{ { "VERFY students", "STARTTSL", "EXPAND teachers", "XCLIENT" },
	  { "VERFY students", "STARTTSL", "EXPAND teachers", "XCLIENT" } },
	{ { "VRFY students", "VRFY YWxpY2U=", "HLEP", "GET /index.html" },
	  { "VRFY students", "VRFY YWxpY2U=", "HLEP", "GET /index.html" } },
	{ { "Subject: hello", "AAAA", "AA==", "====" },
	  { "Subject: hello", "AAAA", "AA==", "====" } },
	/* clang-format on */
};

START_TEST(a_secret_in_a_command_is_not_kept)
{
	struct mask mask = { .wary = false };
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < COUNT(commands[_i].said); i++) {
		const char *said = commands[_i].said[i];

		if (said == NULL)
			break;
		buf_reset(&out);
		mask_command(&mask, said, strlen(said), &out);
		ck_assert_str_eq(out.data, commands[_i].kept[i]);
	}
	buf_clear(&out);
}
END_TEST

/* Within AUTH: C, S or E(xplanation); R(epeated); what is kept of it. */
static const struct {
	char side;
	const char *said;
	const char *kept;
} dialog[] = {
	/* clang-format off */
	{ 'C', SECRET,             "***" },
	{ 'C', "*",                "*" },
	{ 'C', "",                 "" },
	{ 'C', "QUIT",             "***" }, /* a password can be any word */
	{ 'C', "* x",              "***" },
	{ 'S', "334 VXNlcm5hbWU6", "334 VXNlcm5hbWU6" },
	{ 'S', "334 UGFzc3dvcmQ6", "334 UGFzc3dvcmQ6" },
	{ 'S', "334 ",             "334 " },
	{ 'S', "334",              "334" },
	/* SCRAM's last word is as good as the password's hash */
	{ 'S', "334 dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4v", "334 ***" },
	{ 'S', "+ dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4v",   "+ ***" },
	{ 'S', "+ ",               "+ " },
	{ 'E', "501 5.5.2 instead of 12345pass say MTIzNDVwYXNz", "501 ***" },
	{ 'E', "501",              "501" },
	{ 'R', "555-5.5.4 Unsupported option: " SECRET,
	  "555-5.5.4 Unsupported option: ***" },
	{ 'R', SECRET,             "***" },
	{ 'R', "mail.far.example", "mail.far.example" },
	{ 'S', "501 5.5.2 Error: that is not base64",
	  "501 5.5.2 Error: that is not base64" },
	/* clang-format on */
};

START_TEST(of_the_dialog_only_what_is_no_secret_is_kept)
{
	const char *said = dialog[_i].said;
	struct buf out = BUF_INIT;

	if (dialog[_i].side == 'C')
		mask_response(said, strlen(said), &out);
	else if (dialog[_i].side == 'E')
		mask_explanation(said, strlen(said), &out);
	else if (dialog[_i].side == 'R')
		mask_echo(said, strlen(said), &out);
	else
		mask_challenge(said, strlen(said), &out);
	ck_assert_str_eq(out.data, dialog[_i].kept);
	buf_clear(&out);
}
END_TEST

Suite *
transcript_mask_suite(void)
{
	Suite *suite = suite_create("transcript_mask");
	TCase *tc = tcase_create("mask");

	tcase_add_loop_test(tc, a_secret_in_a_command_is_not_kept, 0,
	    COUNT(commands));
	tcase_add_loop_test(tc, of_the_dialog_only_what_is_no_secret_is_kept, 0,
	    COUNT(dialog));
	suite_add_tcase(suite, tc);
	return suite;
}
