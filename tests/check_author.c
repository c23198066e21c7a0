/*
 * check_author.c - whose From it is, and whose Authentication-Results.
 */
#include <string.h>

#include "common/buf.h"
#include "common/mem.h"
#include "smtpd/author.h"
#include "tests/suites.h"

/* clang-format off */
static const struct {
	const char *from;
	const char *domain; /* NULL: nobody's */
} authors[] = {
	/* RFC 5322 A.1, A.5, A.6 */
	{ " John Doe <jdoe@machine.example>\n", "machine.example" },
	{ " \"Joe Q. Public\" <john.q.public@Example.COM>\n", "example.com" },
	{ " Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>\n",
	  "silly.test" },
	{ " Mary Smith\n <mary@\n x.test>\n", "x.test" },
	{ " jdoe@test   . example", "test.example" },
	{ " <@node.test,@other.test:joe@where.test>", "where.test" },
	{ " A Group:a@x.test, Bob <b@x.test>;", "x.test" },
	{ " a@x.test, b@X.Test", "x.test" },
	{ " joe@x.test.", "x.test" },
	/* what only looks like an address */
	{ " \"ceo@bank.example\" <eve@evil.test>", "evil.test" },
	{ " ceo@bank.example <eve@evil.test>", "evil.test" },
	{ " (ceo@bank.example) eve@evil.test", "evil.test" },
	{ " \"<ceo@bank.example>, \" eve@evil.test", "evil.test" },
	{ " \"a\\\"@b.test\" <eve@evil.test>", "evil.test" },
	{ " joe@b\303\274cher.example", "xn--bcher-kva.example" },
	/* nobody */
	{ "", NULL },
	{ " \n", NULL },
	{ " undisclosed:;", NULL },
	{ " joe", NULL },
	{ " a@x.test, b@y.test", NULL },
	{ " <a@x.test> <b@y.test>", NULL },
	{ " <a@x.test> b@y.test", NULL },
	{ " <a@x.test", NULL },
	{ " a@[192.0.2.1]", NULL },
	{ " a@-x-.te st@", NULL },
	{ " (without an end a@x.test", NULL },
};

/* Of mail.campus.example? */
static const struct {
	const char *value;
	bool ours;
} results[] = {
	{ " mail.campus.example; none\n", true },
	{ " MAIL.campus.EXAMPLE ; none", true },
	{ "\n\tmail.campus.example\n\t1; spf=pass", true },
	{ " (c (o\\)) m) mail.campus.example; none", true },
	{ " \"mail.campus.example\"; none", true },
	{ " \"mail\\.campus.example\"; none", true },
	{ " mail.campus.example.; none", true },
	{ " mail.campus.example(ha); none", true },
	{ " mail.campus.example", true },
	{ "", true },
	{ " ; none", true },
	{ " (without an end; none", true },
	{ " a,mail.campus.example; none", true },
	{ " \"un\"ended\" mail.campus.example; none", true },
	{ " mx.google.com; spf=pass", false },
	{ " xmail.campus.example; none", false },
	{ " mail.campus.example.net; none", false },
	{ " campus.example; none", false },
	{ " other.example (mail.campus.example); none", false },
	{ " spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=x.test;", false },
	{ " b\303\274cher.example; none", false },
};
/* clang-format on */

START_TEST(the_author_is_who_stands_in_the_brackets)
{
	char domain[DOMAIN_MAX + 1];
	const char *from = authors[_i].from;
	bool found = author_domain(from, strlen(from), domain);

	ck_assert_msg(found == (authors[_i].domain != NULL), "%s: %s", from,
	    domain);
	if (found)
		ck_assert_str_eq(domain, authors[_i].domain);
}
END_TEST

/* RFC 7489 6.6.1: all of them; "?" where an address cannot be read. */
static const struct {
	const char *from;
	const char *domains;
} lists[] = {
	/* clang-format off */
	{ " a@x.test, B <b@Y.test>, c@x.test", "x.test y.test " },
	{ " A Group:a@x.test, Bob <b@y.test>;", "x.test y.test " },
	{ " a@x.test, joe, b@[192.0.2.1]", "x.test " },
	{ " undisclosed:;", "" },
	{ " joe", "" },
	{ " a@[192.0.2.1]", "" },
	{ " <a@x.test> <b@y.test>", "?" },
	{ " a@x.test, <b@y.test", "x.test ?" },
	{ " <a@x.test, b@y.test>", "?" },
	{ " a@x.test@y.test", "?" },
	{ " <a@x.test@y.test>", "?" },
	{ " a@x.test, b@-", "x.test ?" },
	{ " <@node.test,@other.test:joe@where.test>", "where.test " },
	{ " joe@[IPv6:2001:db8::1], <joe@[IPv6:2001:db8::1]>", "" },
	/* what one reader hides and another one shows */
	{ " <ceo@bank.test x@[192.0.2.1]>", "?" },
	{ " ceo@bank.test <x@[192.0.2.1]>", "?" },
	{ " <@ceo@bank.test:x@y.test>", "?" },
	{ " <@node.test,ceo@bank.test:x@y.test>", "?" },
	{ " <@node.test:ceo@bank.test,x@y.test>", "?" },
	{ " ceo@bank.test: x@y.test;", "y.test ?" },
	{ " \"ceo <ceo@bank.test>", "?" },
	{ " x@y.test, (ceo@bank.test", "y.test ?" },
	{ " x@y.test (without an end", "y.test " },
	{ "a@1.t,a@2.t,a@3.t,a@4.t,a@5.t,a@6.t,a@7.t,a@8.t,a@1.t",
	  "1.t 2.t 3.t 4.t 5.t 6.t 7.t 8.t " },
	{ "a@1.t,a@2.t,a@3.t,a@4.t,a@5.t,a@6.t,a@7.t,a@8.t,a@9.t",
	  "1.t 2.t 3.t 4.t 5.t 6.t 7.t 8.t ?" },
	/* clang-format on */
};

START_TEST(all_domains_in_from_are_found)
{
	struct authors read;
	struct buf found = BUF_INIT;

	author_domains(lists[_i].from, strlen(lists[_i].from), &read);
	for (size_t i = 0; i < read.count; i++)
		buf_printf(&found, "%s ", read.domains[i]);
	if (read.odd)
		buf_addchar(&found, '?');
	ck_assert_str_eq(found.data, lists[_i].domains);
	buf_clear(&found);
}
END_TEST

START_TEST(results_in_our_name_are_known)
{
	const char *value = results[_i].value;

	ck_assert_msg(author_claims(value, strlen(value),
			  "mail.campus.example") == results[_i].ours,
	    "%s", value);
}
END_TEST

Suite *
author_suite(void)
{
	Suite *s = suite_create("author");
	TCase *tc = tcase_create("author");

	tcase_add_loop_test(tc, the_author_is_who_stands_in_the_brackets, 0,
	    COUNT(authors));
	tcase_add_loop_test(tc, all_domains_in_from_are_found, 0, COUNT(lists));
	tcase_add_loop_test(tc, results_in_our_name_are_known, 0,
	    COUNT(results));
	suite_add_tcase(s, tc);
	return s;
}
