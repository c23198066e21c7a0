/*
 * check_people.c - lists of people: what is typed, and what stands in mail.
 * Examples are RFC 5322's (3.4, appendix A.1) and those of exercise 32.
 */
#include <check.h>
#include <string.h>

#include "maildir/message.h"
#include "mua/people.h"
#include "tests/suites.h"

static const struct {
	const char *typed;
	const char *understood; /* NULL: it is not */
} lists[] = {
	/* clang-format off */
	{ "", "" },
	{ "bob@x.example", "bob@x.example" },
	{ " bob@x.example ,carol@y.example,", "bob@x.example, carol@y.example" },
	{ "bob", "bob@campus.example" },
	{ "Bob Builder <bob@x.example>", "Bob Builder <bob@x.example>" },
	{ "<bob@x.example>", "bob@x.example" },
	{ "bob@x.example (Bob Builder)", "Bob Builder <bob@x.example>" },
	{ "\"Doe, John\" <j@x.example>", "\"Doe, John\" <j@x.example>" },
	{ "\"Joe Q. Public\" <john.q.public@example.com>",
	  "\"Joe Q. Public\" <john.q.public@example.com>" },
	{ "\"a b\"@x.example", "\"a b\"@x.example" },
	{ "Mar\u00eda Pe\u00f1a <maria@x.example>",
	  "Mar\u00eda Pe\u00f1a <maria@x.example>" },
	{ "A Group:Ed Jones <joe@where.test>,joe@where.test,John "
	  "<jdoe@one.test>;", "Ed Jones <joe@where.test>, John <jdoe@one.test>" },
	{ "g: u1@x.example, u2@x.example; z@y.example",
	  "u1@x.example, u2@x.example, z@y.example" },
	{ "undisclosed-recipients:;", "" },
	{ "a@[127.0.0.1]", "a@[127.0.0.1]" },
	{ "BOB@x.example, bob@X.EXAMPLE", "BOB@x.example" },
	{ "\u00fc@b\u00fccher.example", "\u00fc@xn--bcher-kva.example" },
	{ "a(((((b@x.example", NULL },
	{ "a@b.example garbage", NULL },
	{ "a@b.example c@d.example", NULL },
	{ "Name <a@b.example", NULL },
	{ "<a@b.example> junk", NULL },
	{ "a@@b.example", NULL },
	{ "a b c", NULL },
	{ "a@b.example, ..@c.example", NULL },
	{ "a@b_!.example", NULL },
	{ "@", NULL },
	/* A colon that was to be a comma: nobody is left out in silence. */
	{ "a@b.example: c@d.example", NULL },
	{ "a@b.example:c@d.example", NULL },
	{ "a@b.example\r\nBcc: c@d.example", NULL },
	{ "<a@b.example>: c@d.example", NULL },
	{ "\"g@h\": c@d.example;", "c@d.example" },
	/* clang-format on */
};

START_TEST(what_is_typed_is_understood_whole_or_not_at_all)
{
	struct people people = { 0 };
	struct buf text = BUF_INIT;
	char why[200] = "";
	bool good = people_parse(lists[_i].typed, "campus.example", &people,
	    why, sizeof(why));

	ck_assert_msg(good == (lists[_i].understood != NULL), "%s: %s",
	    lists[_i].typed, why);
	people_format(&people, &text);
	if (good)
		ck_assert_str_eq(text.data, lists[_i].understood);
	else
		ck_assert_ptr_nonnull(strstr(why, "is no address"));
	if (!good)
		ck_assert_uint_eq(people.count, 0);
	people_clear(&people);
	buf_clear(&text);
}
END_TEST

START_TEST(what_is_shown_can_be_typed_again)
{
	static const char *const names[] = { "a \"b\" c", "x\\y", "O'Neill, P.",
		"=?UTF-8?Q?a?=", "(c)", "a:b;c", "<x@y>" };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct people people = { 0 };
		struct people again = { 0 };
		struct buf text = BUF_INIT;
		char why[200] = "";

		people_add(&people, names[i], "a@b.example");
		people_format(&people, &text);
		ck_assert_msg(people_parse(text.data, NULL, &again, why,
				  sizeof(why)),
		    "%s", why);
		ck_assert_uint_eq(again.count, 1);
		ck_assert_str_eq(again.items[0].address, "a@b.example");
		/* An encoded word in a quoted string means what it says. */
		if (i != 3)
			ck_assert_str_eq(again.items[0].name, names[i]);
		people_clear(&people);
		people_clear(&again);
		buf_clear(&text);
	}
}
END_TEST

START_TEST(foreign_fields_give_what_can_be_an_address)
{
	static const char value[] =
	    " =?ISO-8859-1?Q?Cami=F3n?= <c@x.example>,\n\tnot: u1, u2;,\n"
	    " \"evil\r\nBcc: v\" <e@x.example>, =?utf-8?q?a=0ab?= <f@x.example>\n";
	struct people people = { 0 };

	people_read(value, sizeof(value) - 1, &people);
	ck_assert_uint_eq(people.count, 3);
	ck_assert_str_eq(people.items[0].name, "Cami\u00f3n");
	ck_assert_str_eq(people.items[1].address, "e@x.example");
	ck_assert_ptr_null(strpbrk(people.items[1].name, "\r\n"));
	ck_assert_ptr_null(strpbrk(people.items[2].name, "\r\n"));
	people_clear(&people);
}
END_TEST

Suite *
people_suite(void)
{
	Suite *suite = suite_create("people");
	TCase *tc = tcase_create("people");

	tcase_add_unchecked_fixture(tc, message_library_init, NULL);
	tcase_add_loop_test(tc, what_is_typed_is_understood_whole_or_not_at_all,
	    0, COUNT(lists));
	tcase_add_test(tc, what_is_shown_can_be_typed_again);
	tcase_add_test(tc, foreign_fields_give_what_can_be_an_address);
	suite_add_tcase(suite, tc);
	return suite;
}
