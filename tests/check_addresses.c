/*
 * check_addresses.c - addresses in a header, and what is odd about them.
 *
 * Examples of RFC 5322 appendix A, and those of worksheet 32.
 */
#include <check.h>
#include <string.h>

#include "common/buf.h"
#include "maildir/addresses.h"
#include "maildir/message.h"
#include "tests/suites.h"

static const struct {
	const char *value;
	const char *want; /* "name|address|group;" each, then the remarks */
	const char *odd;  /* a part of an odd remark; NULL: none is odd */
} cases[] = {
	/* clang-format off */
	{ "John Doe <jdoe@machine.example>", "John Doe|jdoe@machine.example|;",
	  NULL },
	{ "\"Joe Q. Public\" <john.q.public@example.com>",
	  "Joe Q. Public|john.q.public@example.com|;", NULL },
	{ "Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
	  "Mary Smith|mary@x.test|;|jdoe@example.org|;Who?|one@y.test|;",
	  NULL },
	{ "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
	  "Ed Jones|c@a.test|A Group;|joe@where.test|A Group;"
	  "John|jdoe@one.test|A Group;", NULL },
	{ "Undisclosed recipients:;", "", NULL },
	{ "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
	  "Pete|pete@silly.test|;", NULL },
	/* worksheet 32 */
	{ "Name <a@x.example>", "Name|a@x.example|;", NULL },
	{ "a@x.example (Name)", "Name|a@x.example|;", NULL },
	{ "g: u1@x.example, u2@x.example;",
	  "|u1@x.example|g;|u2@x.example|g;", NULL },
	{ "g: u1, u2;", "|u1|g;|u2|g;", "\"u1\" has no domain" },
	{ "not: u1, u2", "|u1|not;|u2|not;",
	  "\"not:\" begins a group that no ; ends" },
	/* what else occurs */
	{ "=?ISO-8859-1?Q?Andr=E9?= Pirard <PIRARD@vm1.ulg.ac.be>",
	  "Andr\u00e9 Pirard|PIRARD@vm1.ulg.ac.be|;", NULL },
	{ "<@a.test,@b.test:c@d.test>", "|c@d.test|;", NULL },
	{ "bob@[IPv6:2001:db8::1]", "|bob@[IPv6:2001:db8::1]|;", NULL },
	{ "\"a b\"@x.example", "|\"a b\"@x.example|;", NULL },
	{ "a@x.example b@y.example", "|a@x.example b@y.example|;",
	  "a comma or <> is missing" },
	{ "Bob <bob@x.example", "Bob|bob@x.example|;", "never closed by >" },
	{ "Bob <b@x.example> Carol <c@x.example>",
	  "Bob|b@x.example|;Carol|c@x.example|;", "without a comma" },
	{ "\"Bob <b@x.example>", "|\"Bob <b@x.example>|;", "never closed" },
	{ "b@x.example (Bob", "Bob|b@x.example|;", "never closed" },
	{ "a@x.example;", "|a@x.example|;", "ends no group" },
	{ "<@>", "|@|;", "lacks a side" },
	{ "service@bank.example <x@evil.example>",
	  "service@bank.example|x@evil.example|;", "looks like an address" },
	{ "", "", NULL },
	{ ",,,", "", NULL },
	/* clang-format on */
};

START_TEST(addresses_are_read_and_flagged)
{
	struct addresses addresses;
	struct buf got = BUF_INIT;
	struct buf odd = BUF_INIT;

	addresses_parse(cases[_i].value, strlen(cases[_i].value), &addresses);
	for (size_t i = 0; i < addresses.count; i++)
		buf_printf(&got, "%s|%s|%s;", addresses.list[i].name,
		    addresses.list[i].address, addresses.list[i].group);
	for (size_t i = 0; i < addresses.remark_count; i++)
		if (addresses.remarks[i].odd)
			buf_printf(&odd, "%s\n", addresses.remarks[i].text);
	ck_assert_str_eq(got.data, cases[_i].want);
	if (cases[_i].odd == NULL)
		ck_assert_str_eq(odd.data, "");
	else
		ck_assert_msg(strstr(odd.data, cases[_i].odd) != NULL, "%s",
		    odd.data);
	buf_clear(&got);
	buf_clear(&odd);
	addresses_clear(&addresses);
}
END_TEST

START_TEST(groups_and_old_forms_are_explained)
{
	static const struct {
		const char *value;
		const char *remark;
	} rows[] = {
		{ "g: u1@x, u2@x;", "\"g\" is a group of 2" },
		{ "a@x.example (Name)", "the name stands in a comment" },
		{ "<@a.test:c@d.test>", "means nothing any more" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct addresses addresses;

		addresses_parse(rows[i].value, strlen(rows[i].value),
		    &addresses);
		ck_assert_uint_eq(addresses.remark_count, 1);
		ck_assert_ptr_nonnull(
		    strstr(addresses.remarks[0].text, rows[i].remark));
		ck_assert(!addresses.remarks[0].odd);
		addresses_clear(&addresses);
	}
}
END_TEST

Suite *
addresses_suite(void)
{
	Suite *suite = suite_create("addresses");
	TCase *tc = tcase_create("fields");

	tcase_add_unchecked_fixture(tc, message_library_init, NULL);
	tcase_add_loop_test(tc, addresses_are_read_and_flagged, 0,
	    COUNT(cases));
	tcase_add_test(tc, groups_and_old_forms_are_explained);
	suite_add_tcase(suite, tc);
	return suite;
}
