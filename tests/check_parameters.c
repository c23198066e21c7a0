/*
 * check_parameters.c - what may stand behind the address in MAIL and RCPT:
 * RFC 1870, 6152, 4954 5, 3461, 6531, and nothing that EHLO does not list.
 */
#include <stdlib.h>
#include <string.h>

#include "smtpd/parameters.h"
#include "tests/suites.h"

static char all[] = "SIZE 8BITMIME DSN AUTH SMTPUTF8";
static char few[] = "SIZE 8BITMIME AUTH";

static const struct listener msa = { .auth = AUTH_REQUIRED, .extensions = all };
static const struct listener mta = { .auth = AUTH_OFF, .extensions = all };
static const struct listener old = { .auth = AUTH_OFF, .extensions = few };

/* What stands behind the address in MAIL. */
static const struct {
	const char *text;
	const struct listener *listener;
	int code;
	int64_t size;
	const char *kept; /* NULL with a refusal */
} of_mail[] = {
	/* clang-format off */
	{ "", &mta, 250, 0, "" },
	{ " ", &mta, 250, 0, "" },
	{ " SIZE=1200", &mta, 250, 1200, "" },
	{ " size=1200  BODY=8BITMIME ", &mta, 250, 1200, "BODY=8BITMIME" },
	{ " BODY=8bitmime", &mta, 250, 0, "BODY=8BITMIME" },
	{ " BODY=7BIT", &mta, 250, 0, "" },
	{ " SIZE=99999999999999999999", &mta, 250, INT64_MAX, "" },
	{ " SIZE=123456789012345678901", &mta, 501, 0, NULL },
	{ " SIZE=", &mta, 501, 0, NULL },
	{ " SIZE", &mta, 501, 0, NULL },
	{ " SIZE=abc", &mta, 501, 0, NULL },
	{ " SIZE=-1", &mta, 501, 0, NULL },
	{ " SIZE=12x", &mta, 501, 0, NULL },
	{ " SIZE=1 SIZE=2", &mta, 501, 1, NULL },
	{ " BODY=BINARYMIME", &mta, 501, 0, NULL },
	{ " BODY", &mta, 501, 0, NULL },
	{ " AUTH=<>", &msa, 250, 0, "" },
	{ " AUTH=e+3Dmc2@example.com", &msa, 250, 0, "" },
	{ " AUTH=bad+xtext", &msa, 501, 0, NULL },
	{ " AUTH=", &msa, 501, 0, NULL },
	{ " AUTH=<>", &mta, 555, 0, NULL },
	{ " FOO=bar", &mta, 555, 0, NULL },
	{ " SIZEX=1", &mta, 555, 0, NULL },
	{ " =", &mta, 555, 0, NULL },
	/* RFC 3461 4.3, 4.4, and its example */
	{ " RET=HDRS ENVID=QQ314159", &mta, 250, 0, "RET=HDRS ENVID=QQ314159" },
	{ " ret=full", &mta, 250, 0, "RET=FULL" },
	{ " ENVID=a+2Bb+3D BODY=8BITMIME", &mta, 250, 0,
	  "BODY=8BITMIME ENVID=a+2Bb+3D" },
	{ " RET=ALL", &mta, 501, 0, NULL },
	{ " RET=", &mta, 501, 0, NULL },
	{ " RET", &mta, 501, 0, NULL },
	{ " RET=FULL RET=HDRS", &mta, 501, 0, NULL },
	{ " ENVID=", &mta, 501, 0, NULL },
	{ " ENVID=a=b", &mta, 501, 0, NULL },
	{ " ENVID=a+0D+0Ab", &mta, 501, 0, NULL },
	{ " ENVID=+zz", &mta, 501, 0, NULL },
	{ " NOTIFY=NEVER", &mta, 555, 0, NULL },
	/* RFC 6531 3.4 */
	{ " SMTPUTF8", &mta, 250, 0, "SMTPUTF8" },
	{ " smtputf8 BODY=8BITMIME", &mta, 250, 0, "BODY=8BITMIME SMTPUTF8" },
	{ " SMTPUTF8=yes", &mta, 501, 0, NULL },
	/* switched off */
	{ " SMTPUTF8", &old, 555, 0, NULL },
	{ " RET=HDRS", &old, 555, 0, NULL },
	{ " ENVID=x", &old, 555, 0, NULL },
	/* clang-format on */
};

START_TEST(parameters_of_mail_are_read_to_the_letter)
{
	struct mail_parameters got = { .listener = of_mail[_i].listener };
	struct reply r = parameters_of_mail(of_mail[_i].text, &got);
	char *kept = parameters_keep_mail(&got);

	ck_assert_int_eq(r.code, of_mail[_i].code);
	ck_assert_int_eq(got.size, of_mail[_i].size);
	if (of_mail[_i].kept != NULL)
		ck_assert_str_eq(kept, of_mail[_i].kept);
	free(kept);
}
END_TEST

/* Behind the address in RCPT; UTF8 when MAIL had SMTPUTF8. */
static const struct {
	const char *text;
	bool utf8;
	int code;
	const char *kept;
} of_rcpt[] = {
	/* clang-format off */
	{ "", false, 250, "" },
	{ " NOTIFY=SUCCESS", false, 250, "NOTIFY=SUCCESS" },
	{ " notify=never", false, 250, "NOTIFY=NEVER" },
	{ " NOTIFY=delay,FAILURE,Success", false, 250,
	  "NOTIFY=SUCCESS,FAILURE,DELAY" },
	{ " NOTIFY=FAILURE,FAILURE", false, 250, "NOTIFY=FAILURE" },
	{ " NOTIFY=NEVER,SUCCESS", false, 501, NULL },
	{ " NOTIFY=SUCCESS,NEVER", false, 501, NULL },
	{ " NOTIFY=", false, 501, NULL },
	{ " NOTIFY", false, 501, NULL },
	{ " NOTIFY=SUCCESS,", false, 501, NULL },
	{ " NOTIFY=,SUCCESS", false, 501, NULL },
	{ " NOTIFY=ALWAYS", false, 501, NULL },
	{ " NOTIFY=SUCCESS NOTIFY=NEVER", false, 501, NULL },
	{ " NOTIFY=FAILURE ORCPT=rfc822;Bob@Example.COM", false, 250,
	  "NOTIFY=FAILURE ORCPT=rfc822;Bob@Example.COM" },
	{ " ORCPT=rfc822;a+2Bb@x", false, 250, "ORCPT=rfc822;a+2Bb@x" },
	{ " ORCPT=bob@x", false, 501, NULL },
	{ " ORCPT=rfc822;a+bb@x", false, 501, NULL },
	{ " ORCPT=", false, 501, NULL },
	{ " ORCPT", false, 501, NULL },
	{ " ORCPT=utf-8;J\xc3\xb6rg@x", false, 501, NULL },
	{ " ORCPT=utf-8;J\xc3\xb6rg@x", true, 250,
	  "ORCPT=utf-8;J\xc3\xb6rg@x" },
	{ " SIZE=5", false, 555, NULL },
	{ " RET=HDRS", false, 555, NULL },
	/* clang-format on */
};

START_TEST(parameters_of_rcpt_are_read_to_the_letter)
{
	struct rcpt_parameters got = {
		.listener = &mta,
		.utf8 = of_rcpt[_i].utf8,
	};
	struct reply r = parameters_of_rcpt(of_rcpt[_i].text, &got);
	char *kept = parameters_keep_rcpt(&got);

	ck_assert_int_eq(r.code, of_rcpt[_i].code);
	if (of_rcpt[_i].kept != NULL)
		ck_assert_str_eq(kept, of_rcpt[_i].kept);
	free(kept);
}
END_TEST

START_TEST(without_dsn_rcpt_has_no_parameters)
{
	struct rcpt_parameters got = { .listener = &old };

	ck_assert_int_eq(parameters_of_rcpt(" NOTIFY=NEVER", &got).code, 555);
	ck_assert_int_eq(parameters_of_rcpt(" ORCPT=rfc822;a@x", &got).code,
	    555);
}
END_TEST

/* RFC 3461 4.4: at most 100 characters. */
START_TEST(an_envelope_id_has_100_octets_at_most)
{
	char text[160] = " ENVID=";
	struct mail_parameters got = { .listener = &mta };
	struct mail_parameters again = { .listener = &mta };

	memset(text + strlen(text), 'x', 100);
	ck_assert_int_eq(parameters_of_mail(text, &got).code, 250);
	text[strlen(text)] = 'x';
	ck_assert_int_eq(parameters_of_mail(text, &again).code, 501);
}
END_TEST

START_TEST(an_unknown_parameter_is_shown_without_harm)
{
	struct mail_parameters got = { .listener = &mta };
	struct reply r = parameters_of_mail(" F\x1B[31m\xC3\xA9=\x07", &got);

	ck_assert_str_eq(r.text,
	    "5.5.4 Unsupported option: F?[31m?"
	    "?=?");
}
END_TEST

Suite *
parameters_suite(void)
{
	Suite *suite = suite_create("parameters");
	TCase *tc = tcase_create("parameters");

	tcase_add_loop_test(tc, parameters_of_mail_are_read_to_the_letter, 0,
	    COUNT(of_mail));
	tcase_add_loop_test(tc, parameters_of_rcpt_are_read_to_the_letter, 0,
	    COUNT(of_rcpt));
	tcase_add_test(tc, without_dsn_rcpt_has_no_parameters);
	tcase_add_test(tc, an_envelope_id_has_100_octets_at_most);
	tcase_add_test(tc, an_unknown_parameter_is_shown_without_harm);
	suite_add_tcase(suite, tc);
	return suite;
}
