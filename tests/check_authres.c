/*
 * check_authres.c - Authentication-Results taken apart.
 *
 * The fields are the examples of RFC 8601 appendix B, and real ones from the
 * public archives of linux-kernel and git@vger.kernel.org.
 */
#include <check.h>
#include <string.h>

#include "common/buf.h"
#include "maildir/authres.h"
#include "tests/suites.h"

static const struct {
	const char *value;
	const char *want; /* authserv, then "|method=result|reason|property" */
} cases[] = {
	/* clang-format off */
	{ "example.org 1; none", "example.org" },
	{ "example.com;\n spf=pass smtp.mailfrom=example.net",
	  "example.com|spf=pass||smtp.mailfrom=example.net" },
	{ "example.com;\n auth=pass (cram-md5) smtp.auth=sender@example.net;\n"
	  " spf=pass smtp.mailfrom=example.net",
	  "example.com|auth=pass|cram-md5|smtp.auth=sender@example.net"
	  "|spf=pass||smtp.mailfrom=example.net" },
	{ "example.com;\n dkim=pass (good signature) header.d=example.com",
	  "example.com|dkim=pass|good signature|header.d=example.com" },
	{ "example.com;\n dkim=pass reason=\"good signature\"\n"
	  "  header.i=@mail-router.example.net;\n dkim=fail reason=\"bad "
	  "signature\"\n  header.i=@newyork.example.com",
	  "example.com|dkim=pass|good signature|"
	  "header.i=@mail-router.example.net|dkim=fail|bad signature|"
	  "header.i=@newyork.example.com" },
	/* RFC 8601 B.7: comments everywhere, a version */
	{ "foo.example.net (foobar) 1 (baz);\n dkim (Because I like it) / 1 "
	  "(One yay) = (wait for it) fail\n  policy (A dot can go here) . "
	  "(like that) expired\n  (this surprised me) = (as I wasn't "
	  "expecting it) 1362471462",
	  "foo.example.net|dkim=fail|Because I like it One yay wait for it "
	  "A dot can go here like that this surprised me "
	  "as I wasn't expecting it|policy.expired=1362471462" },
	{ "smtp.subspace.kernel.org; dmarc=none (p=none dis=none) "
	  "header.from=peff.net",
	  "smtp.subspace.kernel.org|dmarc=none|p=none dis=none|"
	  "header.from=peff.net" },
	{ "cloud.peff.net; auth=none", "cloud.peff.net|auth=none||" },
	{ "ppops.net;\n        spf=softfail smtp.mailfrom=user@gmail.com",
	  "ppops.net|spf=softfail||smtp.mailfrom=user@gmail.com" },
	{ "Mail.Example; SPF=Fail", "Mail.Example|spf=fail||" },
	{ "", "" },
	{ ";;;=;a=;=b", "" },
	{ "x; spf=fail (unclosed", "x|spf=fail|unclosed|" },
	{ "x; spf=\"fa\033[31mil\" a=\"", "x|spf=fa^[[31mil||a=" },
	/* clang-format on */
};

START_TEST(results_are_read_as_rfc_8601_has_them)
{
	struct authres authres;
	struct buf got = BUF_INIT;

	authres_parse(cases[_i].value, strlen(cases[_i].value), &authres);
	buf_addstr(&got, authres.authserv);
	for (size_t i = 0; i < authres.count; i++) {
		const struct authres_result *result = &authres.results[i];

		buf_printf(&got, "|%s=%s|%s|%s", result->method, result->result,
		    result->reason, result->property);
	}
	ck_assert_str_eq(got.data, cases[_i].want);
	buf_clear(&got);
	authres_clear(&authres);
}
END_TEST

Suite *
authres_suite(void)
{
	Suite *suite = suite_create("authres");
	TCase *tc = tcase_create("fields");

	tcase_add_loop_test(tc, results_are_read_as_rfc_8601_has_them, 0,
	    COUNT(cases));
	suite_add_tcase(suite, tc);
	return suite;
}
