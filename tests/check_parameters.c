/*
 * check_parameters.c - what may stand behind the address in MAIL and RCPT:
 * RFC 1870, RFC 6152, RFC 4954 5, and nothing that EHLO does not list.
 */
#include <stdlib.h>

#include "smtpd/parameters.h"
#include "tests/suites.h"

/* What stands behind the address in MAIL. */
static const struct {
	const char *text;
	bool auth;
	int code;
	int64_t size;
	bool eight_bit;
} parameters[] = {
	/* clang-format off */
	{ "", false, 250, 0, false },
	{ " ", false, 250, 0, false },
	{ " SIZE=1200", false, 250, 1200, false },
	{ " size=1200  BODY=8BITMIME ", false, 250, 1200, true },
	{ " BODY=8bitmime", false, 250, 0, true },
	{ " BODY=7BIT", false, 250, 0, false },
	{ " SIZE=99999999999999999999", false, 250, INT64_MAX, false },
	{ " SIZE=123456789012345678901", false, 501, 0, false },
	{ " SIZE=", false, 501, 0, false },
	{ " SIZE", false, 501, 0, false },
	{ " SIZE=abc", false, 501, 0, false },
	{ " SIZE=-1", false, 501, 0, false },
	{ " SIZE=12x", false, 501, 0, false },
	{ " SIZE=1 SIZE=2", false, 501, 1, false },
	{ " BODY=BINARYMIME", false, 501, 0, false },
	{ " BODY", false, 501, 0, false },
	{ " AUTH=<>", true, 250, 0, false },
	{ " AUTH=e+3Dmc2@example.com", true, 250, 0, false },
	{ " AUTH=bad+xtext", true, 501, 0, false },
	{ " AUTH=", true, 501, 0, false },
	{ " AUTH=<>", false, 555, 0, false },
	{ " FOO=bar", false, 555, 0, false },
	{ " SIZEX=1", false, 555, 0, false },
	{ " SMTPUTF8", false, 555, 0, false },
	{ " RET=HDRS ENVID=x", false, 555, 0, false },
	{ " =", false, 555, 0, false },
	/* clang-format on */
};

START_TEST(parameters_are_read_to_the_letter)
{
	struct mail_parameters got = { .auth_offered = parameters[_i].auth };
	struct reply r = parameters_of_mail(parameters[_i].text, &got);

	ck_assert_int_eq(r.code, parameters[_i].code);
	ck_assert_int_eq(got.size, parameters[_i].size);
	ck_assert_int_eq(got.eight_bit, parameters[_i].eight_bit);
}
END_TEST

START_TEST(an_unknown_parameter_is_shown_without_harm)
{
	struct mail_parameters got = { .size = 0 };
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

	tcase_add_loop_test(tc, parameters_are_read_to_the_letter, 0,
	    COUNT(parameters));
	tcase_add_test(tc, an_unknown_parameter_is_shown_without_harm);
	suite_add_tcase(suite, tc);
	return suite;
}
