/*
 * check_dmarc.c - what is asked of the author's domain, and what it wants done.
 * The alignments are RFC 7489's (3.1, appendix B.1).
 */
#include <stdlib.h>
#include <string.h>

#include "common/mem.h"
#include "smtpd/dmarc_check.h"
#include "smtpd/findings.h"
#include "tests/check_authenticity_world.h"
#include "tests/suites.h"

/* clang-format off */
static const struct dns_row rows[] = {
	{ "_dmarc.example.com", "TXT", "v=DMARC1; p=reject; sp=quarantine" },
	{ "_dmarc.strict.example", "TXT", "v=DMARC1; p=reject; adkim=s; aspf=s" },
	{ "_dmarc.a.co.uk",    "TXT", "v=DMARC1; p=reject" },
	{ "_dmarc.some.example", "TXT", "v=DMARC1; p=reject; pct=0" },
	{ "_dmarc.two.example", "TXT", "v=DMARC1; p=reject" },
	{ "_dmarc.two.example", "TXT", "v=DMARC1; p=none" },
	{ "_dmarc.bad.example", "TXT", "v=DMARC1; p=perhaps" },
	{ "_dmarc.fail.example", "*", "!SERVFAIL" },
	{ NULL, NULL, NULL },
};
/* clang-format on */

static void
begin(void)
{
	authenticity_world_make(rows);
	dmarc_check_open();
}

/* clang-format off */
static const struct {
	const char *authors; /* domains, with commas between them */
	const char *spf; /* whose SPF passes, or "" */
	const char *dkim; /* whose signature is good, or "" */
	enum finding finding;
	const char *policy;
	bool reject;
} messages[] = {
	/* RFC 7489 B.1.1 */
	{ "example.com", "example.com", "", FINDING_PASS, "reject", false },
	{ "example.com", "child.example.com", "", FINDING_PASS, "reject", false },
	{ "child.example.com", "example.net", "", FINDING_FAIL, "quarantine", false },
	/* B.1.2 */
	{ "example.com", "", "example.com", FINDING_PASS, "reject", false },
	{ "child.example.com", "", "Example.COM", FINDING_PASS, "quarantine", false },
	{ "child.example.com", "", "sample.net", FINDING_FAIL, "quarantine", false },
	{ "example.com", "", "", FINDING_FAIL, "reject", true },
	{ "example.com", "", "badexample.com", FINDING_FAIL, "reject", true },
	{ "example.com", "", "com", FINDING_FAIL, "reject", true },
	{ "example.com", "example.com.evil.net", "", FINDING_FAIL, "reject", true },
	/* strict */
	{ "strict.example", "strict.example", "", FINDING_PASS, "reject", false },
	{ "strict.example", "x.strict.example", "", FINDING_FAIL, "reject", true },
	{ "strict.example", "", "STRICT.example", FINDING_PASS, "reject", false },
	{ "strict.example", "", "x.strict.example", FINDING_FAIL, "reject", true },
	/* public suffixes are nobody's */
	{ "a.co.uk", "", "x.a.co.uk", FINDING_PASS, "reject", false },
	{ "a.co.uk", "", "b.co.uk", FINDING_FAIL, "reject", true },
	{ "a.co.uk", "", "co.uk", FINDING_FAIL, "reject", true },
	/* records */
	{ "some.example", "", "", FINDING_FAIL, "reject", false },
	{ "none.example", "", "", FINDING_NONE, NULL, false },
	{ "two.example", "", "", FINDING_NONE, NULL, false },
	{ "bad.example", "", "", FINDING_PERMERROR, NULL, false },
	{ "fail.example", "", "", FINDING_TEMPERROR, NULL, false },
	/* 6.6.1: several authors: the strictest policy of those that fail */
	{ "none.example,example.com", "none.example", "", FINDING_FAIL, "reject", true },
	{ "example.com,none.example", "none.example", "", FINDING_FAIL, "reject", true },
	{ "child.example.com,some.example", "", "", FINDING_FAIL, "reject", false },
	{ "child.example.com,example.net", "", "", FINDING_FAIL, "quarantine", false },
	{ "fail.example,example.com", "", "", FINDING_FAIL, "reject", true },
	/* and a pass where all pass */
	{ "example.com,strict.example", "example.com", "strict.example", FINDING_PASS, "reject", false },
	{ "example.com,none.example", "example.com", "", FINDING_NONE, NULL, false },
	{ "example.com,fail.example", "example.com", "", FINDING_TEMPERROR, NULL, false },
};
/* clang-format on */

static void
name_authors(const char *domains, struct authors *authors)
{
	char *list = xstrdup(domains);
	char *rest = list;
	const char *domain;

	while ((domain = strsep(&rest, ",")) != NULL)
		strcpy(authors->domains[authors->count++], domain);
	free(list);
}

START_TEST(dmarc_asks_for_what_is_the_authors)
{
	struct findings findings = { .author_fields = 1 };

	name_authors(messages[_i].authors, &findings.authors);
	strcpy(findings.spf.domain, messages[_i].spf);
	if (*messages[_i].spf != '\0')
		findings.spf.finding = FINDING_PASS;
	if (*messages[_i].dkim != '\0') {
		strcpy(findings.signatures[0].domain, messages[_i].dkim);
		findings.signatures[0].finding = FINDING_PASS;
		findings.signature_count = 1;
	}
	dmarc_check(&authenticity_dns, &findings);
	ck_assert_str_eq(finding_word(findings.dmarc.finding),
	    finding_word(messages[_i].finding));
	ck_assert_int_eq(findings.dmarc.reject, messages[_i].reject);
	ck_assert_pstr_eq(findings.dmarc.policy, messages[_i].policy);
}
END_TEST

/* Who shows two names could else show that of anybody. */
START_TEST(a_second_from_gets_past_no_policy)
{
	struct findings findings = { .author_fields = _i };

	dmarc_check(&authenticity_dns, &findings);
	ck_assert_int_eq(findings.dmarc.finding, FINDING_PERMERROR);
	ck_assert_int_eq(findings.dmarc.reject, _i > 1);
}
END_TEST

/* Which address a reader's program shows of such nobody knows. */
START_TEST(a_from_that_cannot_be_read_gets_past_no_policy)
{
	struct findings findings = {
		.author_fields = 1,
		.authors = { .domains = { "none.example" },
		    .count = 1,
		    .odd = true },
	};

	dmarc_check(&authenticity_dns, &findings);
	ck_assert_int_eq(findings.dmarc.finding, FINDING_PERMERROR);
	ck_assert(findings.dmarc.reject);
}
END_TEST

START_TEST(what_does_not_pass_proves_nothing)
{
	static const enum finding others[] = { FINDING_NONE, FINDING_FAIL,
		FINDING_SOFTFAIL, FINDING_NEUTRAL, FINDING_POLICY,
		FINDING_PERMERROR };
	struct findings findings = {
		.author_fields = 1,
		.authors = { .domains = { "example.com" }, .count = 1 },
		.spf.domain = "example.com",
		.signatures[0].domain = "example.com",
		.signature_count = 1,
	};

	findings.spf.finding = others[_i];
	findings.signatures[0].finding = others[_i];
	dmarc_check(&authenticity_dns, &findings);
	ck_assert_int_eq(findings.dmarc.finding, FINDING_FAIL);
	findings.signatures[0].finding = FINDING_TEMPERROR;
	dmarc_check(&authenticity_dns, &findings);
	ck_assert_int_eq(findings.dmarc.finding, FINDING_TEMPERROR);
	ck_assert(!findings.dmarc.reject);
}
END_TEST

Suite *
dmarc_suite(void)
{
	Suite *s = suite_create("dmarc");
	TCase *tc = tcase_create("dmarc");

	tcase_add_checked_fixture(tc, begin, authenticity_world_remove);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, dmarc_asks_for_what_is_the_authors, 0,
	    COUNT(messages));
	tcase_add_loop_test(tc, a_second_from_gets_past_no_policy, 0, 3);
	tcase_add_test(tc, a_from_that_cannot_be_read_gets_past_no_policy);
	tcase_add_loop_test(tc, what_does_not_pass_proves_nothing, 0, 6);
	suite_add_tcase(s, tc);
	return s;
}
