/* check_address.c - RFC 5321 paths, host names, RFC 3461 xtext. */
#include <stdlib.h>
#include <string.h>

#include "common/address.h"
#include "common/mem.h"
#include "tests/suites.h"

/* What is read from LINE, and what is left of it; local NULL: refused. */
struct path_case {
	const char *line;
	const char *local;
	const char *domain;
	const char *rest;
};

#define X63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

/* clang-format off */
static const struct path_case strict_cases[] = {
	{ "<alice@campus.example>",        "alice", "campus.example", "" },
	{ "<alice@campus.example> SIZE=1", "alice", "campus.example", " SIZE=1" },
	{ "<>",                            "", "", "" },
	{ "<Postmaster>",                  "Postmaster", "", "" },
	{ "<100012345@campus.example>",    "100012345", "campus.example", "" },
	{ "<a+b=c/d@x-1.example>",         "a+b=c/d", "x-1.example", "" },
	{ "<a@localhost>",                 "a", "localhost", "" },
	{ "<\"a b\"@x>",                   "a b", "x", "" },
	{ "<\"a\\\"b\\\\c\"@x>",           "a\"b\\c", "x", "" },
	{ "<\"<>@,\"@x>",                  "<>@,", "x", "" },
	{ "<@one.example,@two.example:a@x>", "a", "x", "" },
	{ "<a@[192.0.2.1]>",               "a", "[192.0.2.1]", "" },
	{ "<a@[IPv6:2001:db8::1]>",        "a", "[IPv6:2001:db8::1]", "" },
	{ "<" X63 "a@x>",                  X63 "a", "x", "" },
	{ "<a@" X63 ".example>",           "a", X63 ".example", "" },
	/* RFC 6531 3.3; the A-label of RFC 3492 7.1's kind */
	{ "<J\xc3\xb6rg@x>",                "J\xc3\xb6rg", "x", "" },
	{ "<\"\xe2\x82\xac 5\"@x>",        "\xe2\x82\xac 5", "x", "" },
	{ "<a@B\xc3\xbc" "cher.example>",   "a", "xn--bcher-kva.example", "" },
	/* refused */
	{ "",                     NULL, NULL, NULL },
	{ "alice@campus.example", NULL, NULL, NULL },
	{ " <alice@x>",           NULL, NULL, NULL },
	{ "Alice <alice@x>",      NULL, NULL, NULL },
	{ "<alice@x",             NULL, NULL, NULL },
	{ "<alice>",              NULL, NULL, NULL },
	{ "<@x>",                 NULL, NULL, NULL },
	{ "<alice@>",             NULL, NULL, NULL },
	{ "< alice@x>",           NULL, NULL, NULL },
	{ "<alice@x >",           NULL, NULL, NULL },
	{ "<al ice@x>",           NULL, NULL, NULL },
	{ "<.alice@x>",           NULL, NULL, NULL },
	{ "<alice.@x>",           NULL, NULL, NULL },
	{ "<al..ice@x>",          NULL, NULL, NULL },
	{ "<a@x.>",               NULL, NULL, NULL },
	{ "<a@.x>",               NULL, NULL, NULL },
	{ "<a@-x>",               NULL, NULL, NULL },
	{ "<a@x_y>",              NULL, NULL, NULL },
	{ "<a@b@c>",              NULL, NULL, NULL },
	{ "<a@[192.0.2.256]>",    NULL, NULL, NULL },
	{ "<a@[IPv6:1:2]>",       NULL, NULL, NULL },
	{ "<a@[192.0.2.1>",       NULL, NULL, NULL },
	{ "<a@[]>",               NULL, NULL, NULL },
	{ "<\"\"@x>",             NULL, NULL, NULL },
	{ "<\"a@x>",              NULL, NULL, NULL },
	{ "<\"a\\",               NULL, NULL, NULL },
	{ "<\"a\tb\"@x>",         NULL, NULL, NULL },
	{ "<@one.example a@x>",   NULL, NULL, NULL },
	{ "<" X63 "ab@x>",        NULL, NULL, NULL },
	{ "<a@" X63 "a.example>", NULL, NULL, NULL },
	{ "<a\xc2\x85" "b@x>",      NULL, NULL, NULL },
	{ "<\"a\xc2\x9b\"@x>",     NULL, NULL, NULL },
	/* neither ASCII nor UTF-8: Latin-1, overlong, a surrogate, cut */
	{ "<J\xf6rg@x>",         NULL, NULL, NULL },
	{ "<\xc0\xafx@x>",      NULL, NULL, NULL },
	{ "<\xed\xa0\x80@x>",  NULL, NULL, NULL },
	{ "<J\xc3@x>",           NULL, NULL, NULL },
	{ "<a@\xf6.example>",    NULL, NULL, NULL },
	{ "<a@\xe2\x98.example>", NULL, NULL, NULL },
};

static const struct path_case classroom_cases[] = {
	{ "<alice@x>",                     "alice", "x", "" },
	{ " alice@campus.example",         "alice", "campus.example", "" },
	{ "alice@x SIZE=99",               "alice", "x", " SIZE=99" },
	{ "  <alice@x> BODY=7BIT",         "alice", "x", " BODY=7BIT" },
	{ " Bill Clinton <clinton@whitehouse.gov>",
	    "clinton", "whitehouse.gov", "" },
	{ "\"Clinton, <Bill>\" <clinton@x>", "clinton", "x", "" },
	{ "alice@x (Alice (the first))",   "alice", "x", "" },
	{ "<alice@x> (Alice) SIZE=5",      "alice", "x", " SIZE=5" },
	{ "alice@x <bob@y>",               "bob", "y", "" },
	{ "<>",                            "", "", "" },
	{ " <postmaster>",                 "postmaster", "", "" },
	{ "alice@x AUTH=<>",               "alice", "x", " AUTH=<>" },
	/* refused */
	{ "",                 NULL, NULL, NULL },
	{ "  ",               NULL, NULL, NULL },
	{ "alice",            NULL, NULL, NULL },
	{ "alice AUTH=<>",    NULL, NULL, NULL },
	{ "alice@x,bob@y",    NULL, NULL, NULL },
	{ "alice@x>",         NULL, NULL, NULL },
	{ "Alice <alice>",    NULL, NULL, NULL },
	{ "Alice <alice@x",   NULL, NULL, NULL },
};
/* clang-format on */

static void
check_path(const struct path_case *c, enum leniency leniency)
{
	struct address address;
	const char *cursor = c->line;
	const char *why = NULL;
	bool good = address_parse_path(&cursor, leniency, &address, &why);

	ck_assert_msg(good == (c->local != NULL), "%s: %s", c->line,
	    good ? "taken" : why);
	if (!good) {
		ck_assert_ptr_nonnull(why);
		ck_assert_ptr_eq(cursor, c->line);
		return;
	}
	ck_assert_str_eq(address.local, c->local);
	ck_assert_str_eq(address.domain, c->domain);
	ck_assert_str_eq(cursor, c->rest);
}

START_TEST(strict_paths_follow_rfc_5321)
{
	check_path(&strict_cases[_i], STRICT);
}
END_TEST

START_TEST(the_classroom_takes_what_people_type)
{
	check_path(&classroom_cases[_i], CLASSROOM);
}
END_TEST

/* What an address is in text; NULL text: as the input. */
static const struct {
	const char *input;
	const char *text;
} format_cases[] = {
	/* clang-format off */
	{ "alice@campus.example", NULL },
	{ "\"a b\"@x",            NULL },
	{ "\"a\\\"b\\\\\"@x",     NULL },
	{ "\".a\"@x",             NULL },
	{ "\"a..b\"@x",           NULL },
	{ "\"alice\"@x",          "alice@x" },
	{ "\"a\\l\"@x",           "al@x" },
	/* clang-format on */
};

START_TEST(an_address_is_quoted_only_where_it_must)
{
	const char *input = format_cases[_i].input;
	const char *text = format_cases[_i].text;
	struct address address;
	char out[ADDRESS_TEXT_MAX];

	ck_assert(address_parse(input, &address));
	ck_assert_str_eq(address_format(&address, out, sizeof(out)),
	    text ? text : input);
}
END_TEST

START_TEST(the_null_path_is_empty_text)
{
	struct address null = { .local = "" };
	char out[ADDRESS_TEXT_MAX] = "x";

	ck_assert(address_is_null(&null));
	ck_assert_str_eq(address_format(&null, out, sizeof(out)), "");
}
END_TEST

START_TEST(the_longest_address_fits_its_buffer)
{
	struct address address = { .local = "" };
	struct address again;
	char out[ADDRESS_TEXT_MAX];

	memset(address.local, '"', LOCAL_PART_MAX);
	for (size_t i = 0; i < DOMAIN_MAX; i++)
		address.domain[i] = i % 2 == 0 ? 'a' : '.';
	address_format(&address, out, sizeof(out));
	ck_assert(address_parse(out, &again));
	ck_assert(address_equal(&address, &again));
}
END_TEST

START_TEST(a_whole_address_has_nothing_before_or_behind)
{
	static const char *const wrong[] = { "", "alice", "<alice@x>",
		"alice@x ", " alice@x", "alice@x,bob@x", "@x" };
	struct address address;

	for (size_t i = 0; i < COUNT(wrong); i++)
		ck_assert_msg(!address_parse(wrong[i], &address), "%s",
		    wrong[i]);
}
END_TEST

/* Who may not use SMTPUTF8 must not have done so, whatever came of it. */
START_TEST(other_letters_than_ascii_are_noted)
{
	struct address address;

	ck_assert(address_parse("alice@campus.example", &address));
	ck_assert(!address.utf8);
	ck_assert(address_parse("a@b\xc3\xbc"
				"cher.example",
	    &address));
	ck_assert(address.utf8);
	ck_assert(address_parse("\xce\xb1@campus.example", &address));
	ck_assert(address.utf8);
}
END_TEST

START_TEST(only_the_domain_ignores_case)
{
	struct address a = { .local = "alice", .domain = "Campus.Example" };
	struct address b = { .local = "alice", .domain = "campus.example" };
	struct address c = { .local = "Alice", .domain = "campus.example" };

	ck_assert(address_equal(&a, &b));
	ck_assert(!address_equal(&b, &c));
}
END_TEST

/* RFC 3461: clear text and its xtext; NULL clear: no xtext. */
static const struct {
	const char *clear;
	const char *xtext;
} xtext_cases[] = {
	/* clang-format off */
	{ "QQ314159",   "QQ314159" },
	{ "a+b=c",      "a+2Bb+3Dc" },
	{ "a b\x7f",    "a+20b+7F" },
	{ "rfc822;Bob@Big-Bucks.com", "rfc822;Bob@Big-Bucks.com" },
	{ NULL,         "a b" },
	{ NULL,         "a=b" },
	{ NULL,         "+2" },
	{ NULL,         "+" },
	{ NULL,         "+2b" },
	{ NULL,         "+G0" },
	{ NULL,         "+00" },
	{ NULL,         "\xc3\xb6" },
	/* clang-format on */
};

START_TEST(xtext_goes_both_ways_and_is_checked)
{
	const char *clear = xtext_cases[_i].clear;
	const char *xtext = xtext_cases[_i].xtext;
	char out[100];

	ck_assert(xtext_decode(xtext, out, sizeof(out)) == (clear != NULL));
	if (clear == NULL)
		return;
	ck_assert_str_eq(out, clear);
	ck_assert(xtext_encode(clear, out, sizeof(out)));
	ck_assert_str_eq(out, xtext);
	ck_assert(!xtext_encode(clear, out, strlen(xtext)));
	ck_assert(!xtext_decode(xtext, out, strlen(clear)));
}
END_TEST

Suite *
address_suite(void)
{
	Suite *suite = suite_create("address");
	TCase *tc = tcase_create("address");

	tcase_add_loop_test(tc, strict_paths_follow_rfc_5321, 0,
	    COUNT(strict_cases));
	tcase_add_loop_test(tc, the_classroom_takes_what_people_type, 0,
	    COUNT(classroom_cases));
	tcase_add_loop_test(tc, an_address_is_quoted_only_where_it_must, 0,
	    COUNT(format_cases));
	tcase_add_test(tc, the_null_path_is_empty_text);
	tcase_add_test(tc, the_longest_address_fits_its_buffer);
	tcase_add_test(tc, a_whole_address_has_nothing_before_or_behind);
	tcase_add_test(tc, only_the_domain_ignores_case);
	tcase_add_test(tc, other_letters_than_ascii_are_noted);
	tcase_add_loop_test(tc, xtext_goes_both_ways_and_is_checked, 0,
	    COUNT(xtext_cases));
	suite_add_tcase(suite, tc);
	return suite;
}
