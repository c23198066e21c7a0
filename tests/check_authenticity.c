/*
 * check_authenticity.c - DKIM and SPF, each by itself, before a name server
 * that says right and wrong things.
 *
 * The signed message is RFC 8463's (appendix A).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "smtpd/bounded_dns.h"
#include "smtpd/dkim_check.h"
#include "smtpd/findings.h"
#include "smtpd/spf_check.h"
#include "tests/check_authenticity_world.h"
#include "tests/suites.h"

static const char rsa_key[] =
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6"
    "NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/"
    "8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l"
    "/K4w3QIDAQAB";

/* clang-format off */
static const struct dns_row rows[] = {
	{ "brisbane._domainkey.football.example.com", "TXT",
	  "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" },
	{ "test._domainkey.football.example.com", "TXT", rsa_key },
	{ "pass.example",      "TXT", "some other text" },
	{ "pass.example",      "TXT", "v=spf1 ip4:192.0.2.0/28 -all" },
	{ "six.example",       "TXT", "v=spf1 ip6:2001:db8::/32 -all" },
	{ "soft.example",      "TXT", "v=spf1 a ~all" },
	{ "soft.example",      "A",   "192.0.2.99" },
	{ "ptr.example",       "TXT", "v=spf1 ptr -all" },
	{ "1.114.0.203.in-addr.arpa", "PTR", "mx.ptr.example" },
	{ "mx.ptr.example",    "A",   "203.0.114.1" },
	{ "2.114.0.203.in-addr.arpa", "PTR", "a.ptr.example" },
	{ "2.114.0.203.in-addr.arpa", "PTR", "b.ptr.example" },
	{ "2.114.0.203.in-addr.arpa", "PTR", "c.ptr.example" },
	{ "endless.example",   "TXT", "v=spf1 redirect=endless.example" },
	{ "wide.example",      "TXT",
	  "v=spf1 a:w.example a:w.example a:w.example a:w.example a:w.example "
	  "a:w.example a:w.example a:w.example a:w.example a:w.example "
	  "a:w.example ip4:192.0.2.1 -all" },
	{ "w.example",         "A",   "192.0.2.200" },
	{ "void2.example",     "TXT", "v=spf1 a:1.x mx:2.x ip4:192.0.2.1 -all" },
	{ "void3.example",     "TXT",
	  "v=spf1 a:1.x mx:2.x exists:3.x ip4:192.0.2.1 -all" },
	{ "early.example",     "TXT",
	  "v=spf1 ip4:192.0.2.1 a:1.x a:2.x a:3.x -all" },
	{ "manymx.example",    "TXT", "v=spf1 mx a:1.x ip4:192.0.2.1 -all" },
	{ "manymx.example",    "MX",  "10 a.manymx.example" },
	{ "manymx.example",    "MX",  "20 b.manymx.example" },
	{ "manymx.example",    "MX",  "30 c.manymx.example" },
	{ "fail.example",      "*",   "!SERVFAIL" },
	{ "test._domainkey.fail.example", "*", "!SERVFAIL" },
	{ NULL, NULL, NULL },
};
/* clang-format on */

static struct dkim_lib *library;

static void
begin(void)
{
	authenticity_world_make(rows);
	library = dkim_check_open();
}

/* --- DKIM -------------------------------------------------------------- */

static const char sample[] =
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\n"
    " d=football.example.com; i=@football.example.com;\n"
    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\n"
    " subject : date : message-id : from : subject : date;\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n"
    " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\n"
    " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\n"
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\n"
    " d=football.example.com; i=@football.example.com;\n"
    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\n"
    " date : message-id : from : subject : date;\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n"
    " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\n"
    " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\n"
    " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\n"
    "From: Joe SixPack <joe@football.example.com>\n"
    "To: Suzie Q <suzie@shopping.example.net>\n"
    "Subject: Is dinner ready?\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\n"
    "\n"
    "Hi.\n"
    "\n"
    "We lost the game.  Are you hungry yet?\n"
    "\n"
    "Joe.\n";

/* The sample with the first WAS replaced by NOW, as it is judged. */
static void
check(const char *was, const char *now, struct findings *findings)
{
	const char *at = strstr(sample, was);
	struct buf text = BUF_INIT;
	int fd = memfd_create("message", 0);

	ck_assert_ptr_nonnull(at);
	buf_add(&text, sample, (size_t)(at - sample));
	buf_addstr(&text, now);
	buf_addstr(&text, at + strlen(was));
	ck_assert_int_eq(write_all(fd, text.data, text.size), 0);
	memset(findings, 0, sizeof(*findings));
	ck_assert_int_eq(dkim_check(library, &authenticity_dns, fd, findings),
	    0);
	close(fd);
	buf_clear(&text);
}

/* clang-format off */
static const struct {
	const char *was, *now;
	enum finding first, second; /* Ed25519 and RSA */
	const char *why;            /* of the second */
} changes[] = {
	{ "Hi.", "Hi.", FINDING_PASS, FINDING_PASS, NULL },
	{ "dinner", "dinner\n\t", FINDING_PASS, FINDING_PASS, NULL },
	{ "Joe.\n", "Joe. \t\n\n\n", FINDING_PASS, FINDING_PASS, NULL },
	{ "Joe.\n", "Joe.", FINDING_PASS, FINDING_PASS, NULL },
	{ "Hi.", "Ho.", FINDING_FAIL, FINDING_FAIL,
	  "body hash did not verify" },
	{ "dinner", "lunch", FINDING_FAIL, FINDING_FAIL,
	  "signature did not verify" },
	{ "From:", "Subject: twice\nFrom:", FINDING_FAIL, FINDING_FAIL,
	  "signature did not verify" },
	{ "DhCVlUrSjV4B", "DhCVlUrSjV4A", FINDING_PASS, FINDING_FAIL,
	  "signature did not verify" },
	{ "s=test", "s=gone", FINDING_PASS, FINDING_PERMERROR,
	  "no key in DNS" },
	{ "s=test", "s=../x", FINDING_PASS, FINDING_PERMERROR, NULL },
	{ "a=rsa-sha256", "a=rsa-sha1", FINDING_PASS, FINDING_FAIL, NULL },
	{ "v=1; a=rsa", "v=2; a=rsa", FINDING_PASS, FINDING_PERMERROR, NULL },
	{ "s=test; t=1528637909;", "s=test; t=1528637909; x=1528637910;",
	  FINDING_PASS, FINDING_FAIL, "signature has expired" },
	{ "h=from : to : subject :\n date", "h=to : subject :\n date",
	  FINDING_PASS, FINDING_FAIL, NULL },
};
/* clang-format on */

START_TEST(each_signature_is_judged_by_itself)
{
	struct findings findings;

	check(changes[_i].was, changes[_i].now, &findings);
	ck_assert_uint_eq(findings.signature_count, 2);
	ck_assert_str_eq(finding_word(findings.signatures[0].finding),
	    finding_word(changes[_i].first));
	ck_assert_str_eq(finding_word(findings.signatures[1].finding),
	    finding_word(changes[_i].second));
	if (changes[_i].why != NULL)
		ck_assert_str_eq(findings.signatures[1].why, changes[_i].why);
	ck_assert_uint_eq(findings.authors.count, 1);
	ck_assert_str_eq(findings.authors.domains[0], "football.example.com");
}
END_TEST

START_TEST(a_name_server_in_trouble_is_no_verdict)
{
	struct findings findings;

	check("d=football.example.com; i=@football.example.com;\n q=dns/txt; "
	      "s=test",
	    "d=fail.example;\n q=dns/txt; s=test", &findings);
	ck_assert_int_eq(findings.signatures[0].finding, FINDING_PASS);
	ck_assert_int_eq(findings.signatures[1].finding, FINDING_TEMPERROR);
}
END_TEST

/* --- SPF --------------------------------------------------------------- */

/* clang-format off */
static const struct {
	const char *address, *helo, *sender;
	enum finding finding;
} senders[] = {
	{ "192.0.2.1",   "h.example", "a@pass.example", FINDING_PASS },
	{ "192.0.2.16",  "h.example", "a@pass.example", FINDING_FAIL },
	{ "2001:db8::1", "h.example", "a@pass.example", FINDING_FAIL },
	{ "2001:db8::1", "h.example", "a@six.example",  FINDING_PASS },
	{ "192.0.2.99",  "h.example", "a@soft.example", FINDING_PASS },
	{ "192.0.2.1",   "h.example", "a@soft.example", FINDING_SOFTFAIL },
	{ "203.0.114.1", "h.example", "a@ptr.example",  FINDING_PASS },
	{ "203.0.114.2", "h.example", "a@ptr.example",  FINDING_FAIL },
	{ "192.0.2.1",   "h.example", "a@none.example", FINDING_NONE },
	{ "192.0.2.1",   "h.example", "a@fail.example", FINDING_TEMPERROR },
	{ "192.0.2.1",   "h.example", "a@endless.example", FINDING_PERMERROR },
	{ "192.0.2.1",   "h.example", "a@wide.example", FINDING_PERMERROR },
	/* RFC 7208 4.6.4: more than two terms that find nothing */
	{ "192.0.2.1",   "h.example", "a@void2.example", FINDING_PASS },
	{ "192.0.2.9",   "h.example", "a@void2.example", FINDING_FAIL },
	{ "192.0.2.1",   "h.example", "a@void3.example", FINDING_PERMERROR },
	{ "192.0.2.1",   "h.example", "a@early.example", FINDING_PASS },
	{ "192.0.2.9",   "h.example", "a@early.example", FINDING_PERMERROR },
	{ "192.0.2.1",   "h.example", "a@manymx.example", FINDING_PASS },
	{ "192.0.2.1",   "pass.example", "",            FINDING_PASS },
	{ "192.0.2.77",  "pass.example", "",            FINDING_FAIL },
	{ "192.0.2.1",   "[192.0.2.1]", "",             FINDING_NONE },
	{ "192.0.2.1",   "localhost", "",               FINDING_NONE },
	{ "192.0.2.1",   "h.example", "\"a b\"@pass.example", FINDING_PASS },
};
/* clang-format on */

START_TEST(spf_says_what_the_record_does)
{
	struct spf_finding finding;

	spf_check(&authenticity_dns,
	    &(struct spf_client){
		.hostname = "mail.campus.example",
		.address = senders[_i].address,
		.helo = senders[_i].helo,
		.sender = senders[_i].sender,
	    },
	    &finding);
	ck_assert_str_eq(finding_word(finding.finding),
	    finding_word(senders[_i].finding));
}
END_TEST

START_TEST(questions_are_bounded)
{
	struct dns_records records;
	struct bounded_dns few = bounded_dns_begin(authenticity_dns.dns, 1, 60);
	struct bounded_dns late =
	    bounded_dns_begin(authenticity_dns.dns, 10, 0);

	ck_assert_int_eq(bounded_dns_ask(&few, "pass.example", DNS_TYPE_TXT,
			     &records),
	    DNS_YES);
	dns_records_clear(&records);
	ck_assert_int_eq(bounded_dns_ask(&few, "pass.example", DNS_TYPE_TXT,
			     &records),
	    DNS_LATER);
	ck_assert_int_eq(bounded_dns_ask(&late, "pass.example", DNS_TYPE_TXT,
			     &records),
	    DNS_LATER);
	ck_assert_int_eq(bounded_dns_ask(&few, "a..b", DNS_TYPE_TXT, &records),
	    DNS_NO_NAME);
}
END_TEST

Suite *
authenticity_suite(void)
{
	Suite *s = suite_create("authenticity");
	TCase *tc = tcase_create("authenticity");

	tcase_add_checked_fixture(tc, begin, authenticity_world_remove);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, each_signature_is_judged_by_itself, 0,
	    COUNT(changes));
	tcase_add_test(tc, a_name_server_in_trouble_is_no_verdict);
	tcase_add_loop_test(tc, spf_says_what_the_record_does, 0,
	    COUNT(senders));
	tcase_add_test(tc, questions_are_bounded);
	suite_add_tcase(s, tc);
	return s;
}
