/* check_orcpt.c - ORCPT (RFC 3461 4.2, RFC 6533 3), and UTF-8 (RFC 3629 4). */
#include <stdlib.h>
#include <string.h>

#include "common/orcpt.h"
#include "common/utf8.h"
#include "tests/suites.h"

/* What VALUE is without and with SMTPUTF8, and the address in it, or NULL. */
static const struct {
	const char *value;
	bool plain;
	bool international;
	const char *address;
} values[] = {
	/* clang-format off */
	/* RFC 3461 10, the examples */
	{ "rfc822;Bob@Example.COM", true, true, "Bob@Example.COM" },
	{ "rfc822;Dana@Ivory.EDU",  true, true, "Dana@Ivory.EDU" },
	{ "RFC822;a+2Bb+3Dc@x",     true, true, "a+b=c@x" },
	{ "x400;/C=US/",            false, false, NULL },
	{ "x400;/C+3DUS/",          true, true, NULL },
	{ "rfc822;a+0D+0Ab@x",      true, true, NULL },
	{ "rfc822;+C3+B6@x",        true, true, NULL },
	{ "rfc822;a+zz@x",          false, false, NULL },
	{ "rfc822;a=b@x",           false, false, NULL },
	{ "rfc822;",                false, false, NULL },
	{ "rfc822",                 false, false, NULL },
	{ ";a@x",                   false, false, NULL },
	{ "a b;c",                  false, false, NULL },
	{ "",                       false, false, NULL },
	/* RFC 6533 3 */
	{ "utf-8;J\\x{F6}rg@x",     true, true, "J\xc3\xb6rg@x" },
	{ "utf-8;J\xc3\xb6rg@x",    false, true, "J\xc3\xb6rg@x" },
	{ "UTF-8;\\x{1F600}@x",     true, true, "\xf0\x9f\x98\x80@x" },
	{ "utf-8;a\\x{2B}b@x",      true, true, "a+b@x" },
	{ "utf-8;a+2Bb@x",          false, false, NULL },
	{ "utf-8;a\\x{0D}b@x",      true, true, NULL },
	{ "utf-8;a\\x{85}b@x",      true, true, NULL },
	{ "utf-8;\\x{D800}@x",      false, false, NULL },
	{ "utf-8;\\x{110000}@x",    false, false, NULL },
	{ "utf-8;\\x{00}@x",        false, false, NULL },
	{ "utf-8;\\x{f6}@x",        false, false, NULL },
	{ "utf-8;a\\b@x",           false, false, NULL },
	{ "utf-8;\xf6@x",           false, false, NULL },
	/* clang-format on */
};

START_TEST(an_original_recipient_is_read_to_the_letter)
{
	const char *value = values[_i].value;
	char address[100];
	bool good = orcpt_decode(value, address, sizeof(address));

	ck_assert_int_eq(orcpt_is_valid(value, false), values[_i].plain);
	ck_assert_int_eq(orcpt_is_valid(value, true), values[_i].international);
	if (values[_i].plain || values[_i].international)
		ck_assert_int_eq(good, values[_i].address != NULL);
	if (good)
		ck_assert_str_eq(address, values[_i].address);
}
END_TEST

START_TEST(it_is_500_octets_long_at_most)
{
	char value[ORCPT_MAX + 2];

	memset(value, 'a', sizeof(value));
	memcpy(value, "rfc822;", 7);
	value[ORCPT_MAX] = '\0';
	ck_assert(orcpt_is_valid(value, false));
	value[ORCPT_MAX] = 'a';
	value[ORCPT_MAX + 1] = '\0';
	ck_assert(!orcpt_is_valid(value, false));
}
END_TEST

static const struct {
	const char *address;
	const char *value;
} encoded[] = {
	/* clang-format off */
	{ "alice@campus.example",  "rfc822;alice@campus.example" },
	{ "a+b=c@x",               "rfc822;a+2Bb+3Dc@x" },
	{ "\"a b\"@x",             "rfc822;\"a+20b\"@x" },
	{ "J\xc3\xb6rg+x@x",       "utf-8;J\xc3\xb6rg\\x{2B}x@x" },
	{ "\"\xc3\xb6 b\\\\\"@x",  "utf-8;\"\xc3\xb6\\x{20}b\\x{5C}\\x{5C}\"@x" },
	/* clang-format on */
};

START_TEST(what_is_written_can_be_read)
{
	struct buf value = BUF_INIT;
	char address[100];

	orcpt_encode(encoded[_i].address, &value);
	ck_assert_str_eq(value.data, encoded[_i].value);
	ck_assert(orcpt_is_valid(value.data, true));
	ck_assert(orcpt_decode(value.data, address, sizeof(address)));
	ck_assert_str_eq(address, encoded[_i].address);
	buf_clear(&value);
}
END_TEST

static const struct {
	const char *text;
	bool valid;
} texts[] = {
	/* clang-format off */
	{ "", true },
	{ "abc", true },
	{ "\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80", true },
	{ "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", true },
	{ "\x80", false },
	{ "\xc0\x80", false },
	{ "\xc1\xbf", false },
	{ "\xe0\x9f\xbf", false },
	{ "\xed\xa0\x80", false },
	{ "\xf0\x8f\xbf\xbf", false },
	{ "\xf4\x90\x80\x80", false },
	{ "\xf5\x80\x80\x80", false },
	{ "\xe2\x82", false },
	{ "\xe2", false },
	{ "\xf0\x90\x80", false },
	/* clang-format on */
};

START_TEST(utf_8_is_what_rfc_3629_says)
{
	ck_assert_int_eq(utf8_is_valid(texts[_i].text), texts[_i].valid);
}
END_TEST

Suite *
orcpt_suite(void)
{
	Suite *suite = suite_create("orcpt");
	TCase *tc = tcase_create("orcpt");

	tcase_add_loop_test(tc, an_original_recipient_is_read_to_the_letter, 0,
	    COUNT(values));
	tcase_add_test(tc, it_is_500_octets_long_at_most);
	tcase_add_loop_test(tc, what_is_written_can_be_read, 0, COUNT(encoded));
	tcase_add_loop_test(tc, utf_8_is_what_rfc_3629_says, 0, COUNT(texts));
	suite_add_tcase(suite, tc);
	return suite;
}
