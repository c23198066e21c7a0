/* check_pop3_words.c - what pop3d says in other languages. */
#include <string.h>

#include "common/buf.h"
#include "common/utf8.h"
#include "pop3d/words.h"
#include "tests/suites.h"

/* RFC 1939 3 has 512 octets in a line; names and numbers need their room. */
enum { LONGEST = 200 };

/* The conversions of a printf format, one behind the other. */
static void
list_conversions(const char *format, struct buf *to)
{
	buf_reset(to);
	for (; *format != '\0'; format++) {
		size_t length = strcspn(format, "disuzlxc");

		if (*format != '%')
			continue;
		buf_add(to, format, length + strspn(format + length, "lzdu"));
		format += length;
	}
}

START_TEST(a_translation_takes_the_same_arguments)
{
	struct buf english = BUF_INIT;
	struct buf spanish = BUF_INIT;
	unsigned i;

	for (i = 0; words_english(i) != NULL; i++) {
		const char *other = words(LANGUAGE_SPANISH, words_english(i));

		list_conversions(words_english(i), &english);
		list_conversions(other, &spanish);
		ck_assert_msg(english.size == spanish.size &&
			memcmp(english.data, spanish.data, english.size) == 0,
		    "%s has %s, and %s has %s", words_english(i), english.data,
		    other, spanish.data);
	}
	ck_assert_uint_gt(i, 50);
	buf_clear(&english);
	buf_clear(&spanish);
}
END_TEST

/* The code in brackets is for programs (RFC 2449 8). */
START_TEST(a_translation_begins_with_the_same_code)
{
	for (unsigned i = 0; words_english(i) != NULL; i++) {
		const char *text = words_english(i);
		size_t code = *text == '[' ? strcspn(text, "]") + 1 : 0;

		ck_assert_int_eq(strncmp(text, words(LANGUAGE_SPANISH, text),
				     code),
		    0);
	}
}
END_TEST

START_TEST(a_translation_is_utf8_and_fits_in_a_line)
{
	for (unsigned i = 0; words_english(i) != NULL; i++) {
		const char *text = words(LANGUAGE_SPANISH, words_english(i));

		ck_assert(utf8_is_valid(text));
		ck_assert_ptr_ne(text, words_english(i));
		ck_assert_uint_lt(strlen(text), LONGEST);
		ck_assert_ptr_eq(words(LANGUAGE_ENGLISH, words_english(i)),
		    words_english(i));
	}
}
END_TEST

/* RFC 4647 3.4: what is more special falls back to what is there. */
static const struct {
	const char *range;
	enum language language;
} ranges[] = {
	{ "en", LANGUAGE_ENGLISH },
	{ "EN-gb", LANGUAGE_ENGLISH },
	{ "es", LANGUAGE_SPANISH },
	{ "es-419", LANGUAGE_SPANISH },
	{ "est", LANGUAGE_UNSET },
	{ "e", LANGUAGE_UNSET },
	{ "", LANGUAGE_UNSET },
	{ "-", LANGUAGE_UNSET },
	{ "mul", LANGUAGE_UNSET },
};

START_TEST(a_language_is_found_by_its_tag)
{
	ck_assert_int_eq(language_find(ranges[_i].range), ranges[_i].language);
}
END_TEST

Suite *
pop3_words_suite(void)
{
	Suite *suite = suite_create("pop3_words");
	TCase *tc = tcase_create("pop3_words");

	tcase_add_test(tc, a_translation_takes_the_same_arguments);
	tcase_add_test(tc, a_translation_begins_with_the_same_code);
	tcase_add_test(tc, a_translation_is_utf8_and_fits_in_a_line);
	tcase_add_loop_test(tc, a_language_is_found_by_its_tag, 0,
	    sizeof(ranges) / sizeof(ranges[0]));
	suite_add_tcase(suite, tc);
	return suite;
}
